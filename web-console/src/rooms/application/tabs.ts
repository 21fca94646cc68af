export const APPLICATION_TABS = ["settings", "addresses", "scopes", "access", "secrets", "logouts", "connect", "try", "raw"] as const;
export type ApplicationTab = (typeof APPLICATION_TABS)[number];
