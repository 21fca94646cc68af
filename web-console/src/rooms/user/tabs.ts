import { text, wholeNumber } from "../../url";

export const USER_TABS = ["profile", "access", "sign-in", "sessions", "history", "raw"] as const;
export type UserTab = (typeof USER_TABS)[number];

/** What the address of a user's page says. */
export interface UserSearch {
  tab?: UserTab;
  /** The permission that is looked into, as `resource:verb`. */
  why?: string;
  /** A role to be given, and roles to be taken: what an explanation proposes, not saved yet. */
  give?: string;
  take?: string;
  /** Where the newer part of the audit trail ended. */
  before?: string;
  /** The number of the audit event that is looked into. */
  event?: number;
}

export function parseUser(search: Record<string, unknown>): UserSearch {
  return {
    tab: USER_TABS.find((known) => known === search.tab),
    why: text(search.why),
    give: text(search.give),
    take: text(search.take),
    before: text(search.before),
    event: wholeNumber(search.event, 1, Number.MAX_SAFE_INTEGER),
  };
}
