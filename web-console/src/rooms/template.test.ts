import { expect, test } from "vitest";
import { inserted, lineDiff, placeIn } from "./template/lines";

test("two texts differ line by line", () => {
  expect(lineDiff("a\nb\nc", "a\nx\nc\nd")).toEqual([
    { is: "same", text: "a" },
    { is: "gone", text: "b" },
    { is: "new", text: "x" },
    { is: "same", text: "c" },
    { is: "new", text: "d" },
  ]);
  expect(lineDiff("a", "a")).toEqual([{ is: "same", text: "a" }]);
});

test("a problem is found by its line and letter, also past the end", () => {
  expect(placeIn("ab\ncd", 2, 2)).toBe(4);
  expect(placeIn("ab", 9, 9)).toBe(2);
});

test("a variable takes the place of what is selected", () => {
  expect(inserted("Hello you", [6, 9], "{{ account }}")).toBe("Hello {{ account }}");
});
