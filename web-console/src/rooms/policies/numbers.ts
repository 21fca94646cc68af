import type { Texts } from "../../i18n/texts";

/** What stands in a field for a number: nothing while somebody types, or more digits than a number can have. */
export type Digits = number | string;

/** Why a form cannot be sent with what stands in a field for a number; what numbers are good is the server's to say. */
export function noNumber(t: Texts): (value: Digits) => string | null {
  return (value) => (typeof value === "number" && Number.isFinite(value) ? null : t.common.numberMissing);
}
