import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, BASE, launch, LOOKS, mailed, Visit } from "./support";

const suffix = Date.now().toString(36);
const PASSWORD = "seven quiet otters read maps";
const IDA = `ida-${suffix}`;
const SUE = `sue-${suffix}`;
const REFUSED = /the server responded with a status of 401 /;

let browser: Browser;
let support: BrowserContextOptions["storageState"];

async function signIn(password: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ username: IDA, password });
  return (await fetch(`${BASE}v1/login`, { method: "POST", headers, body })).status;
}

/** Gives wrong passwords until Ida has to wait. */
async function lockOut(): Promise<void> {
  for (let tries = 0; tries < 5; tries++) expect(await signIn("not the password at all")).toBe(401);
  expect(await signIn(PASSWORD)).toBe(429);
}

beforeAll(async () => {
  browser = await launch();
  for (const [name, roles] of [[IDA, []], [SUE, ["support"]]] as const) {
    const user = { name, email: `${name}@example.org`, password: PASSWORD, mustChangePassword: false, roles };
    expect(await ask(BASE, "POST", "/users", user)).toBe(200);
  }
  const visit = await Visit.begin(browser);
  await visit.open("");
  await visit.signIn(SUE, PASSWORD);
  await visit.heading("Users");
  support = await visit.page.context().storageState();
  await visit.end(REFUSED);
});
afterAll(() => browser?.close());

test("support lets somebody in, two clicks from the list of users", async () => {
  await lockOut();
  const visit = await Visit.begin(browser, { storageState: support });
  const { page } = visit;
  await visit.open(`users?q=${IDA}`);
  await page.getByRole("link", { name: IDA }).click();
  await page.getByRole("button", { name: "Lift" }).click();
  await page.getByText(`${IDA} can try again now`).waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Lift" }).count()).toBe(0);
  expect(await signIn(PASSWORD)).toBe(200);
  await visit.end();
});

test("support mails the means to choose another password, two clicks from the list of users", async () => {
  const visit = await Visit.begin(browser, { storageState: support });
  const { page } = visit;
  await visit.open(`users?q=${IDA}`);
  await page.getByRole("link", { name: IDA }).click();
  await page.getByRole("button", { name: "Send reset mail" }).click();
  await page.getByText(`A mail goes to ${IDA}@example.org`).waitFor();
  await mailed(`${IDA}@example.org`, /\b\d{6}\b/);
  // The next one has to wait, and that is said as any refusal is.
  await page.getByRole("button", { name: "Send reset mail" }).click();
  await page.locator("[data-problem=too_many_codes]").waitFor();
  await visit.end(/the server responded with a status of 429 /);
});

test("the sign-in of somebody says why they have to wait, and what was refused", async () => {
  await lockOut();
  const visit = await Visit.begin(browser, { storageState: support });
  const { page } = visit;
  await visit.open(`users/${IDA}?tab=sign-in`);
  const answer = page.getByRole("region", { name: "Can they sign in?" });
  await answer.getByText("Yes, but not from everywhere yet").waitFor();
  const wait = answer.getByRole("listitem").filter({ hasText: `Wrong passwords for ${IDA} from` }).first();
  await wait.waitFor();
  // Until when and since when, to the second and with the zone when pointed at.
  const exact = await wait.locator("time").evaluateAll((times) => times.map((time) => time.getAttribute("title") ?? ""));
  expect(exact).toEqual([expect.stringMatching(/\d\d:\d\d:\d\d \S+$/), expect.stringMatching(/\d\d:\d\d:\d\d \S+$/)]);
  const refusals = answer.getByRole("table", { name: "Last refusals" });
  await refusals.getByText("Had to wait").first().waitFor();
  await refusals.getByText("Wrong password").first().waitFor();
  expect(await visit.flaws()).toEqual([]);

  await answer.getByRole("button", { name: "Send code" }).click();
  await page.getByText(`A mail goes to ${IDA}@example.org`).waitFor();
  await answer.getByRole("button", { name: "End sessions" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End sessions" }).click();
  await page.getByText("Sessions ended").waitFor();
  await answer.getByRole("button", { name: "Lift" }).click();
  await answer.getByText("Yes", { exact: true }).waitFor();

  expect(await ask(BASE, "POST", `/users/${IDA}/disable`)).toBe(200);
  await page.reload();
  await answer.getByText("No", { exact: true }).waitFor();
  await answer.getByText("The account is disabled.").waitFor();
  expect(await answer.getByRole("button", { name: "Send code" }).count()).toBe(0);
  expect(await ask(BASE, "POST", `/users/${IDA}/enable`)).toBe(200);
  await visit.end();
});

test.each([...LOOKS, ["chinese", { locale: "zh-CN" }] as const])("whether somebody can sign in fits and is accessible: %s", async (look, options) => {
  const visit = await Visit.begin(browser, { storageState: support, ...options });
  const ready = () => visit.page.getByRole("table", { name: /Last refusals|最近被拒绝的登录/ }).waitFor();
  await visit.judgeAll(`first-aid-${look}`, [["sign-in", `users/${IDA}?tab=sign-in`, ready]]);
  await visit.end();
});
