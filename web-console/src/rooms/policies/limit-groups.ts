import type { LimitSpec } from "../../api/types";

export type Limit = keyof LimitSpec;

/** The limits by what they guard, in the order in which people meet them. */
export const LIMIT_GROUPS = {
  signIn: ["signInPair", "signInAccount", "signInNetwork", "signInTenant"],
  codes: ["codePause", "codeAddress", "codeAddressLong", "codeNetwork", "codeTenant"],
  tries: ["tryAddress", "tryNetwork", "tryTenant"],
  signUp: ["signUpNetwork", "signUpTenant"],
  other: ["lookUpNetwork", "captchaNetwork", "clientNetwork", "providerBeginNetwork", "providerCallbackNetwork"],
} as const satisfies Record<string, readonly Limit[]>;
export type LimitGroup = keyof typeof LIMIT_GROUPS;

/** What holds where nobody decided: the API has no other way back to it, and a story compares it with a new server. */
export const LIMIT_DEFAULTS: LimitSpec = {
  signInPair: { free: 5, firstSeconds: 30, longestSeconds: 900, most: 50 },
  signInAccount: { free: 20, firstSeconds: 30, longestSeconds: 3_600, most: 50 },
  signInNetwork: { most: 100, seconds: 600 },
  signInTenant: { most: 1_000, seconds: 600 },
  codePause: { most: 1, seconds: 60 },
  codeAddress: { most: 5, seconds: 600 },
  codeAddressLong: { most: 20, seconds: 86_400 },
  codeNetwork: { most: 100, seconds: 3_600 },
  codeTenant: { most: 3_000, seconds: 3_600 },
  tryAddress: { most: 10, seconds: 86_400 },
  tryNetwork: { most: 30, seconds: 3_600 },
  tryTenant: { most: 100, seconds: 600 },
  signUpNetwork: { most: 100, seconds: 3_600 },
  signUpTenant: { most: 1_000, seconds: 3_600 },
  lookUpNetwork: { most: 30, seconds: 600 },
  captchaNetwork: { most: 30, seconds: 600 },
  clientNetwork: { most: 300, seconds: 600 },
  providerBeginNetwork: { most: 30, seconds: 600 },
  providerCallbackNetwork: { most: 60, seconds: 600 },
};

/** Whether all limits of a group are as they are where nobody decided. */
export function isDefault(limits: object, group: LimitGroup): boolean {
  const given = limits as Record<Limit, Record<string, unknown>>;
  return LIMIT_GROUPS[group].every((limit) =>
    Object.entries(LIMIT_DEFAULTS[limit]).every(([field, value]) => given[limit][field] === value),
  );
}
