import type { SearchedListOf } from "../api/tenant-queries";
import type { DomainState, TenantState } from "../api/types";
import { parsePaging, text, type Paging } from "../url";
import { pageAsked } from "./applications-search";

export const TENANT_STATES: readonly TenantState[] = ["active", "suspended", "deleting", "founding"];
export const DOMAIN_STATES: readonly DomainState[] = ["pending", "verified", "failing"];

/** What the address of a list says that is searched, and cut down to one state. */
export interface StateSearch<S extends string> extends Paging {
  q?: string;
  state?: S;
}

/** What the address of the list of tenants says. */
export interface TenantsSearch extends StateSearch<TenantState> {
  create?: "1";
}

export function parseTenants(search: Record<string, unknown>): TenantsSearch {
  return {
    ...parsePaging(search),
    q: text(search.q),
    state: TENANT_STATES.find((known) => known === search.state),
    create: search.create === "1" ? "1" : undefined,
  };
}

/** What the address of the list of the domains of tenants says. */
export type TenantDomainsSearch = StateSearch<DomainState>;

export function parseTenantDomains(search: Record<string, unknown>): TenantDomainsSearch {
  return { ...parsePaging(search), q: text(search.q), state: DOMAIN_STATES.find((known) => known === search.state) };
}

/** What the address of the list of one's own domains says. */
export interface DomainsSearch extends Paging {
  create?: "1";
}

export function parseDomains(search: Record<string, unknown>): DomainsSearch {
  return { ...parsePaging(search), create: search.create === "1" ? "1" : undefined };
}

/** Whether some are left out. */
export function isFiltered({ q, state }: StateSearch<string>): boolean {
  return q !== undefined || state !== undefined;
}

/** The question to the server that an address asks. */
export function searchAsked(search: StateSearch<string>): SearchedListOf {
  return { ...pageAsked(search, { "status.state": search.state }), keyword: search.q };
}
