export const TENANT_TABS = ["settings", "quotas", "domains", "raw"] as const;
export type TenantTab = (typeof TENANT_TABS)[number];
