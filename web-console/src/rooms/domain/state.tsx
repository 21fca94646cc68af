import { Badge, Group } from "@mantine/core";
import type { DomainState } from "../../api/types";
import { useSpeech } from "../../i18n";

const COLOURS: Record<DomainState, string> = { pending: "gray", verified: "teal", failing: "red" };

/** How a domain stands, and whether addresses begin with it. */
export function State({ status }: { status: { state: DomainState; canonical: boolean } }) {
  const { t } = useSpeech();
  return (
    <Group gap="xs">
      <Badge color={COLOURS[status.state]}>{t.domains.states[status.state]}</Badge>
      {status.canonical && <Badge color="petrol">{t.domains.canonical}</Badge>}
    </Group>
  );
}
