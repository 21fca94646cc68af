import { expect, test } from "vitest";
import { emptyValues, moved, specOf } from "./sender/values";

test("a password that is not typed stays, and one that is to go is null", () => {
  expect(specOf(emptyValues).password).toBeUndefined();
  expect(specOf({ ...emptyValues, password: "x" }).password).toBe("x");
  expect(specOf({ ...emptyValues, password: "x", removePassword: true }).password).toBeNull();
});

test("what is empty is absent", () => {
  const { username, fromName, replyTo, perDay } = specOf({ ...emptyValues, username: " ", perDay: "" });
  expect([username, fromName, replyTo, perDay]).toEqual([undefined, undefined, undefined, undefined]);
  expect(specOf({ ...emptyValues, perDay: "5", host: " a " })).toMatchObject({ perDay: 5, host: "a" });
});

test("a sender moves by one place", () => {
  expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b", "c"], 1, 1)).toEqual(["a", "c", "b"]);
});
