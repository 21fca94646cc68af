import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Role } from "../api/types";
import { en } from "../i18n/en";
import { zh } from "../i18n/zh";
import { roleWords } from "./role-words";

const role = (name: string, builtIn: boolean): Role => ({
  apiVersion: "v1alpha1",
  kind: "Role",
  metadata: { name, version: 1 },
  spec: { displayName: builtIn ? "As the server says" : "Of ours", description: "", inherits: [] },
  rules: [],
  status: { builtIn, grantable: true },
});

test("each role that the server brings is called something in both languages", () => {
  const names = [...readFileSync("../crates/core/src/access/roles.toml", "utf8").matchAll(/^\[([a-z-]+)\]$/gm)].map(([, name]) => name!);
  expect(names.toSorted()).toEqual(Object.keys(en.builtInRoles).toSorted());
  expect(names.map((name) => roleWords(zh, role(name, true)).name).filter((name) => !/\p{Script=Han}/u.test(name))).toEqual([]);
});

test("a role that somebody made is called as they say, whatever its name", () => {
  expect(roleWords(zh, role("auditors", false)).name).toBe("Of ours");
  expect(roleWords(en, role("unheard-of", true)).name).toBe("As the server says");
});
