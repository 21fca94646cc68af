import { expect, test } from "vitest";
import { bars } from "./overview-bars";

test("the largest value has the whole height, and the smallest can be seen", () => {
  const drawn = bars([0, 1, 1000]);
  expect(drawn.map(({ height }) => height)).toEqual([0, 2, 72]);
  expect(drawn.map(({ x }) => x)).toEqual([10, 110, 210]);
  expect(bars([0, 0]).map(({ height }) => height)).toEqual([0, 0]);
  expect(bars([])).toEqual([]);
});
