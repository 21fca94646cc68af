export const ROLE_TABS = ["role", "permissions", "holders", "raw"] as const;
export type RoleTab = (typeof ROLE_TABS)[number];
