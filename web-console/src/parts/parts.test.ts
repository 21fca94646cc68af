import { expect, test } from "vitest";
import { readProblem } from "../api/problem";
import type { PermissionItem } from "../api/types";
import { en } from "../i18n/en";
import { zh } from "../i18n/zh";
import { changesOf, differences, shortly } from "./diff";
import { fromSeconds, inUnits, toSeconds, unitOf } from "./duration";
import { fromPairs, mapPatch, repeated, toPairs } from "./pairs";
import { passwordProblems } from "./password-problems";
import { byResource, held, named, scopesOf } from "./permission-groups";
import { NEARLY_FULL, percentOf } from "./share";

test("a map becomes pairs in order and comes back without what has no key", () => {
  const pairs = toPairs({ team: "red", "a.b/c": "" });
  expect(pairs.map(({ key }) => key)).toEqual(["a.b/c", "team"]);
  expect(fromPairs([...pairs, { id: 9, key: " ", value: "lost" }, { id: 10, key: " x ", value: "y" }])).toEqual({
    "a.b/c": "",
    team: "red",
    x: "y",
  });
  expect(repeated(pairs)).toBeUndefined();
  expect(repeated([...pairs, { id: 9, key: "team ", value: "" }])).toBe("team");
});

test("a merge patch names only what changes, and what goes is null", () => {
  expect(mapPatch({ a: "1", b: "2", c: "3" }, { a: "1", b: "4", d: "" })).toEqual({ b: "4", c: null, d: "" });
  expect(mapPatch({ a: "1" }, { a: "1" })).toBeUndefined();
  expect(mapPatch({ constructor: "x" }, {})).toEqual({ constructor: null });
});

test("what was changed is told by field, also of what was made or deleted", () => {
  expect(differences({ a: 1, b: { c: [1], d: 2 } }, { a: 1, b: { c: [1, 2], d: 2 } })).toEqual([
    { path: "b.c", before: [1], after: [1, 2] },
  ]);
  expect(differences(null, { name: "ada", phone: null })).toEqual([{ path: "name", before: null, after: "ada" }]);
  expect(differences({ roles: ["user"] }, null)).toEqual([{ path: "roles", before: ["user"], after: null }]);
  expect(differences({ a: null }, {})).toEqual([]);
  expect(differences(1, 2)).toEqual([{ path: "", before: 1, after: 2 }]);
});

test("an audit event's changes are read whatever they hold", () => {
  expect(changesOf("nonsense")).toEqual([]);
  expect(changesOf([null, 7, { kind: "user", name: "ada", before: null, after: {} }])).toEqual([
    { kind: "user", name: "ada", before: null, after: {} },
  ]);
  expect(shortly(null)).toBe("–");
  expect(shortly("x")).toBe("x");
  expect(shortly(["x"])).toBe('["x"]');
});

const item = (name: string, roles: PermissionItem["roles"] = []): PermissionItem => ({ ...named(name), summary: name, roles });

test("permissions are grouped by resource and told by how far they go", () => {
  const items = [item("users:list"), item("users/email:get"), item("users:get")];
  expect(byResource(items).map(({ resource, items: members }) => [resource, members.length])).toEqual([
    ["users", 2],
    ["users/email", 1],
  ]);
  expect(held(["users:list", "users:get@self"], items).map(({ scope }) => scope)).toEqual(["all", undefined, "own"]);
  expect(held(["users/email:get@self"], [])).toEqual([
    { name: "users/email:get", resource: "users/email", verb: "get", summary: "", scope: "own" },
  ]);
});

test("a role holds what its entries say", () => {
  const items = [item("users:list", [{ role: "owner", scope: "all" }]), item("users:get", [{ role: "user", scope: "own" }])];
  expect([...scopesOf("user", items)]).toEqual([["users:get", "own"]]);
});

test("a length of time is shown in the largest unit that fits, and comes back as it was", () => {
  const shown = [0, 30, 60, 90, 900, 3_600, 5_400, 86_400, 1_209_600, 86_401].map((seconds) => {
    const unit = unitOf(seconds);
    expect(toSeconds(fromSeconds(seconds, unit), unit)).toBe(seconds);
    return `${fromSeconds(seconds, unit)} ${unit}`;
  });
  expect(shown).toEqual([
    "0 second", "30 second", "1 minute", "90 second", "15 minute", "1 hour", "90 minute", "1 day", "14 day", "86401 second",
  ]);
  expect(inUnits("must be at most 86400", (seconds) => `${seconds / 3_600} hours`)).toBe("must be at most 24 hours");
});

test("every reason against a password is told, in the language that was chosen", () => {
  const refused = readProblem(400, {
    errors: [
      { field: "password", code: "too_short", detail: "must have at least 15 characters" },
      { field: "spec.password", code: "needs_digit", detail: "must have a digit" },
      { field: "password", code: "brand_new", detail: "must be blue" },
      { field: "password", code: "constructor", detail: "must be green" },
      { field: "password", code: "too_long", detail: "" },
      { field: "oldPassword", code: "required", detail: "is required" },
    ],
  });
  expect(passwordProblems(refused, en)).toEqual([
    "Use at least 15 characters.", "Add a digit.", "must be blue", "must be green", "too_long",
  ]);
  expect(passwordProblems(refused, zh).slice(0, 2)).toEqual(["请至少使用 15 个字符。", "请加入数字。"]);
});

test("what is used can be seen, and more than there is fills the bar", () => {
  expect(percentOf(0, 100)).toBe(0);
  expect(percentOf(1, 1_000_000)).toBe(1);
  expect(percentOf(899, 1000)).toBe(NEARLY_FULL);
  expect(percentOf(7, 5)).toBe(100);
  expect(percentOf(0, 0)).toBe(100);
});
