import type { components } from "../../api/schema";
import type { PasswordPolicy } from "../../api/types";
import type { Digits } from "./numbers";

type Wanted = components["schemas"]["WantedPasswordSpec"];

export const PRESETS = ["nist-single", "nist-mfa", "legacy-classes", "custom"] as const;
export const CLASSES = ["lower", "upper", "digit", "special"] as const;
export const SCORES = [0, 1, 2, 3, 4] as const;

/** What stands in the form for passwords. */
export interface PasswordValues {
  preset: Wanted["preset"];
  minLength: Digits;
  maxLength: Digits;
  requireClasses: string[];
  blocklist: { common: boolean; contextWords: boolean; words: string[] };
  minEstimatorScore: string;
}

export function passwordValues({ spec }: PasswordPolicy): PasswordValues {
  return { ...spec, minEstimatorScore: String(spec.minEstimatorScore) };
}

/** What the server is asked for: all rules are given only where they are the tenant's own. */
export function wantedPassword(values: PasswordValues): Wanted {
  const { preset, blocklist } = values;
  if (preset !== "custom") return { preset, blocklist: { words: blocklist.words } };
  return {
    preset,
    minLength: Number(values.minLength),
    maxLength: Number(values.maxLength),
    requireClasses: CLASSES.filter((kind) => values.requireClasses.includes(kind)),
    blocklist,
    minEstimatorScore: Number(values.minEstimatorScore),
  };
}
