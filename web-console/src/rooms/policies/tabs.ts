export const POLICY_TABS = ["passwords", "sign-up", "sessions", "limits", "captcha", "branding", "authentication", "cross-origin"] as const;
export type PolicyTab = (typeof POLICY_TABS)[number];
