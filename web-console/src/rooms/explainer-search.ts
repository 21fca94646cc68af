import type { Question } from "../api/types";
import { text } from "../url";

/** What the address of the explainer says: a whole question, or a part of one. */
export interface ExplainerSearch {
  /** Whether it is asked about roles; else about a user. */
  who?: "roles";
  user?: string;
  /** Names, parted by commas. */
  roles?: string;
  resource?: string;
  verb?: string;
  name?: string;
}

export function parseExplainer(search: Record<string, unknown>): ExplainerSearch {
  return {
    who: search.who === "roles" ? "roles" : undefined,
    user: text(search.user),
    roles: text(search.roles),
    resource: text(search.resource),
    verb: text(search.verb),
    name: text(search.name),
  };
}

/** The question, once there is enough of it. */
export function questionOf({ who, user, roles, resource, verb, name }: ExplainerSearch): Question | undefined {
  if (resource === undefined || verb === undefined) return undefined;
  if (who === "roles") return roles === undefined ? undefined : { roles: roles.split(","), resource, verb, name };
  return user === undefined ? undefined : { user, resource, verb, name };
}
