import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BASE, launch, LOOKS, OWNER, TENANT, Visit } from "./support";

type State = BrowserContextOptions["storageState"];

const suffix = Date.now().toString(36);
const API = `${BASE}apis/console/v1alpha1`;
const PASSWORD = "seven quiet otters read maps";
const ADA = `ada-${suffix}`;
const PAGE = `pages-${suffix}`;
const SERVER = `server-${suffix}`;
const STAFF = `staff-${suffix}`;
const OWN = `own-${suffix}`;
const CALLBACK = `${BASE}console/try-it/callback`;

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = (status: number) => new RegExp(`the server responded with a status of ${status} `);

let browser: Browser;
let owner: State;
let secret: string;

/** Asks the API as whoever is signed in at this page. */
async function ask(page: Page, path: string, sent: unknown, api = API): Promise<{ spec: { secret: string } }> {
  const [status, answer] = await page.evaluate(
    async ([url, text]) => {
      const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: text };
      const response = await fetch(url, init);
      return [response.status, await response.json()] as const;
    },
    [api + path, JSON.stringify(sent)] as const,
  );
  expect(status).toBe(200);
  return answer as { spec: { secret: string } };
}

beforeAll(async () => {
  browser = await launch();
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Users");
  const user = { name: ADA, email: `${ADA}@example.org`, displayName: ADA, password: PASSWORD, mustChangePassword: false };
  await ask(page, "/users", user);
  const scopes = ["openid", "profile", "email", "roles", "offline_access"];
  await ask(page, "/applications", { preset: "single-page", metadata: { name: PAGE }, spec: { displayName: "The page", scopes, idTokenAlg: "ES256" } });
  const redirectUris = ["https://server.example.com/callback", CALLBACK];
  const spec = { displayName: "The server", firstParty: true, redirectUris };
  await ask(page, "/applications", { preset: "web-server", metadata: { name: SERVER }, spec });
  secret = (await ask(page, `/applications/${SERVER}/secrets`, { spec: {} })).spec.secret;
  await ask(page, "/applications", { preset: "single-page", metadata: { name: STAFF }, spec: { redirectUris: [CALLBACK], accessRoles: ["auditor"] } });
  await ask(page, "/applications", { preset: "single-page", metadata: { name: OWN }, spec: { firstParty: true, redirectUris: [CALLBACK] } });
  owner = await page.context().storageState();
  await visit.end(REFUSED(401));
});
afterAll(() => browser?.close());

/** The names of the checks that are listed, and those of them that failed. */
async function checks(page: Page, of: string): Promise<{ all: string[]; failed: string[] }> {
  const lines = await page.getByRole("list", { name: `Checks of the ${of}` }).getByRole("listitem").all();
  const said = await Promise.all(lines.map((line) => Promise.all([line.getAttribute("data-check"), line.getAttribute("data-ok")])));
  const names = (wanted: typeof said) => wanted.map(([name]) => name ?? "");
  return { all: names(said), failed: names(said.filter(([, ok]) => ok !== "true")) };
}

/** The page that begins it, in the tab that the console opens. */
async function opened(page: Page): Promise<Page> {
  const tab = page.context().waitForEvent("page");
  await page.getByRole("link", { name: "Try it in a new tab" }).click();
  return tab;
}

