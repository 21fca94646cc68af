import { IconCircleCheckFilled, IconCircleDotted, IconList, IconMinus, IconUser } from "@tabler/icons-react";
import type { Scope } from "../api/types";
import { useSpeech } from "../i18n";

const ICONS = { all: IconCircleCheckFilled, own: IconUser, some: IconList, none: IconMinus } as const;
const COLOURS = {
  all: "var(--mantine-color-teal-light-color)",
  own: "var(--mantine-color-petrol-light-color)",
  some: "var(--mantine-color-yellow-light-color)",
  none: "var(--console-line)",
} as const;

/** How far a permission goes, as a sign with its word. */
export function ScopeMark({ scope, size = 18 }: { scope?: Scope; size?: number }) {
  const { t } = useSpeech();
  const kind = scope ?? "none";
  const Icon = ICONS[kind] ?? IconCircleDotted;
  return <Icon size={size} color={COLOURS[kind]} role="img" aria-label={t.scope[kind]} />;
}

/** What the signs mean. */
export function ScopeLegend() {
  const { t } = useSpeech();
  return (
    <div style={{ display: "flex", flexWrap: "wrap", gap: 16, fontSize: "0.8125rem" }} aria-hidden>
      {(["all", "own", "some", "none"] as const).map((kind) => (
        <span key={kind} style={{ display: "inline-flex", alignItems: "center", gap: 6 }}>
          <ScopeMark scope={kind === "none" ? undefined : kind} size={16} /> {t.scope[kind]}
        </span>
      ))}
    </div>
  );
}
