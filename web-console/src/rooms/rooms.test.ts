import { expect, test } from "vitest";
import { chosenColumns, COLUMNS } from "./columns";
import { generatePassword } from "./generate-password";

test("columns keep the table's order, whatever the address says", () => {
  expect(chosenColumns("")).toEqual(COLUMNS);
  expect(chosenColumns("created,roles,nonsense")).toEqual(["roles", "created"]);
  expect(chosenColumns("name")).toEqual([]);
});

test("generated passwords are long, readable and different", () => {
  const made = Array.from({ length: 200 }, generatePassword);
  for (const password of made) expect(password).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{5}(-[a-km-zA-HJ-NP-Z2-9]{5}){3}$/);
  for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /-/]) expect(made.every((password) => kind.test(password))).toBe(true);
  expect(new Set(made).size).toBe(made.length);
});
