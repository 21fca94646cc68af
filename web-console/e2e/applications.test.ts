import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BASE, launch, LOOKS, OWNER, save, Visit } from "./support";

type State = BrowserContextOptions["storageState"];

const suffix = Date.now().toString(36);
const API = `${BASE}apis/console/v1alpha1`;
const PASSWORD = "seven quiet otters read maps";
const HELPER = `vera-${suffix}`;
const AUDITOR = `otto-${suffix}`;
const SHOP = `shop-${suffix}`;
const ORDERS = `Orders ${suffix}`;
const AUDIENCE = `https://orders-${suffix}.example.com`;

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = (status: number) => new RegExp(`the server responded with a status of ${status} `);

let browser: Browser;
let owner: State;
let helper: State;
let auditor: State;

/** Asks the API as whoever is signed in at this page. */
async function ask(page: Page, method: "POST" | "PATCH", path: string, sent: unknown): Promise<number> {
  return page.evaluate(
    async ([url, verb, text]) => {
      const init = { method: verb, headers: { "Content-Type": "application/json" }, body: text };
      return (await fetch(url, init)).status;
    },
    [API + path, method, JSON.stringify(sent)] as const,
  );
}

async function addTag(page: Page, name: string, word: string): Promise<void> {
  await page.getByRole("combobox", { name }).fill(word);
  await page.keyboard.press("Enter");
}

async function removeTag(page: Page, name: string): Promise<void> {
  await page.getByRole("combobox", { name }).focus();
  await page.keyboard.press("Backspace");
}

beforeAll(async () => {
  browser = await launch();
  const visit = await Visit.begin(browser);
  await visit.open("");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Users");
  for (const [name, role] of [
    [HELPER, "support"],
    [AUDITOR, "auditor"],
  ]) {
    const user = { name, email: `${name}@example.org`, displayName: name, password: PASSWORD, mustChangePassword: false };
    expect(await ask(visit.page, "POST", "/users", user)).toBe(200);
    expect(await ask(visit.page, "POST", `/users/${name}/permissions`, { roles: [role] })).toBe(200);
  }
  owner = await visit.page.context().storageState();
  await visit.end(REFUSED(401));
  const states = [];
  for (const name of [HELPER, AUDITOR]) {
    const theirs = await Visit.begin(browser);
    await theirs.open("");
    await theirs.signIn(name, PASSWORD);
    await theirs.heading("Users");
    states.push(await theirs.page.context().storageState());
    await theirs.end(REFUSED(401));
  }
  [helper, auditor] = states;
});
afterAll(() => browser?.close());

test("an application is made of a preset, and a wrong redirect URI is told where it was typed", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("applications");
  await page.getByRole("button", { name: "Create application" }).click();
  const dialog = page.getByRole("dialog");
  expect(await dialog.getByRole("radio").count()).toBe(5);
  expect(await dialog.getByRole("radio", { name: "Web server" }).isChecked()).toBe(true);
  await dialog.getByRole("textbox", { name: "Display name" }).fill("The shop");
  await dialog.getByRole("textbox", { name: "Client ID" }).fill(SHOP);
  const uris = dialog.getByRole("combobox", { name: "Redirect URIs" });
  await addTag(page, "Redirect URIs", "http://shop.example.com/callback");
  await dialog.getByRole("button", { name: "Create application" }).click();
  await dialog.getByText("must begin with https://").first().waitFor();
  expect(await uris.getAttribute("aria-invalid")).toBe("true");
  expect(await visit.flaws()).toEqual([]);
  await removeTag(page, "Redirect URIs");
  await addTag(page, "Redirect URIs", "https://shop.example.com/callback");
  await dialog.getByRole("button", { name: "Create application" }).click();
  await visit.arrive(`applications/${SHOP}`);
  await visit.heading("The shop");

  await page.getByRole("tab", { name: "Addresses" }).click();
  await addTag(page, "Post-logout redirect URIs", "https://shop.example.com/#bye");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("may not have a fragment").waitFor();
  expect(await page.getByRole("combobox", { name: "Post-logout redirect URIs" }).getAttribute("aria-invalid")).toBe("true");
  await removeTag(page, "Post-logout redirect URIs");
  await addTag(page, "Post-logout redirect URIs", "https://shop.example.com/bye");
  await save(page);
  await page.reload();
  await page.getByText("https://shop.example.com/bye").waitFor();
  await visit.end(REFUSED(400));
});

