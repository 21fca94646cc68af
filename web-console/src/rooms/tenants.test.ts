import { expect, test } from "vitest";
import { noQuotas, specOf, valuesOf } from "./quotas/values";
import { isFiltered, parseDomains, parseTenantDomains, parseTenants, searchAsked } from "./tenants-search";

test("filters of tenants and of their domains are kept in the address and asked of the server", () => {
  const tenants = parseTenants({ q: "ac", state: "suspended", page: "2", create: "1" });
  expect(tenants).toEqual({ q: "ac", state: "suspended", page: 2, size: undefined, create: "1" });
  expect(isFiltered(tenants)).toBe(true);
  expect(searchAsked(tenants)).toEqual({ page: 2, size: 20, fieldSelector: ["status.state=suspended"], keyword: "ac" });
  expect(searchAsked(parseTenantDomains({ state: "failing" })).fieldSelector).toEqual(["status.state=failing"]);
});

test("a state that there is not is no filter", () => {
  expect(parseTenants({ state: "asleep", create: "yes" })).toMatchObject({ state: undefined, create: undefined });
  const domains = parseTenantDomains({ state: "active" });
  expect(isFiltered(domains)).toBe(false);
  expect(searchAsked(domains)).toEqual({ page: 1, size: 20, fieldSelector: undefined, keyword: undefined });
  expect(parseDomains({ create: "1", q: "x" })).toEqual({ page: undefined, size: undefined, create: "1" });
});

test("a quota that is not typed is absent, and none at all is nought", () => {
  expect(specOf(noQuotas)).toEqual({});
  expect(specOf({ ...noQuotas, users: 0, mailsPerDay: "500" })).toEqual({ users: 0, mailsPerDay: 500 });
});

test("bytes are typed in mebibytes, and stay what they were", () => {
  const spec = { users: 1000, attachmentBytes: 1_073_741_824, backupBytes: 1_000_000, requestBurst: 400 };
  const values = valuesOf(spec);
  expect(values.attachmentBytes).toBe(1024);
  expect(values.senders).toBe("");
  expect(specOf(values)).toEqual(spec);
});
