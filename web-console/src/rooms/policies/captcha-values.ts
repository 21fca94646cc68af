import type { components } from "../../api/schema";
import type { CaptchaPolicy } from "../../api/types";
import type { Digits } from "./numbers";

type Spec = CaptchaPolicy["spec"];

export const PROVIDERS = ["none", "turnstile", "hcaptcha", "recaptcha"] as const;
export const SIGN_INS = ["never", "afterFailures", "always"] as const;
export const OUTAGES = ["refuse", "allow"] as const;

/** What stands in the form for CAPTCHAs. */
export interface CaptchaValues {
  provider: Spec["provider"];
  siteKey: string;
  /** A new secret; the one that is there is never shown. */
  secret: string;
  hostnames: string[];
  minScore: Digits;
  required: { signUp: boolean; sendCode: boolean; resetPassword: boolean; signIn: (typeof SIGN_INS)[number] };
  onOutage: Spec["onOutage"];
}

export function captchaValues({ spec }: CaptchaPolicy): CaptchaValues {
  const { signUp = false, sendCode = false, resetPassword = false, signIn = "never" } = spec.required;
  return {
    provider: spec.provider,
    siteKey: spec.siteKey,
    secret: "",
    hostnames: spec.hostnames,
    minScore: spec.minScore,
    required: { signUp, sendCode, resetPassword, signIn },
    onOutage: spec.onOutage,
  };
}

/** Whether the secret that is there is of this provider, so that none has to be given. */
export function secretKept({ spec }: CaptchaPolicy, provider: Spec["provider"]): boolean {
  return spec.secretSet && spec.provider === provider;
}

const NONE: components["schemas"]["UpdateCaptchaSpec"] = {
  provider: "none",
  siteKey: "",
  hostnames: [],
  minScore: 0.5,
  required: { signUp: false, sendCode: false, resetPassword: false, signIn: "never" },
  onOutage: "refuse",
};

/** What the server is asked for: without a provider, nothing can be required, and nothing else counts. */
export function wantedCaptcha({ secret, ...values }: CaptchaValues): components["schemas"]["UpdateCaptchaSpec"] {
  if (values.provider === "none") return NONE;
  return {
    ...values,
    siteKey: values.siteKey.trim(),
    minScore: Number(values.minScore),
    ...(secret !== "" && { secret }),
  };
}