test("a list of applications is cut down by client id, kind and who made them", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("applications");
  const table = page.getByRole("table", { name: "Applications" });
  await table.getByRole("link", { name: "The shop" }).waitFor();
  await page.getByLabel("Made by").selectOption("built-in");
  await table.getByRole("link", { name: "Swagger UI" }).waitFor();
  await expect.poll(() => table.getByRole("link", { name: "The shop" }).count()).toBe(0);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByLabel("Find by client ID").fill(SHOP);
  await page.getByText("1 application", { exact: true }).waitFor();
  await page.getByLabel("Kind").selectOption("machine");
  await page.getByText("No application matches these filters").waitFor();
  await visit.end();
});

test("settings are changed, unless somebody else was faster", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`applications/${SHOP}`);
  const tokens = page.getByRole("region", { name: "Tokens" });
  await tokens.getByRole("textbox", { name: "Access tokens are good for" }).fill("1");
  await tokens.getByLabel("Access tokens are good for: unit").selectOption("second");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await tokens.getByText("must be at least 1 minute").waitFor();
  await tokens.getByRole("textbox", { name: "Access tokens are good for" }).fill("5");
  await tokens.getByLabel("Access tokens are good for: unit").selectOption("minute");
  await page.getByLabel("Description").fill("Where people buy things.");
  await save(page);

  expect(await ask(page, "PATCH", `/applications/${SHOP}`, { spec: { homeUrl: "https://shop.example.com" } })).toBe(200);
  await page.getByLabel("Description").fill("Mine.");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Changed meanwhile").waitFor();
  await page.getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => page.getByRole("textbox", { name: "Home page" }).inputValue()).toBe("https://shop.example.com");
  expect(await page.getByLabel("Description").inputValue()).toBe("Where people buy things.");
  expect(await tokens.getByLabel("Access tokens are good for: unit").inputValue()).toBe("minute");
  await visit.end(REFUSED(400), REFUSED(412), REFUSED(409));
});

test("a secret is shown once, copied, replaced by a second and deleted", async () => {
  const visit = await Visit.begin(browser, { storageState: owner, permissions: ["clipboard-read", "clipboard-write"] });
  const { page } = visit;
  await visit.open(`applications/${SHOP}?tab=secrets`);
  await page.getByText("No secret yet").waitFor();
  const dialog = page.getByRole("dialog");
  const button = page.getByRole("button", { name: "Make a secret" });
  const make = async () => {
    await button.first().click();
    await dialog.getByRole("button", { name: "Make a secret" }).click();
    const secret = (await dialog.locator("[data-shown-once]").textContent()) ?? "";
    expect(secret).toHaveLength(43);
    return secret;
  };
  const first = await make();
  await dialog.getByRole("button", { name: "Copy" }).click();
  await dialog.getByText("Copied").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(first);
  expect(await visit.flaws()).toEqual([]);
  await dialog.getByRole("button", { name: "Done" }).click();
  const rows = page.getByRole("table", { name: "Secrets" }).getByRole("row");
  await rows.filter({ hasText: first.slice(-4) }).waitFor();

  const second = await make();
  expect(second).not.toBe(first);
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByText("There are two already.").waitFor();
  expect(await button.isDisabled()).toBe(true);
  await rows.filter({ hasText: first.slice(-4) }).getByRole("button", { name: "Delete" }).click();
  await dialog.getByText("is refused from this moment on").waitFor();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await dialog.waitFor({ state: "detached" });
  await expect.poll(() => rows.filter({ hasText: first.slice(-4) }).count()).toBe(0);
  await rows.filter({ hasText: second.slice(-4) }).waitFor();
  expect(await button.isDisabled()).toBe(false);
  expect(await page.content()).not.toContain(second);
  await visit.end();
});

