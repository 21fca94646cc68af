import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, BASE, launch, OWNER, ownerToken, Visit } from "./support";

// What people do every day, and how many clicks it may take from the first page that the console shows.

const suffix = Date.now().toString(36);
const PASSWORD = "seven quiet otters read maps";
const ELA = { name: `ela-${suffix}`, email: `ela-${suffix}@example.org`, displayName: `Ela ${suffix}` };
const GUESTS = Array.from({ length: 10 }, (_, at) => `guest-${at}-${suffix}@example.org`);

let browser: Browser;
let owner: BrowserContextOptions["storageState"];

async function signIn(password: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ username: ELA.name, password });
  return (await fetch(`${BASE}v1/login`, { method: "POST", headers, body })).status;
}

/** Counts, in the page, a click of a mouse. What a key presses is told as a click as well, but as none of a mouse. */
function count(event: MouseEvent): void {
  if (!event.isTrusted || event.detail === 0) return;
  sessionStorage.setItem("clicks", String(1 + Number(sessionStorage.getItem("clicks"))));
}

/** Opens the first page as its owner; from now on the browser counts. */
async function begin(): Promise<Visit> {
  const visit = await Visit.begin(browser, { storageState: owner });
  await visit.page.addInitScript(`window.addEventListener("click", ${count}, true)`);
  await visit.open("");
  await visit.heading("Users");
  await visit.page.getByRole("table").getByRole("link", { name: ELA.name }).waitFor();
  return visit;
}

const clicks = (page: Page) => page.evaluate(() => Number(sessionStorage.getItem("clicks")));

/** Ends the visit, which took clicks, but no more than these. */
async function end(visit: Visit, most: number): Promise<void> {
  const taken = await clicks(visit.page);
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThanOrEqual(most);
  await visit.end();
}

beforeAll(async () => {
  browser = await launch();
  expect(await ask(BASE, "POST", "/users", { ...ELA, password: PASSWORD, mustChangePassword: false })).toBe(200);
  const visit = await Visit.begin(browser);
  await visit.open("");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Users");
  owner = await visit.page.context().storageState();
  await visit.end(/the server responded with a status of 401 /);
});
afterAll(() => browser?.close());

test("a user is found among all with two clicks", async () => {
  const visit = await begin();
  const { page } = visit;
  await page.getByLabel("Search users").click();
  await page.keyboard.insertText(ELA.email);
  await page.getByText(`1 user matches “${ELA.email}”`).waitFor();
  await page.getByRole("table").getByText(ELA.email).click();
  await visit.arrive(`users/${ELA.name}`);
  await visit.heading(ELA.displayName);
  await end(visit, 2);
});

test("a user is found with the keyboard alone", async () => {
  const visit = await begin();
  const { page } = visit;
  await page.keyboard.press("/");
  const finder = page.getByRole("dialog", { name: "Find pages, people and acts" });
  await finder.getByRole("textbox").waitFor();
  await page.keyboard.insertText(ELA.email);
  await finder.getByRole("button", { name: ELA.name }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await visit.arrive(`users/${ELA.name}`);
  expect(await clicks(page)).toBe(0);
  await visit.end();
});

test("ten people are invited at once with three clicks", async () => {
  const visit = await begin();
  const { page } = visit;
  await page.getByRole("button", { name: "Invite" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite people" });
  // It can be pasted into at once.
  await dialog.getByLabel("E-mail addresses").and(page.locator(":focus")).waitFor();
  await page.keyboard.insertText(GUESTS.join("\n"));
  await dialog.getByRole("button", { name: "Send 10 invitations" }).click();
  await page.getByText("10 invitations are on their way").waitFor();
  await dialog.waitFor({ state: "detached" });
  const headers = { authorization: `Bearer ${await ownerToken(BASE)}` };
  const answer = await fetch(`${BASE}apis/console/v1alpha1/invitations?size=200`, { headers });
  const { items } = (await answer.json()) as { items: { spec: { email: string } }[] };
  expect(items.map(({ spec }) => spec.email)).toEqual(expect.arrayContaining(GUESTS));
  await end(visit, 3);
});

test("why somebody is denied something is found out with three clicks", async () => {
  const visit = await begin();
  const { page } = visit;
  await page.getByRole("table").getByRole("link", { name: ELA.name }).click();
  await page.getByRole("tab", { name: "Access" }).click();
  await page.getByRole("button", { name: /^messages:list: / }).click();
  const answer = page.getByRole("dialog").locator("[data-allowed=false]");
  await answer.getByText("Denied").waitFor();
  await answer.getByText("No rule says anything about it").waitFor();
  await end(visit, 3);
});

test("somebody who has to wait is let in with two clicks", async () => {
  for (let tries = 0; tries < 5; tries++) expect(await signIn("not the password at all")).toBe(401);
  expect(await signIn(PASSWORD)).toBe(429);
  const visit = await begin();
  const { page } = visit;
  await page.getByRole("table").getByRole("link", { name: ELA.name }).click();
  await page.getByRole("button", { name: "Lift" }).click();
  await page.getByText(`${ELA.name} can try again now`).waitFor();
  expect(await signIn(PASSWORD)).toBe(200);
  await end(visit, 2);
});

test("a mail to choose another password is sent with two clicks", async () => {
  const visit = await begin();
  const { page } = visit;
  await page.getByRole("table").getByRole("link", { name: ELA.name }).click();
  await page.getByRole("button", { name: "Send reset mail" }).click();
  await page.getByText(`A mail goes to ${ELA.email}`).waitFor();
  await end(visit, 2);
});
