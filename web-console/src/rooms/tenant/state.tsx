import { Badge } from "@mantine/core";
import type { TenantState } from "../../api/types";
import { useSpeech } from "../../i18n";

const COLOURS: Record<TenantState, string> = { founding: "gray", active: "teal", suspended: "red", deleting: "red" };

/** How a tenant stands. */
export function State({ state }: { state: TenantState }) {
  const { t } = useSpeech();
  return <Badge color={COLOURS[state]}>{t.tenants.states[state]}</Badge>;
}
