import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, BASE, launch, Visit } from "./support";

const suffix = Date.now().toString(36);
const PASSWORD = "seven quiet otters read maps";
const OLGA = `olga-${suffix}`;
const MANY = 23;
const REFUSED = /the server responded with a status of 401 /;

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
  const olga = { name: OLGA, email: `${OLGA}@example.org`, password: PASSWORD, mustChangePassword: false, roles: ["owner"] };
  expect(await ask(BASE, "POST", "/users", olga)).toBe(200);
  for (let number = 0; number < MANY; number += 1) {
    const name = `pat${number}-${suffix}`;
    expect(await ask(BASE, "POST", "/users", { name, email: `${name}@example.org` })).toBe(200);
  }
});
afterAll(() => browser?.close());

/** Chooses everybody whom the list has, also those of its other pages. */
async function chooseAll({ page }: Visit, shown: string): Promise<void> {
  await page.getByRole("checkbox", { name: "Choose everyone on this page" }).check();
  await page.getByRole("button", { name: `Choose all ${shown} that match` }).click();
  await page.getByText(`All ${shown} that match chosen`).waitFor();
}

test("everybody who matches is acted on, and whom it is refused for is told", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("");
  await visit.signIn(OLGA, PASSWORD);
  await visit.heading("Users");
  await visit.open(`users?q=${suffix}&size=10`);
  const dialog = page.getByRole("dialog");
  const rejections = dialog.getByRole("table", { name: "Whom it was refused for" });

  await chooseAll(visit, "24");
  await page.getByRole("toolbar").getByRole("button", { name: "Disable" }).click();
  await dialog.getByRole("button", { name: "See what it comes to" }).click();
  await dialog.getByText("Nothing was changed yet").waitFor();
  await dialog.getByText(`${MANY} users will be signed out everywhere`).waitFor();
  await rejections.getByRole("link", { name: OLGA }).waitFor();
  await rejections.getByText("Somebody else has to do this to your account.").waitFor();
  expect(await visit.flaws()).toEqual([]);
  await visit.screenshot("batch-checked");
  await dialog.getByRole("button", { name: "Disable" }).click();
  await dialog.getByText("It is done.").waitFor();
  expect(await visit.flaws()).toEqual([]);
  await dialog.getByRole("button", { name: "Done" }).click();
  await dialog.waitFor({ state: "hidden" });
  await visit.open(`users?q=${suffix}&state=disabled&size=10`);
  await page.getByText(`${MANY} users match`).waitFor();

  await visit.open(`users?q=${suffix}&size=10`);
  await chooseAll(visit, "24");
  await page.getByRole("toolbar").getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "See what it comes to" }).click();
  const act = dialog.getByRole("button", { name: "Delete" });
  await act.waitFor();
  expect(await act.isDisabled()).toBe(true);
  await dialog.getByLabel(`Type “${MANY}” to confirm`).fill(String(MANY));
  await act.click();
  await dialog.getByText("It is done.").waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByText("1 user matches").waitFor();
  await page.getByRole("link", { name: OLGA, exact: true }).waitFor();
  await visit.end(REFUSED);
});

test("what is chosen is another list's no more when the list is cut down", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  for (let number = 0; number < 12; number += 1) {
    const name = `kim${number}-${suffix}`;
    expect(await ask(BASE, "POST", "/users", { name, email: `${name}@example.org` })).toBe(200);
  }
  await visit.open("");
  await visit.signIn(OLGA, PASSWORD);
  await visit.heading("Users");
  await visit.open(`users?q=${suffix}&size=10`);
  await chooseAll(visit, "13");
  await page.getByRole("combobox", { name: "State" }).selectOption("Disabled");
  await page.getByText("10 users chosen").waitFor();
  await expect.poll(() => page.getByText("All 13 that match chosen").count()).toBe(0);
  await visit.end(REFUSED);
});
