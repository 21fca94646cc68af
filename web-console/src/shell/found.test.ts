import { expect, test } from "vitest";
import { isMeant } from "./found";

test("what is typed means a page by the beginnings, middles and order of its words", () => {
  expect(["", "sign", "METHODS", "meth  sign", " in "].every((typed) => isMeant("Sign-in methods", typed))).toBe(true);
  expect(isMeant("Sign-in methods", "sign out")).toBe(false);
  expect(isMeant("登录方式", "方式")).toBe(true);
});
