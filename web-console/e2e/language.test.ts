import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BASE, launch, OWNER, save, Visit } from "./support";

/** A browser says this of an answer to somebody who is not signed in yet. */
const REFUSED = /the server responded with a status of 401 /;

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

test("pages are in the language of the tenant where a browser names none of ours", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("policies?tab=branding");
  await visit.signIn(OWNER.name, OWNER.password);
  const otherwise = page.getByRole("region", { name: "Language and time" });
  const [language, zone] = [otherwise.getByLabel("Language"), otherwise.getByLabel("Time zone")];
  await language.selectOption("中文");
  await zone.selectOption("Europe/Berlin");
  await save(page);
  const french = await browser.newContext({ locale: "fr-FR" });
  const hosted = await french.newPage();
  await hosted.goto(`${BASE}login/sign-up`);
  expect(await hosted.locator("html").getAttribute("lang")).toBe("zh");
  await french.close();
  await page.reload();
  await expect.poll(() => zone.inputValue()).toBe("Europe/Berlin");
  expect(await visit.flaws()).toEqual([]);
  await language.selectOption("English");
  await zone.selectOption("UTC");
  await save(page);
  await page.reload();
  await expect.poll(() => zone.inputValue()).toBe("");
  await visit.end(REFUSED);
});
