/** The policies that the instance may decide for all its tenants, by their names. */
export const INSTANCE_TABS = ["branding", "password", "sign-up", "sessions", "limits", "authentication", "cross-origin", "mail", "attachments"] as const;
export type InstanceTab = (typeof INSTANCE_TABS)[number];
