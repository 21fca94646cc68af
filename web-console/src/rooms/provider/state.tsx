import { Badge } from "@mantine/core";
import type { ProviderConfig } from "../../api/types";
import { useSpeech } from "../../i18n";

/** Whether people can sign in through a provider. */
export function StateBadge({ provider: { status } }: { provider: ProviderConfig }) {
  const { t } = useSpeech();
  const { states } = t.providers;
  if (status.enabled) return <Badge color="teal">{states.enabled}</Badge>;
  return <Badge color="gray">{status.missing.length > 0 ? states.incomplete : states.disabled}</Badge>;
}
