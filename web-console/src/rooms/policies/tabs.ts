export const POLICY_TABS = ["passwords", "sign-up", "sessions", "signing-keys", "backups", "limits", "captcha", "branding", "authentication", "cross-origin", "files", "notifications"] as const;
export type PolicyTab = (typeof POLICY_TABS)[number];
