import { expect, test } from "vitest";
import { ProblemError, readProblem } from "../api/problem";
import { pageAsked, parseApis, parseApplications, parseKeys } from "./applications-search";
import { attachmentsAsked, bytes, isFiltered as isFilesFiltered, parseAttachments } from "./attachments-search";
import { auditAsked, parseAudit } from "./audit-search";
import { addressesOf } from "./addresses";
import { oneByOne } from "./bulk";
import { parseExplainer, questionOf } from "./explainer-search";
import { isFiltered as isLogFiltered, messagesAsked, parseMessages } from "./messages-search";
import { draftOf, duplicateOf, valuesOf, verbsOf } from "./role/draft";
import { essential } from "./role/essential";
import { changes } from "./user/changes";
import { proposed } from "./user/proposed";
import { filterOf, isFiltered, lastPage, parseUsers, usersAsked } from "./users-search";

const refuse = (status: number, code: string) => new ProblemError(readProblem(status, { code }));

test("filters of the user list are the server's selectors", () => {
  const search = parseUsers({ q: "ada", role: "owner", state: "disabled", verified: "no", sort: "-displayName", size: "50" });
  expect(isFiltered(search)).toBe(true);
  expect(usersAsked(search)).toEqual({
    size: 50,
    page: 1,
    keyword: "ada",
    role: "owner",
    fieldSelector: ["spec.disabled=true", "spec.emailVerified=false"],
    sort: ["spec.displayName,desc"],
  });
});

test("an act on everybody whom the list has is about whom it shows, whatever the page and the order", () => {
  const selectors = { fieldSelector: ["spec.disabled=true"], labelSelector: [] };
  expect(filterOf(parseUsers({ q: "ada", state: "disabled", sort: "name", page: "3" }))).toEqual({ keyword: "ada", ...selectors });
  expect(filterOf(parseUsers({}))).toEqual({ fieldSelector: [], labelSelector: [] });
});

test("filters of the log are kept in the address and asked of the server", () => {
  const search = parseMessages({ to: "ada@example.com", state: "failed", kind: "invitation", sender: "main", since: "2026-11-21T09:30" });
  expect(isLogFiltered(search)).toBe(true);
  const asked = messagesAsked(search);
  expect(asked.fieldSelector).toEqual([
    "spec.to=ada@example.com",
    "status.state=failed",
    "spec.template=invitation",
    "status.sender=main",
  ]);
  expect(asked.createdAfter).toBe(new Date("2026-11-21T09:30").toISOString());
  expect(asked.createdBefore).toBeUndefined();
  const nonsense = parseMessages({ state: "lost", kind: "poem", until: "tomorrow" });
  expect(isLogFiltered(nonsense)).toBe(false);
  expect(messagesAsked(nonsense)).toEqual({ page: 1, size: 20 });
});

test("nonsense in the address is no filter, and the default order is not asked for", () => {
  const search = parseUsers({ state: "asleep", verified: "maybe", sort: "-created" });
  expect(isFiltered(search)).toBe(false);
  expect(usersAsked(search)).toEqual({ size: 20, page: 1, sort: undefined, fieldSelector: undefined });
});

test("beyond the numbered pages there is the cursor, and no number", () => {
  expect(lastPage(20)).toBe(501);
  const asked = usersAsked(parseUsers({ after: "abc", page: "502" }));
  expect(asked.cursor).toBe("abc");
  expect(asked.page).toBeUndefined();
});

test("times of the audit page are local in the address and instants to the server", () => {
  const search = parseAudit({ since: "2026-11-21T09:30", until: "tomorrow", outcome: "denied", actor: "ada" });
  expect(search.until).toBeUndefined();
  const asked = auditAsked(search);
  expect(asked.since).toBe(new Date("2026-11-21T09:30").toISOString());
  expect(asked.outcome).toBe("denied");
  expect(parseAudit({ outcome: "lost", since: "2026-99-99T00:00" })).toMatchObject({ outcome: undefined, since: undefined });
});

test("a question is asked once it is whole, about a user or about roles", () => {
  expect(questionOf(parseExplainer({ user: "ada", resource: "users" }))).toBeUndefined();
  expect(questionOf(parseExplainer({ user: "ada", resource: "users", verb: "list" }))).toEqual({
    user: "ada",
    resource: "users",
    verb: "list",
    name: undefined,
  });
  expect(questionOf(parseExplainer({ who: "roles", user: "ada", roles: "a,b", resource: "users", verb: "get", name: "-" }))).toEqual({
    roles: ["a", "b"],
    resource: "users",
    verb: "get",
    name: "-",
  });
});

test("one refusal does not keep the rest from being done, but the end of the session does", async () => {

  const seen: number[] = [];
  const found = await oneByOne(
    ["a", "b", "c", "d"],
    async (name) => {
      if (name === "b") throw refuse(409, "last_owner");
      if (name === "c") throw refuse(401, "unauthenticated");
    },
    ({ done }) => seen.push(done),
  );
  expect(seen).toEqual([1, 2, 3]);
  expect(found.refusals.map(({ name, problem }) => [name, problem.code])).toEqual([
    ["b", "last_owner"],
    ["c", "unauthenticated"],
  ]);
});