test("a public application is tried as oneself: every check is right, and its tokens are renewed and given back", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`applications/${PAGE}`);
  await page.getByRole("tab", { name: "Try it" }).click();
  await page.getByText("The application does not know the page that tries it").waitFor();
  expect(await page.getByRole("link", { name: "Try it in a new tab" }).count()).toBe(0);
  await page.getByRole("button", { name: "Add this redirect URI" }).click();
  await page.getByText("The page that tries it is one of the application's redirect URIs.").waitFor();
  expect(await visit.flaws()).toEqual([]);
  const tab = await opened(page);
  await tab.getByRole("heading", { level: 1, name: `Try a sign-in to ${PAGE}` }).waitFor();
  await tab.getByRole("row", { name: /^code_challenge_method S256/ }).waitFor();
  await tab.getByRole("button", { name: "Go to the sign-in" }).click();
  await tab.getByRole("heading", { level: 1, name: "The page asks for access" }).waitFor();
  await tab.getByRole("button", { name: "Allow", exact: true }).click();
  await tab.getByText("Signed in, and every check is right").waitFor();
  // The code is in no address any more.
  await tab.waitForURL(CALLBACK);
  expect(await tab.evaluate(() => sessionStorage.getItem("try-it"))).toBe(null);
  expect(await checks(tab, "ID token")).toEqual({ all: ["signature", "iss", "aud", "exp", "iat", "nonce", "at_hash"], failed: [] });
  expect(await checks(tab, "Access token")).toEqual({ all: ["signature", "typ", "iss", "client_id", "exp"], failed: [] });
  const claims = tab.getByRole("table", { name: "Claims of the ID token" });
  expect(await claims.getByRole("row", { name: /^exp / }).textContent()).toMatch(/\(in \d+ minutes?\)/);

  const steps = tab.getByRole("region", { name: "Step by step" });
  await steps.getByRole("button", { name: /^Code exchanged for tokens/ }).click();
  await steps.getByRole("group", { name: "Code exchanged for tokens: Form" }).getByText("grant_type=authorization_code").waitFor();
  await steps.getByRole("button", { name: /^Came back/ }).click();
  expect((await checks(tab, "Came back")).all).toEqual(["state", "iss"]);

  await tab.getByRole("button", { name: "Renew the tokens" }).click();
  await steps.getByRole("button", { name: /^Tokens renewed Right/ }).waitFor();
  expect((await checks(tab, "ID token")).failed).toEqual([]);
  await tab.getByRole("button", { name: "Give the tokens back" }).click();
  await steps.getByRole("button", { name: /^Token given back Right/ }).waitFor();
  await tab.getByRole("button", { name: "Ask userinfo" }).click();
  await steps.getByRole("button", { name: /^Userinfo asked Failed/ }).waitFor();

  await page.getByRole("button", { name: "Remove this redirect URI" }).click();
  await page.getByText("The application does not know the page that tries it").waitFor();
  await visit.end();
});

