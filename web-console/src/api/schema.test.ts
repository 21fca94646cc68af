import { readFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, test } from "vitest";

test("the types are those of the committed document: `npm run generate` renews them", async () => {
  const document = new URL("../../../openapi/console.v1alpha1.json", import.meta.url);
  const types = COMMENT_HEADER + astToString(await openapiTS(document));
  expect(await readFile(new URL("schema.d.ts", import.meta.url), "utf8")).toBe(types);
});
