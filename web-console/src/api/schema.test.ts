import { readFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, test } from "vitest";

test.each([
  ["schema.d.ts", "console"],
  ["system.d.ts", "system"],
])("%s has the types of the committed document: `npm run generate` renews them", async (file, group) => {
  const document = new URL(`../../../openapi/${group}.v1alpha1.json`, import.meta.url);
  const types = COMMENT_HEADER + astToString(await openapiTS(document));
  expect(await readFile(new URL(file, import.meta.url), "utf8")).toBe(types);
  // Seconds, on a machine that is busy.
}, 60_000);
