/** The policies that the instance may decide for all its tenants, by their names. */
export const INHERITED_TABS = ["branding", "password", "sign-up", "sessions", "limits", "authentication", "cross-origin", "mail", "attachments"] as const;
/** What the instance decides for itself, which no tenant has. */
export const OWN_TABS = ["tenancy", "general"] as const;
export const INSTANCE_TABS = [...INHERITED_TABS, ...OWN_TABS] as const;
export type InstanceTab = (typeof INSTANCE_TABS)[number];

/** Whether no tenant has it, so that nothing of it is locked. */
export const isOwn = (name: string): boolean => OWN_TABS.some((own) => own === name);
