import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BASE, launch, mailed, Visit } from "./support";

const suffix = Date.now().toString(36);
const PASSWORD = "lighthouse oatmeal bicycle 7";
const OTHER = "marble envelope sunday 12";
const LOGIN = `${BASE}login`;

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = (status: number) => new RegExp(`the server responded with a status of ${status} `);

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

/** The page the newest message to this address links to. */
const mailedLink = (address: string, page: string) => mailed(address, new RegExp(`http\\S+/login/${page}\\?token=\\S+`));

async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

/** From an account that is made to a new password, with the pages alone. */
async function story(visit: Visit, name: string): Promise<void> {
  const { page } = visit;
  const email = `${name}@example.org`;
  await page.goto(`${LOGIN}?return_to=${encodeURIComponent(new URL(BASE).pathname)}login`);
  await heading(page, "Sign in");
  await page.getByRole("link", { name: "No account yet? Create one" }).click();
  await heading(page, "Create an account");
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create an account" }).click();
  const alert = page.getByRole("alert");
  await alert.getByRole("link", { name: /at least \d+ characters/ }).click();
  expect(await page.getByLabel("Password").inputValue()).toBe("");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create an account" }).click();
  await heading(page, "Check your mail");

  await page.goto(await mailedLink(email, "verify"));
  await page.getByRole("button", { name: "Yes, verify this address" }).click();
  // This browser began it: it is signed in, and goes on to where it was going.
  await heading(page, "You are signed in");
  await page.getByText(`You are signed in as ${name}.`).waitFor();
  await page.getByRole("link", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await heading(page, "You are signed out");
  await page.goto(LOGIN);

  await page.getByLabel("User name or e-mail address").fill(email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await alert.getByText("The name or the password is wrong.").waitFor();
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Send the mail" }).click();
  await heading(page, "Check your mail");

  await page.goto(await mailedLink(email, "reset"));
  await page.getByLabel("New password").fill(OTHER);
  await page.getByRole("button", { name: "Save the new password" }).click();
  await heading(page, "Your password is changed");
  await page.getByRole("link", { name: "Go to sign-in" }).click();
  await page.getByLabel("User name or e-mail address").fill(name);
  await page.getByLabel("Password").fill(OTHER);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname.endsWith("/console/") || url.pathname.includes("/console/"));

  await page.goto(LOGIN);
  await page.getByText(`You are signed in as ${name}.`).waitFor();
  await page.getByRole("link", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await heading(page, "You are signed out");
}

test("an account is made, proven, forgotten and recovered without JavaScript", async () => {
  const visit = await Visit.begin(browser, { javaScriptEnabled: false });
  await story(visit, `plain-${suffix}`);
  await visit.end(REFUSED(400), REFUSED(401));
});

test("the same with it", async () => {
  const visit = await Visit.begin(browser);
  await story(visit, `rich-${suffix}`);
  await visit.end(REFUSED(400), REFUSED(401));
});

test("a failed sign-in puts the focus on what is wrong, and passwords can be pasted", async () => {
  const visit = await Visit.begin(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  const { page } = visit;
  await page.goto(LOGIN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("alert");
  await page.getByRole("alert").getByRole("link", { name: /^Password/ }).click();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("password");
  expect(await page.locator("#password").getAttribute("type")).toBe("password");
  await page.evaluate((text) => navigator.clipboard.writeText(text), OTHER);
  await page.keyboard.press("Control+V");
  expect(await page.locator("#password").inputValue()).toBe(OTHER);
  await visit.end(REFUSED(400));
});

test.each([
  ["en", { met: "Met", unmet: "Not yet", later: "Checked when sent", told: "Rules met: 1/1" }],
  ["zh", { met: "已满足", unmet: "尚未满足", later: "提交时检查", told: "已满足的要求：1/1" }],
])("each rule of a new password is marked while it is typed, in the language of the page: %s", async (lang, words) => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await page.goto(`${LOGIN}/sign-up?lang=${lang}`);
  const rule = (name: string) => page.locator(`#password-rules [data-rule="${name}"] span`);
  const told = page.locator("#password-told");
  expect(await told.getAttribute("aria-live")).toBe("polite");
  expect(await rule("too_short").textContent()).toBe(words.unmet);
  expect(await told.textContent()).toBe("");
  await page.locator("#password").pressSequentially("too short");
  expect(await rule("too_short").textContent()).toBe(words.unmet);
  await page.locator("#password").fill(PASSWORD);
  expect(await rule("too_short").textContent()).toBe(words.met);
  // Only the server knows which ones are common.
  expect(await rule("too_common").textContent()).toBe(words.later);
  expect(await told.textContent()).toBe(words.told);
  expect(await visit.flaws()).toEqual([]);
  await visit.end();
});

test("the rules of a new password can be read without JavaScript", async () => {
  const visit = await Visit.begin(browser, { javaScriptEnabled: false });
  await visit.page.goto(`${LOGIN}/sign-up`);
  await visit.page.getByText(/^Use at least \d+ characters\.$/).waitFor();
  await visit.end();
});

test("every page is without flaws in light and dark, on a phone and with large letters", async () => {
  const name = `seen-${suffix}`;
  const made = await fetch(`${BASE}v1/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: name, email: `${name}@example.org`, password: PASSWORD }),
  });
  expect(made.status).toBe(200);
  const link = await mailedLink(`${name}@example.org`, "verify");
  const paths = ["", "/sign-up", "/verify", "/forgot", "/reset", "/undo", "/sign-out", "/nowhere", "/verify?token=x"];
  const pages = [...paths.map((path) => `${LOGIN}${path}`), `${LOGIN}?lang=zh`, link];
  for (const colorScheme of ["light", "dark"] as const) {
    const visit = await Visit.begin(browser, { colorScheme, viewport: { width: 360, height: 740 } });
    const { page } = visit;
    const look = async (what: string) => {
      expect(await visit.flaws(), `${what} ${colorScheme}`).toEqual([]);
      expect(await visit.overflow(), `${what} ${colorScheme}`).toBe(0);
      // As wide as a window of 360 pixels at 200 %.
      await page.setViewportSize({ width: 180, height: 370 });
      expect(await visit.overflow(), `${what} ${colorScheme} at 200 %`).toBe(0);
      await page.setViewportSize({ width: 360, height: 740 });
    };
    for (const address of pages) {
      await page.goto(address);
      await look(address);
    }
    await page.goto(`${LOGIN}/sign-up`);
    await page.getByRole("button").click();
    await page.getByRole("alert").waitFor();
    await look("a form with errors");
    await visit.screenshot(`login-errors-${colorScheme}`);
    await page.goto(LOGIN);
    await visit.screenshot(`login-${colorScheme}`);
    await page.getByLabel("User name or e-mail address").fill(name);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(/\/console\//);
    for (const path of ["", "/password", "/sign-out"]) {
      await page.goto(`${LOGIN}${path}`);
      await look(`signed in ${path}`);
    }
    await visit.end(REFUSED(400), REFUSED(404));
  }
});