test("an API is made with a scope, which an application is given", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("apis");
  await page.getByRole("button", { name: "Create API" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Display name" }).fill(ORDERS);
  await dialog.getByRole("textbox", { name: "Audience" }).fill("orders");
  await dialog.getByRole("button", { name: "Create API" }).click();
  await expect.poll(() => dialog.getByRole("textbox", { name: "Audience" }).getAttribute("aria-invalid")).toBe("true");
  await dialog.getByRole("textbox", { name: "Audience" }).fill(AUDIENCE);
  await dialog.getByRole("button", { name: "Create API" }).click();
  await visit.arrive(/^apis\/[^/?]+$/);
  await visit.heading(ORDERS);
  await page.getByRole("button", { name: "Add a scope" }).click();
  const scope = page.getByRole("group", { name: "Scope 1" });
  await scope.getByRole("textbox", { name: "Name of the scope" }).fill("openid");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await scope.getByText("is a scope of this server").waitFor();
  await scope.getByRole("textbox", { name: "Name of the scope" }).fill("orders:read");
  await scope.getByRole("textbox", { name: "What it permits, in English" }).fill("See your orders");
  await scope.getByRole("switch", { name: "Public" }).check();
  await save(page);
  await page.reload();
  await expect.poll(() => scope.getByRole("textbox", { name: "What it permits, in English" }).inputValue()).toBe("See your orders");
  expect(await scope.getByRole("switch", { name: "Public" }).isChecked()).toBe(true);
  await page.getByRole("tab", { name: "Secrets" }).click();
  await page.getByText("No secret yet").waitFor();

  await visit.open(`applications/${SHOP}?tab=scopes`);
  await page.getByRole("button", { name: "Add an API" }).click();
  const row = page.getByRole("group", { name: "API 1" });
  await row.getByRole("combobox", { name: "API", exact: true }).click();
  await page.getByRole("option", { name: AUDIENCE }).click();
  await row.getByRole("combobox", { name: "Scopes of the API" }).click();
  await page.getByRole("option", { name: "orders:read" }).click();
  await page.keyboard.press("Escape");
  await save(page);
  await page.reload();
  await row.getByText("orders:read").first().waitFor();

  await page.getByRole("tab", { name: "Connect" }).click();
  const issuer = BASE.replace(/\/$/, "");
  await page.getByText(`${issuer}/.well-known/openid-configuration`, { exact: true }).waitFor();
  const snippet = page.getByRole("group", { name: "openid-client (Node.js)" });
  expect(await snippet.textContent()).toContain(SHOP);
  await page.getByRole("tab", { name: "Authlib (Python)" }).click();
  expect(await page.getByRole("group", { name: "Authlib (Python)" }).textContent()).toContain("https://shop.example.com/callback");
  await visit.end(REFUSED(400));
});

test("who may sign in to an application is decided by roles", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`applications/${SHOP}?tab=access`);
  await page.getByRole("combobox", { name: "Roles whose holders may sign in" }).click();
  await page.getByRole("option", { name: "Auditor" }).click();
  await page.keyboard.press("Escape");
  await save(page);
  await page.reload();
  await page.getByText("Auditor (auditor)").first().waitFor();
  await visit.end();
});

test("an application is disabled, enabled and deleted by name; one that is built in stays", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`applications/${SHOP}`);
  const dialog = page.getByRole("dialog");
  for (const [act, then] of [
    ["Disable", "Enable"],
    ["Enable", "Disable"],
  ] as const) {
    await page.getByRole("button", { name: act }).click();
    await dialog.getByRole("button", { name: act }).click();
    await page.getByRole("button", { name: then }).waitFor();
    await dialog.waitFor({ state: "detached" });
  }
  await page.getByRole("button", { name: "Delete application" }).click();
  const sure = dialog.getByRole("button", { name: "Delete application" });
  expect(await sure.isDisabled()).toBe(true);
  await dialog.getByLabel(/^Type/).fill(SHOP);
  await sure.click();
  await visit.arrive("applications");
  await visit.open(`applications/${SHOP}`);
  await page.getByText("There is no application").waitFor();

  await visit.open("applications/console");
  await page.getByText("This application is part of every tenant.").waitFor();
  expect(await page.getByRole("button", { name: "Delete application" }).count()).toBe(0);
  expect(await page.getByRole("button", { name: "Save", exact: true }).count()).toBe(0);
  expect(await page.getByRole("textbox", { name: "Display name" }).isDisabled()).toBe(true);
  await visit.end(REFUSED(404));
});