test("an application with a secret is tried as somebody else, by a link, and the secret is shown nowhere", async () => {
  const visit = await Visit.begin(browser, { storageState: owner, permissions: ["clipboard-read", "clipboard-write"] });
  await visit.open(`applications/${SERVER}?tab=try`);
  await visit.page.getByLabel("Proof of who it is").selectOption("client_secret_basic");
  await visit.page.getByRole("button", { name: "Copy the link for a private window" }).click();
  const link = await visit.page.evaluate(() => navigator.clipboard.readText());
  await visit.end();

  const other = await Visit.begin(browser);
  const { page } = other;
  await page.goto(link);
  await page.getByRole("button", { name: "Go to the sign-in" }).click();
  await page.getByText("Enter the secret.").waitFor();
  await page.getByRole("textbox", { name: "Secret of the application" }).fill(secret);
  expect(await other.flaws()).toEqual([]);
  await page.getByRole("button", { name: "Go to the sign-in" }).click();
  await other.signIn(ADA, PASSWORD);
  await page.getByText("Signed in, and every check is right").waitFor();
  expect(await page.evaluate(() => sessionStorage.getItem("try-it"))).toBe(null);
  const steps = page.getByRole("region", { name: "Step by step" });
  await page.getByRole("button", { name: "Ask about the token" }).click();
  await steps.getByRole("button", { name: /^Token asked about Right/ }).click();
  await steps.getByRole("group", { name: "Token asked about: Body" }).getByText('"active": true').waitFor();
  await steps.getByRole("button", { name: /^Code exchanged for tokens/ }).click();
  await steps.getByRole("group", { name: "Code exchanged for tokens: Request" }).getByText("Authorization: Basic ••••••••").waitFor();
  const shown = (await page.content()) + page.url();
  for (const form of [secret, btoa(`${SERVER}:${secret}`)]) expect(shown).not.toContain(form);
  expect(await other.flaws()).toEqual([]);

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${BASE}login/sign-out`);
  // What the tab had is gone with the page.
  await page.goto(CALLBACK);
  await page.getByText("This tab began no sign-in").waitFor();
  await other.end();
});

test("a wrong secret is told in the server's words, with what the code means", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await page.goto(`${BASE}console/try-it?client_id=${SERVER}&proof=client_secret_post&scope=openid`);
  await page.getByRole("textbox", { name: "Secret of the application" }).fill("not the secret");
  await page.getByRole("button", { name: "Go to the sign-in" }).click();
  await page.getByText("No tokens came").waitFor();
  await page.locator("[data-error=invalid_client]").waitFor();
  await visit.end(REFUSED(401));
});

test("whoever may not sign in to an application comes back with an error that is explained", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await page.goto(`${BASE}console/try-it?client_id=${STAFF}&scope=openid&prompt=none`);
  await page.getByRole("button", { name: "Go to the sign-in" }).click();
  await page.getByText("The sign-in was refused").waitFor();
  await page.locator("[data-error=access_denied]", { hasText: "may not sign in to this application" }).waitFor();
  expect(await visit.flaws()).toEqual([]);
  // A scope that it may not have.
  await page.goto(`${BASE}console/try-it?client_id=${STAFF}&scope=users:list`);
  await page.getByRole("button", { name: "Go to the sign-in" }).click();
  await page.locator("[data-error=invalid_scope]").waitFor();
  await visit.end();
});

/** Changes what the tab keeps, on the way to the sign-in. */
async function tamper(page: Page, name: string): Promise<void> {
  await page.goto(`${BASE}console/try-it?client_id=${OWN}&scope=openid&prompt=login`);
  await page.getByRole("button", { name: "Go to the sign-in" }).click();
  await page.waitForURL((url) => url.href.startsWith(`${BASE}login?`));
  await page.evaluate((member) => {
    const kept = JSON.parse(sessionStorage.getItem("try-it") ?? "") as Record<string, string>;
    sessionStorage.setItem("try-it", JSON.stringify({ ...kept, [member]: "another" }));
  }, name);
}

test("checks fail: a nonce of another sign-in, and a state that is not the one that was sent", async () => {
  // Signing in once more ends the session of before, which the other stories have.
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await tamper(page, "nonce");
  await visit.signIn(OWNER.name, OWNER.password);
  await page.getByText("Signed in, but a check failed").waitFor();
  expect((await checks(page, "ID token")).failed).toEqual(["nonce"]);
  await page.getByText("expected another").waitFor();
  expect(await visit.flaws()).toEqual([]);

  await tamper(page, "state");
  await visit.signIn(OWNER.name, OWNER.password);
  await page.getByText("The answer is not one to this sign-in").waitFor();
  expect((await checks(page, "Came back")).failed).toEqual(["state"]);
  // The code was not used.
  expect(await page.getByRole("button", { name: /^Code exchanged/ }).count()).toBe(0);
  await visit.end();
});

test("what an application would be told of somebody is shown before anybody signs in", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`applications/${PAGE}?tab=try`);
  const panel = page.getByRole("region", { name: "What would it be told of somebody?" });
  await panel.getByRole("combobox", { name: "User" }).fill(ADA);
  await page.getByRole("option", { name: ADA }).click();
  await panel.getByText("They may sign in to it").waitFor();
  await panel.getByRole("group", { name: "Userinfo" }).getByText(`"email": "${ADA}@example.org"`).waitFor();
  await panel.getByRole("group", { name: "ID token" }).getByText(`"aud": "${PAGE}"`).waitFor();
  await panel.getByRole("group", { name: "Access token" }).getByText('"roles": [').waitFor();
  await visit.open(`applications/${STAFF}?tab=try`);
  await panel.getByRole("combobox", { name: "User" }).fill(ADA);
  await page.getByRole("option", { name: ADA }).click();
  await panel.getByText("They may not sign in to it").waitFor();
  expect(await visit.flaws()).toEqual([]);
  await visit.end();
});

test("a tenant at a path tries its own applications", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await page.goto(`${TENANT}console/`);
  await page.waitForURL((url) => url.href.startsWith(`${TENANT}login?`));
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Users");
  const redirectUris = [`${TENANT}console/try-it/callback`];
  const made = { preset: "native", metadata: { name: PAGE }, spec: { firstParty: true, redirectUris } };
  await ask(page, "/applications", made, `${TENANT}apis/console/v1alpha1`);
  await page.goto(`${TENANT}console/applications/${PAGE}?tab=try`);
  const tab = await opened(page);
  await tab.getByRole("button", { name: "Go to the sign-in" }).click();
  await tab.getByText("Signed in, and every check is right").waitFor();
  await visit.end(REFUSED(401));
});

test.each([...LOOKS, ["chinese", { locale: "zh-CN" }] as const])("pages of a tried sign-in fit and are accessible: %s", async (look, options) => {
  const visit = await Visit.begin(browser, { ...options, storageState: owner });
  const { page } = visit;
  await visit.open(`applications/${OWN}?tab=try`);
  await page.locator("[data-registered=true]").waitFor();
  await visit.judge(`${look}-try-tab`);
  const go = page.getByRole("button", { name: look === "chinese" ? "前往登录" : "Go to the sign-in" });
  await page.goto(`${BASE}console/try-it?client_id=${OWN}&scope=openid+profile`);
  await go.waitFor();
  await visit.judge(`${look}-try-begin`);
  await go.click();
  await page.locator("[data-check=at_hash]").waitFor();
  for (const step of await page.locator("[data-accordion-control]").all()) await step.click();
  await visit.judge(`${look}-try-result`);
  await visit.end();
});
