import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, OWNER, Visit } from "./support";

const NAME = `guest-${Date.now().toString(36)}`;

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

test("a backup is made, downloaded, restored once its report was read, and deleted; the restore is undone", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("backups");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Backups");
  await page.getByRole("button", { name: "Make a backup" }).first().click();
  const table = page.getByRole("table", { name: "Backups" });
  const row = table.getByRole("row").filter({ hasText: /default-\d/, hasNotText: "before-" }).first();
  await row.getByText("Ready").waitFor();
  expect(await visit.flaws()).toEqual([]);
  const [download] = await Promise.all([page.waitForEvent("download"), row.getByRole("button", { name: "Download" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^default-\d{8}T\d{6}Z\.tntb$/);

  // Somebody comes who will be gone.
  await visit.open("users?create=1");
  const form = page.getByRole("dialog");
  await form.getByRole("textbox", { name: "Name", exact: true }).fill(NAME);
  await form.getByRole("textbox", { name: "E-mail" }).fill(`${NAME}@example.com`);
  await form.getByRole("button", { name: "Create user" }).click();
  await form.getByText(`${NAME} was created`).waitFor();

  await visit.open("backups");
  await row.getByRole("button", { name: "Restore" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("What was done since is undone").waitFor();
  expect(await dialog.textContent()).toContain(NAME);
  expect(await visit.flaws()).toEqual([]);
  await dialog.getByRole("textbox").fill("default");
  await dialog.getByRole("button", { name: "Restore" }).click();
  // Everybody signs in again.
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Backups");
  await visit.open(`users?q=${NAME}`);
  await page.getByText(`Nobody matches “${NAME}”`).waitFor();

  await visit.open("backups");
  const done = page.getByRole("table", { name: "Restores" }).getByRole("row").nth(1);
  await done.getByText("Done", { exact: true }).waitFor();
  expect(await visit.flaws()).toEqual([]);
  await done.getByRole("button", { name: "Undo" }).click();
  const question = page.getByRole("dialog");
  await question.getByRole("textbox").fill("default");
  await question.getByRole("button", { name: "Undo" }).click();
  await visit.signIn(OWNER.name, OWNER.password);
  await done.getByText("Undone").waitFor();
  await visit.open(`users?q=${NAME}`);
  await page.getByRole("link", { name: NAME }).first().waitFor();

  await visit.open("backups");
  for (const file of [row, table.getByRole("row").filter({ hasText: "before-" })]) {
    await file.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await file.waitFor({ state: "detached" });
  }
  await page.getByRole("heading", { name: "No backups yet" }).waitFor();
  await visit.end(/status of 401 /);
});