test("the next key is published; withdrawing keys is another act, which asks for the tenant's name", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("keys");
  const table = page.getByRole("table", { name: "Signing keys" });
  await table.getByText("Active").first().waitFor();
  await page.getByRole("button", { name: "Rotate" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Keys").selectOption("EdDSA");
  await dialog.getByRole("button", { name: "Rotate" }).click();
  await page.getByText("The next keys are published").waitFor();
  await dialog.waitFor({ state: "detached" });
  await page.getByLabel("Algorithm").selectOption("EdDSA");
  await page.getByLabel("State", { exact: true }).selectOption("next");
  await table.getByRole("row").filter({ hasText: "EdDSA" }).getByText("Next").waitFor();

  await page.getByRole("button", { name: "Key compromised…" }).click();
  await dialog.getByText("Every token that they signed is dead").waitFor();
  expect(await dialog.getByRole("button", { name: "Withdraw keys" }).isDisabled()).toBe(true);
  expect(await visit.flaws()).toEqual([]);
  await page.keyboard.press("Escape");
  await visit.end();
});

test("whoever lacks the permission sees no such pages, and whoever may only read changes nothing", async () => {
  const visit = await Visit.begin(browser, { storageState: helper });
  const { page } = visit;
  await visit.open("users");
  await visit.heading("Users");
  const links = await page.getByRole("navigation").getByRole("link", { includeHidden: true }).allTextContents();
  for (const path of ["applications", "applications/console", "apis", "keys"]) {
    await visit.open(path);
    await page.getByText("Not for this account").waitFor();
  }
  for (const name of ["Applications", "APIs", "Keys"]) expect(links).not.toContain(name);
  await visit.end();

  const reader = await Visit.begin(browser, { storageState: auditor });
  await reader.open("keys");
  await reader.page.getByRole("table", { name: "Signing keys" }).waitFor();
  expect(await reader.page.getByRole("button", { name: /Rotate|compromised/ }).count()).toBe(0);
  await reader.open("apis");
  await reader.page.getByRole("link", { name: ORDERS }).click();
  await reader.heading(ORDERS);
  await reader.page.getByText(AUDIENCE).waitFor();
  expect(await reader.page.getByRole("button", { name: /Save|Delete|Add/ }).count()).toBe(0);
  await reader.end();
});

test.each(LOOKS)("pages of applications, APIs and keys fit and are accessible: %s", async (look, options) => {
  const visit = await Visit.begin(browser, { ...options, storageState: owner });
  const { page } = visit;
  await visit.open("applications");
  await visit.heading("Applications");
  const shop = `${SHOP}-${look}`;
  const spec = { redirectUris: ["https://shop.example.com/callback"], audiences: [{ audience: AUDIENCE, scopes: ["orders:read"] }] };
  expect(await ask(page, "POST", "/applications", { preset: "gateway", metadata: { name: shop }, spec })).toBe(200);
  await visit.judgeAll(`${look}-apps`, [
    ["applications", "applications", () => page.getByRole("link", { name: shop }).waitFor()],
    ["create", "applications?create=1", () => page.getByRole("dialog").getByRole("radio").first().waitFor()],
    ["built-in", "applications/console", () => page.getByText("This application is part of every tenant.").waitFor()],
    ["settings", `applications/${shop}`, () => page.getByRole("heading", { name: "Look" }).waitFor()],
    ["addresses", `applications/${shop}?tab=addresses`, () => page.getByText("https://shop.example.com/callback").first().waitFor()],
    ["scopes", `applications/${shop}?tab=scopes`, () => page.getByRole("group", { name: "Claim 1" }).waitFor()],
    ["access", `applications/${shop}?tab=access`, () => page.getByRole("heading", { name: "Who may sign in" }).waitFor()],
    ["secrets", `applications/${shop}?tab=secrets`, () => page.getByText("No secret yet").waitFor()],
    ["connect", `applications/${shop}?tab=connect`, () => page.getByRole("group", { name: "Apache (mod_auth_openidc)" }).waitFor()],
    ["apis", "apis", () => page.getByRole("link", { name: ORDERS }).waitFor()],
    ["create-api", "apis?create=1", () => page.getByRole("dialog").getByRole("textbox").first().waitFor()],
    ["keys", "keys", () => page.getByRole("table", { name: "Signing keys" }).or(page.getByRole("list", { name: "Signing keys" })).waitFor()],
  ]);
  await visit.end();
});
