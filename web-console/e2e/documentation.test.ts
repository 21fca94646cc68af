import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, LOOKS, TENANT, Visit } from "./support";

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

test.for(LOOKS)("a newcomer finds a section of the documentation by its words (%s)", async ([look, options]) => {
  const visit = await Visit.begin(browser, options);
  const { page } = visit;
  await page.goto(`${TENANT}docs/`);
  await visit.heading("Tenantry");
  await visit.judge(`documentation-${look}`);

  await page.keyboard.press("/");
  await page.keyboard.type("master key");
  await page.getByText(/^\d+ sections/).waitFor();
  await visit.judge(`documentation-search-${look}`);
  await page.getByRole("link", { name: "The master key · Operating" }).click();
  await page.waitForURL(`${TENANT}docs/operating.html#the-master-key`);
  await page.getByRole("heading", { level: 2, name: "The master key" }).waitFor();
  await visit.judge(`documentation-page-${look}`);

  // On the page itself too, where no other page is loaded.
  await page.getByRole("searchbox").fill("databases");
  await page.getByRole("link", { name: "Databases · Operating" }).click();
  await page.waitForURL(`${TENANT}docs/operating.html#databases`);
  expect(await page.getByRole("searchbox").inputValue()).toBe("");
  await page.getByRole("heading", { level: 2, name: "Databases" }).waitFor();

  await page.getByRole("searchbox").fill("xylophone");
  await page.getByText("Nothing was found.").waitFor();
  await page.getByRole("searchbox").press("Escape");
  await page.getByRole("heading", { level: 2, name: "Databases" }).waitFor();
  await visit.end();
});
