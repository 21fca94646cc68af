import { readFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, BASE, launch, Visit } from "./support";

const suffix = Date.now().toString(36);
const PASSWORD = "seven quiet otters read maps";
const OLGA = `olga-${suffix}`;
const IDA = `ida-${suffix}`;
const COUNTESS = `countess-${suffix}`;
const REFUSED = /the server responded with a status of 401 /;

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
  for (const [name, roles] of [[OLGA, ["owner"]], [IDA, []]] as const) {
    const user = { name, email: `${name}@example.org`, password: PASSWORD, mustChangePassword: false, roles };
    expect(await ask(BASE, "POST", "/users", user)).toBe(200);
  }
});
afterAll(() => browser?.close());

test("a user is renamed on their page, which goes on under the new name", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("");
  await visit.signIn(OLGA, PASSWORD);
  await visit.heading("Users");
  await visit.open(`users/${IDA}`);
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByLabel("New user name").fill(COUNTESS);
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByText(`${IDA} is ${COUNTESS} now`).waitFor();
  await expect.poll(() => page.url()).toContain(`users/${COUNTESS}`);
  await visit.heading(COUNTESS);
  await visit.end(REFUSED);
});

test("people take their data along from their own page", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("");
  await visit.signIn(OLGA, PASSWORD);
  await visit.heading("Users");
  await visit.open("account");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download my data" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe("my-data.json");
  const data = JSON.parse(await readFile(await file.path(), "utf8"));
  expect(data.user.metadata.name).toBe(OLGA);
  await visit.end(REFUSED);
});
