export const API_TABS = ["settings", "secrets", "raw"] as const;
export type ApiTab = (typeof API_TABS)[number];
