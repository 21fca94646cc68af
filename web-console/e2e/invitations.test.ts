import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, BASE, launch, OWNER, Visit } from "./support";

const suffix = Date.now().toString(36);
const ADA = `ada-${suffix}@example.org`;
const BO = `bo-${suffix}@example.org`;
const TAKEN = [`cy-${suffix}`, `di-${suffix}`];

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = (status: number) => new RegExp(`the server responded with a status of ${status} `);

let browser: Browser;
let owner: BrowserContextOptions["storageState"];

beforeAll(async () => {
  browser = await launch();
  for (const name of TAKEN) {
    const email = `${name}@example.org`;
    expect(await ask(BASE, "POST", "/users", { name, email, password: "seven quiet otters read maps" })).toBe(200);
    expect(await ask(BASE, "PUT", `/users/${name}/email`, { email, verified: true })).toBe(200);
  }
  const visit = await Visit.begin(browser);
  await visit.open("");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Users");
  owner = await visit.page.context().storageState();
  await visit.end(REFUSED(401));
});
afterAll(() => browser?.close());

test("of many who are invited, those who were refused stay in the form with the reason", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("invitations?create=1");
  const dialog = page.getByRole("dialog");
  const addresses = dialog.getByLabel("E-mail addresses");
  await addresses.fill(`${ADA}, nobody\n${BO}`);
  await dialog.getByRole("button", { name: "Send 3 invitations" }).click();
  await dialog.getByText("These do not look like e-mail addresses: nobody").waitFor();

  const taken = TAKEN.map((name) => `${name}@example.org`);
  await addresses.fill(`"Lovelace, Ada" <${ADA}>; ${taken[0]}\n${taken[1]} ${ADA}`);
  await dialog.getByRole("button", { name: "Send 3 invitations" }).click();
  await page.getByText(`An invitation is on its way to ${ADA}`).waitFor();
  const alert = dialog.getByRole("alert").filter({ hasText: "2 invitations were refused" });
  for (const address of taken) await alert.getByRole("listitem").filter({ hasText: address }).waitFor();
  expect(await addresses.inputValue()).toBe(taken.join("\n"));
  expect(await visit.flaws()).toEqual([]);
  await visit.screenshot("invite-refused");

  await addresses.fill(taken[0] ?? "");
  await dialog.getByRole("button", { name: "Send invitation" }).click();
  await dialog.locator("[data-problem=email_taken]").waitFor();
  expect(await addresses.getAttribute("aria-invalid")).toBe("true");
  await page.keyboard.press("Escape");
  await page.getByRole("row").filter({ hasText: ADA }).waitFor();
  await visit.end(REFUSED(409));
});

test("somebody is invited again with the roles of the first invitation", async () => {
  expect(await ask(BASE, "POST", "/invitations", { spec: { email: BO, roles: ["auditor"] } })).toBe(200);
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("invitations");
  await page.getByRole("row").filter({ hasText: BO }).getByRole("button", { name: "Invite again" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite people" });
  await expect.poll(() => dialog.getByLabel("E-mail addresses").inputValue()).toBe(BO);
  await dialog.getByText("Auditor (auditor)").first().waitFor();
  await page.reload();
  await expect.poll(() => dialog.getByLabel("E-mail addresses").inputValue()).toBe(BO);
  expect(await visit.flaws()).toEqual([]);
  await dialog.getByRole("button", { name: "Send invitation" }).click();
  // A second mail to the same address has to wait a minute, and that is said as any refusal is.
  await dialog.locator("[data-problem=too_many_codes]").waitFor();
  await visit.end(REFUSED(429));
});
