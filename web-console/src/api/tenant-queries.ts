import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body, system } from "./client";
import { whole } from "./first-queries";
import type { FilteredListOf } from "./queries";

/** What the tenant may have at most, and has. */
export const quotasQuery = queryOptions({
  queryKey: ["quotas"],
  queryFn: ({ signal }) => body(api.GET("/quotas", { signal })),
});

/** The domains that the tenant claims, the newest first. */
export const domainsQuery = (asked: FilteredListOf) =>
  queryOptions({
    queryKey: ["domains", "list", asked],
    queryFn: ({ signal }) => body(api.GET("/domains", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

export const domainQuery = (name: string) =>
  queryOptions({
    queryKey: ["domains", "one", name],
    queryFn: ({ signal }) => body(api.GET("/domains/{name}", { params: { path: { name } }, signal })),
  });

export interface SearchedListOf extends FilteredListOf {
  keyword?: string;
}

/** The tenants of the instance, the newest first. */
export const tenantsQuery = (asked: SearchedListOf) =>
  queryOptions({
    queryKey: ["tenants", "list", asked],
    queryFn: ({ signal }) => body(system.GET("/tenants", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

export const instanceTenantQuery = (name: string) =>
  queryOptions({
    queryKey: ["tenants", "one", name],
    queryFn: ({ signal }) => body(system.GET("/tenants/{name}", { params: { path: { name } }, signal })),
  });

/** What one tenant of the instance may have at most, and has. */
export const tenantQuotasQuery = (name: string) =>
  queryOptions({
    queryKey: ["tenants", "quotas", name],
    queryFn: ({ signal }) => body(system.GET("/tenants/{name}/quotas", { params: { path: { name } }, signal })),
  });

/** The domains that tenants claim, the newest first. */
export const tenantDomainsQuery = (asked: SearchedListOf) =>
  queryOptions({
    queryKey: ["tenants", "domains", asked],
    queryFn: ({ signal }) => body(system.GET("/domains", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

/** The domains that one tenant claims. */
export const domainsOfTenantQuery = (name: string) =>
  queryOptions({
    queryKey: ["tenants", "domains", "of", name],
    queryFn: async ({ signal }) => {
      const { items } = await whole((asked) => body(system.GET("/domains", { params: { query: { ...asked, tenant: name } }, signal })));
      return items;
    },
  });

/** What the instance decides of one policy for all its tenants. */
export const instanceSettingQuery = (name: string) =>
  queryOptions({
    queryKey: ["instance-settings", name],
    queryFn: ({ signal }) => body(system.GET("/settings/{name}", { params: { path: { name } }, signal })),
  });
