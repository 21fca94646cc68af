import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, OWNER, Visit } from "./support";

const suffix = Date.now().toString(36);
const NAMES = [`main-${suffix}`, `spare-${suffix}`];

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = /the server responded with a status of 400 /;

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

test("a sender is added, put first, tried step by step and deleted", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("senders");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Senders");
  for (const name of NAMES) {
    await page.getByRole("button", { name: "Add a sender" }).first().click();
    const form = page.getByRole("dialog");
    const typed = { Name: name, "Display name": name, Host: "localhost", "Mail comes from": "no-reply@example.com" };
    for (const [label, value] of Object.entries(typed)) {
      await form.getByRole("textbox", { name: label, exact: true }).fill(value);
    }
    await form.getByRole("button", { name: "Add a sender" }).click();
    await page.getByRole("region", { name }).waitFor();
  }
  const list = page.getByRole("list", { name: "Senders in their order" });
  const order = async () => (await list.getByRole("heading").allTextContents()).filter((title) => NAMES.includes(title));
  const up = page.getByRole("button", { name: `Move ${NAMES[1]} up` });
  await up.focus();
  await page.keyboard.press("Enter");
  await expect.poll(order).toEqual(NAMES.toReversed());
  expect(await visit.flaws()).toEqual([]);

  // Nobody listens there: the steps end where it was not reached.
  const spare = page.getByRole("region", { name: NAMES[1] });
  await spare.getByRole("button", { name: "Try" }).click();
  const trial = page.getByRole("dialog");
  await trial.getByLabel("Address").fill("ada@example.com");
  await trial.getByRole("button", { name: "Send a mail" }).click();
  const steps = trial.getByRole("region", { name: "Steps of the delivery" });
  await steps.waitFor();
  expect(await steps.textContent()).toContain("Connect");
  expect(await trial.textContent()).toContain("did not take the mail");
  expect(await visit.flaws()).toEqual([]);
  await trial.getByRole("button", { name: "Close" }).last().click();

  for (const name of NAMES) {
    const one = page.getByRole("region", { name });
    await one.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await one.waitFor({ state: "detached" });
  }
  await visit.end(REFUSED, /status of 401 /);
});
