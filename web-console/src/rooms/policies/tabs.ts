export const POLICY_TABS = ["passwords", "sign-up", "sessions", "signing-keys", "limits", "captcha", "branding", "authentication", "cross-origin"] as const;
export type PolicyTab = (typeof POLICY_TABS)[number];
