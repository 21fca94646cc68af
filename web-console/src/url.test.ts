import { expect, test } from "vitest";
import { parsePaging, parseSearch, safeNext, stringifySearch, wholeNumber } from "./url";

test("a search for digits stays text, and empty values leave the address", () => {
  expect(stringifySearch({ q: "12", page: 3, size: undefined, columns: "" })).toBe("?q=12&page=3");
  expect(parseSearch("?q=12&page=3")).toEqual({ q: "12", page: "3" });
  expect(stringifySearch({})).toBe("");
});

test("what is searched for survives the address whatever it holds", () => {
  for (const q of ["a&b=c", "50% off", "+1 555", "李小明", '"quoted"', "#?/"]) {
    expect(parseSearch(stringifySearch({ q }))).toEqual({ q });
  }
});

test("the first page and the default size are not written, and nonsense is the default", () => {
  expect(parsePaging({ page: "1", size: "20" })).toEqual({ page: undefined, size: undefined });
  expect(parsePaging({ page: "4", size: "50" })).toEqual({ page: 4, size: 50 });
  expect(parsePaging({ page: "-1", size: "37" })).toEqual({ page: undefined, size: undefined });
  expect(parsePaging({ page: "1.5", size: "many" })).toEqual({ page: undefined, size: undefined });
  expect(parsePaging({ page: 4, size: 100 })).toEqual({ page: 4, size: 100 });
});

test("a whole number is within its range or absent", () => {
  expect(wholeNumber("7", 1, 9)).toBe(7);
  for (const value of ["", "x", "10", "0", null, undefined, {}, Number.NaN]) expect(wholeNumber(value, 1, 9)).toBeUndefined();
});

test("signing in never leads out of the console", () => {
  expect(safeNext("/users?q=ada&page=2")).toBe("/users?q=ada&page=2");
  expect(safeNext("/users/a%2Fb")).toBe("/users/a%2Fb");
  for (const path of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "users",
    "",
    7,
    undefined,
  ]) {
    expect(safeNext(path)).toBeUndefined();
  }
});
