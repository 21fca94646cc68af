export const APPLICATION_TABS = ["settings", "addresses", "scopes", "access", "secrets", "logouts", "connect", "raw"] as const;
export type ApplicationTab = (typeof APPLICATION_TABS)[number];
