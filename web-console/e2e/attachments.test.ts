import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, OWNER, Visit } from "./support";

const suffix = Date.now().toString(36);
const TEXT = `notes-${suffix}.txt`;
const PICTURE = `dot-${suffix}.png`;
const GROUP = `Reports ${suffix}`;

/** A picture of one pixel. */
const DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = /the server responded with a status of 4(00|15) /;

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

test("files are uploaded, dropped, grouped, looked into and deleted", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("attachments");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Attachments");
  await page.getByRole("button", { name: "New group" }).click();
  await page.getByRole("textbox", { name: "Name of the group" }).fill(GROUP);
  await page.getByRole("button", { name: "Make the group" }).click();
  await page.getByRole("button", { name: "Delete the group" }).waitFor();

  const choose = page.locator("input[type=file]");
  await choose.setInputFiles([
    { name: TEXT, mimeType: "text/plain", buffer: Buffer.from(`notes ${suffix}`) },
    { name: PICTURE, mimeType: "image/png", buffer: Buffer.from(DOT, "base64") },
  ]);
  const files = page.getByRole("list", { name: "Files" });
  await files.getByRole("link", { name: PICTURE }).waitFor();
  await files.getByRole("link", { name: TEXT }).waitFor();
  await page.getByRole("progressbar", { name: "Room that is used" }).waitFor();
  expect(await visit.flaws()).toEqual([]);

  // What is not taken is said with its type.
  await choose.setInputFiles([{ name: "page.html", mimeType: "text/html", buffer: Buffer.from("<!doctype html>") }]);
  const refused = page.getByRole("alert").filter({ hasText: "page.html was not uploaded." });
  await refused.waitFor();
  expect(await refused.textContent()).toContain("is text/html");

  await files.getByRole("link", { name: PICTURE }).click();
  const details = page.getByRole("dialog");
  await details.getByRole("img", { name: PICTURE }).waitFor();
  expect(await details.textContent()).toContain("1 × 1");
  await details.getByRole("combobox", { name: "Who may see it" }).selectOption("public");
  await details.getByRole("button", { name: "Save" }).click();
  await expect.poll(() => details.textContent()).toMatch(/\/files\/[0-9a-f]{64}\//);
  expect(await visit.flaws()).toEqual([]);
  await details.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog", { name: /^Delete/ }).getByRole("button", { name: "Delete" }).click();
  await files.getByRole("link", { name: PICTURE }).waitFor({ state: "detached" });

  await page.getByText("List", { exact: true }).click();
  const row = page.getByRole("table", { name: "Files" }).getByRole("link", { name: TEXT });
  await row.click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog", { name: /^Delete/ }).getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "No file matches" }).waitFor();
  await page.getByRole("button", { name: "Delete the group" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete the group" }).click();
  await expect.poll(() => page.getByRole("button", { name: "Delete the group" }).count()).toBe(0);
  await visit.end(REFUSED, /status of 401 /);
});