test("it stops where it is told to", async () => {
  const done: string[] = [];
  await oneByOne(
    ["a", "b"],
    async (name) => void done.push(name),
    () => undefined,
    () => done.length > 0,
  );
  expect(done).toEqual(["a"]);
});

test("addresses are read as people paste them, each once", () => {
  expect(addressesOf("ada@example.org\nbo@example.org, cy@example.org; di@example.org ed@example.org\r\n")).toEqual([
    "ada@example.org",
    "bo@example.org",
    "cy@example.org",
    "di@example.org",
    "ed@example.org",
  ]);
  expect(addressesOf('"Lovelace, Ada" <ada@example.org>, Bo Day <bo@example.org>; ADA@example.org')).toEqual(["ada@example.org", "bo@example.org"]);
  expect(addressesOf("nobody")).toEqual(["nobody"]);
  expect(addressesOf(" ,\n; ")).toEqual([]);
});

test("proposed roles are those held, without the taken and with the given", () => {
  expect(proposed(["a", "b"], "c", "b,x")).toEqual(["a", "c"]);
  expect(proposed(["a"], "a")).toEqual(["a"]);
  expect(proposed(["a"], "user")).toEqual(["a"]);
  expect(proposed([])).toEqual([]);
});

test("only what changed is sent", () => {
  expect(changes({ a: "1", b: "2" }, { a: "1", b: "" })).toEqual({ b: "" });
  expect(changes({ a: "1" }, { a: "1" })).toBeUndefined();
});

test("a role goes through its form unchanged, and a copy has a name of its own", () => {
  const rules = [{ resources: ["users"], verbs: ["list"], resourceNames: ["-"], effect: "deny" as const }];
  const role = {
    apiVersion: "v1alpha1",
    kind: "Role",
    metadata: { name: "support", version: 3 },
    spec: { displayName: "Support", description: "Helps", inherits: ["auditor"] },
    rules,
    status: { builtIn: true, grantable: true },
  };
  expect(draftOf(valuesOf(role))).toEqual({ spec: role.spec, rules });
  const copy = duplicateOf(role, "Copy of Support");
  expect([copy.name, copy.displayName]).toEqual(["support-copy", "Copy of Support"]);
  expect(copy.rules).toHaveLength(1);
});

test("a change for all objects is not told again for one's own", () => {
  const change = { roles: ["a"], users: 1, permission: "users:get", before: false, after: true };
  const found = essential([
    { ...change, name: "*" },
    { ...change, name: "-" },
    { ...change, name: "-", permission: "users:update" },
    { ...change, name: "-", after: false, before: true },
  ]);
  expect(found.map(({ name, permission, after }) => [name, permission, after])).toEqual([
    ["*", "users:get", true],
    ["-", "users:update", true],
    ["-", "users:get", false],
  ]);
});

test("a rule can name the verbs of its resources", () => {
  const items = [
    { resource: "users", verb: "list" },
    { resource: "roles", verb: "list" },
    { resource: "roles", verb: "get" },
  ];
  expect(verbsOf(items, ["users"])).toEqual(["list"]);
  expect(verbsOf(items, ["*"])).toEqual(["list", "get"]);
  expect(verbsOf(items, [])).toEqual([]);
});

test("lists of applications, APIs and keys are cut down by what their addresses say", () => {
  const search = parseApplications({ q: "shop", preset: "machine", origin: "nobody", page: "3", create: "yes" });
  expect(search).toEqual({ q: "shop", preset: "machine", origin: undefined, page: 3, size: undefined, create: undefined });
  expect(pageAsked(search, { "metadata.name": search.q, "status.preset": search.preset, "status.origin": search.origin })).toEqual({
    page: 3,
    size: 20,
    fieldSelector: ["metadata.name=shop", "status.preset=machine"],
  });
  expect(pageAsked(parseApis({}), { "spec.audience": undefined }).fieldSelector).toBeUndefined();
  expect(parseKeys({ algorithm: "HS256", state: "next" })).toMatchObject({ algorithm: undefined, state: "next" });
});

test("filters of the files are kept in the address and asked of the server", () => {
  const search = parseAttachments({ q: "quarter", kind: "pictures", group: "atg_1", view: "list", file: "att_1", page: "2" });
  expect(isFilesFiltered(search)).toBe(true);
  expect(attachmentsAsked(search)).toEqual({
    page: 2,
    size: 20,
    keyword: "quarter",
    ungrouped: undefined,
    accepts: ["image/*"],
    fieldSelector: ["spec.groupName=atg_1"],
  });
  const ungrouped = parseAttachments({ group: "-", kind: "nonsense", view: "nonsense" });
  expect(attachmentsAsked(ungrouped)).toMatchObject({ ungrouped: true, accepts: undefined, fieldSelector: undefined });
  expect(isFilesFiltered(parseAttachments({ view: "list" }))).toBe(false);
});

test("bytes are told in the largest unit that fits", () => {
  const said = [0, 999, 1536, 20 * 1024 * 1024, 1024 ** 3].map((count) => bytes(count, "en"));
  expect(said).toEqual(["0 byte", "999 byte", "1.5 kB", "20 MB", "1 GB"]);
});
