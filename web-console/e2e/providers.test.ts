import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { facebook } from "./providers/facebook";
import { github } from "./providers/github";
import type { Elsewhere } from "./providers/local";
import { apple, DOMAIN, google, microsoft, plain } from "./providers/oidc";
import { tenant } from "./providers/tenant";
import { BASE, launch, mailed, OWNER, ownerToken, save, Visit } from "./support";

const suffix = Date.now().toString(36);
const API = `${BASE}apis/console/v1alpha1`;
const PASSWORD = "seven quiet otters read maps";
/** A code as it stands in a mail. */
const CODE = /^ {4}\d{6}$/m;

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = (status: number) => new RegExp(`the server responded with a status of ${status} `);

/** A provider as it is set up here. */
interface Method {
  kind: "oidc" | "google" | "microsoft" | "apple" | "github" | "facebook";
  /** What the button says. */
  shown: string;
  name: string;
  start: () => Promise<Elsewhere>;
  /** Choices of the form, by their labels. */
  chosen?: Record<string, string>;
  /** What is typed besides what was registered, by the labels of the fields. */
  typed?: Record<string, string>;
}

const TRUSTED = { chosen: { "Its word on addresses": "claim" }, typed: { Domains: DOMAIN } };
const METHODS = {
  corp: {
    kind: "oidc",
    shown: "Corp",
    name: `corp-${suffix}`,
    start: plain,
    ...TRUSTED,
    chosen: { ...TRUSTED.chosen, "How the secret is sent": "basic" },
  },
  acme: { kind: "oidc", shown: "Acme", name: `acme-${suffix}`, start: () => tenant(suffix), ...TRUSTED },
  google: { kind: "google", shown: "Google", name: "google", start: google },
  microsoft: { kind: "microsoft", shown: "Microsoft", name: "microsoft", start: microsoft },
  apple: { kind: "apple", shown: "Apple", name: "apple", start: apple },
  github: { kind: "github", shown: "GitHub", name: "github", start: github },
  facebook: { kind: "facebook", shown: "Facebook", name: "facebook", start: facebook },
} as const satisfies Record<string, Method>;
type Key = keyof typeof METHODS;

let browser: Browser;
/** The owner at the console, for as long as the stories last. */
let office: Visit;
let token: string;
const running: Partial<Record<Key, Elsewhere>> = {};
/** The users that the stories make. */
const people: string[] = [];

beforeAll(async () => {
  browser = await launch();
  token = await ownerToken(BASE);
  office = await Visit.begin(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  await office.open("sign-in-methods");
  await office.signIn(OWNER.name, OWNER.password);
  await office.heading("Sign-in methods");
});

afterAll(async () => {
  await browser?.close();
  for (const { name } of Object.values(METHODS)) await ask("DELETE", `/auth-provider-configs/${name}?identities=remove`);
  // The first page of the users is for other stories.
  for (const name of people) await ask("DELETE", `/users/${name}`);
  await Promise.all(Object.values(running).map((elsewhere) => elsewhere.close()));
});

/** Asks the API as the owner. */
async function ask(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, sent?: unknown): Promise<number> {
  const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const headers = { "content-type": type, authorization: `Bearer ${token}` };
  const answer = await fetch(API + path, { method, headers, body: sent === undefined ? undefined : JSON.stringify(sent) });
  return answer.status;
}

/** Somebody with a browser that reaches this machine and nothing else. */
async function begin(): Promise<Visit> {
  const visit = await Visit.begin(browser);
  // The pages of oidc-provider want a font.
  await visit.page.route("https://fonts.googleapis.com/**", (route) => route.fulfill({ contentType: "text/css", body: "" }));
  return visit;
}

/** Sets up a provider as an administrator does: in the console, and with what its maker gives in return. */
async function setUp(key: Key): Promise<Elsewhere> {
  const { kind, shown, name, chosen, typed, start }: Method = METHODS[key];
  const elsewhere = await start();
  running[key] = elsewhere;
  const { page } = office;
  const link = page.getByRole("navigation").getByRole("link", { name: "Sign-in methods" });
  if (!(await link.isVisible())) await page.getByRole("navigation").getByRole("button", { name: "Apps & sign-in" }).click();
  await link.click();
  await office.heading("Sign-in methods");
  await page.getByRole("button", { name: "Add provider" }).first().click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Kind").selectOption(kind);
  const field = (label: string) => form.getByRole("textbox", { name: label, exact: true });
  if (kind === "oidc") {
    await field("Display name").fill(shown);
    await field("Name").fill(name);
    await field("Issuer").fill(elsewhere.base);
  }
  expect(await office.flaws()).toEqual([]);
  await form.getByRole("button", { name: "Add provider" }).click();
  await office.heading(shown);
  // Of the other makers the base is no field of the console: theirs are almost always the same.
  if (kind !== "oidc" && kind !== "github") {
    expect(await ask("PATCH", `/auth-provider-configs/${name}`, { spec: { issuer: elsewhere.base } })).toBe(200);
    await page.reload();
  }
  await page.getByText("Still missing").waitFor();
  await page.getByRole("button", { name: "Copy redirect URI" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const redirectUri = await page.evaluate(() => navigator.clipboard.readText());
  expect(redirectUri).toBe(`${BASE}login/with/${name}/callback`);
  for (const [label, value] of Object.entries({ ...(await elsewhere.register(redirectUri)), ...typed })) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  for (const [label, value] of Object.entries(chosen ?? {})) await page.getByLabel(label).selectOption(value);
  await save(page);
  await page.getByRole("button", { name: "Enable" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
  await page.getByText("Enabled", { exact: true }).waitFor();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await office.flaws()).toEqual([]);
  return elsewhere;
}

const LOGIN = `${BASE}login`;

/** Goes to the sign-in page and from there to a provider. */
async function leave(visit: Visit, shown: string): Promise<void> {
  const { page } = visit;
  await page.goto(`${LOGIN}?return_to=${encodeURIComponent(new URL(LOGIN).pathname)}`);
  await visit.heading("Sign in");
  await page.getByRole("link", { name: `Continue with ${shown}` }).click();
}

/** Waits until this user is signed in. */
async function arrive({ page }: Visit, name: string): Promise<void> {
  // What comes back from Facebook has `#_=_` at its end for ever.
  await page.waitForURL((url) => url.href.replace(/#.*/, "") === LOGIN);
  await page.getByText(`You are signed in as ${name}.`).waitFor();
}

/** Makes an account of what a provider said of somebody. */
async function signUp(visit: Visit, name: string): Promise<void> {
  const { page } = visit;
  await visit.heading("Create an account");
  people.push(name);
  await page.getByLabel("User name").fill(name);
  await page.getByRole("button", { name: "Create an account" }).click();
}

const LOOKS = { light: ["light", 1280, 800], dark: ["dark", 1280, 800], "360px": ["light", 360, 740], "360px-dark": ["dark", 360, 740] } as const;
/** The pages to sign in are one narrow column: these are enough for them. */
const NARROW: ReadonlySet<string> = new Set(["360px", "360px-dark"]);

/** Sees that a page is without flaws in its looks, and keeps how it looks where this part of it is seen. */
async function look(visit: Visit, name: string, part?: Locator): Promise<void> {
  const { page } = visit;
  const isConsole = page.url().startsWith(`${BASE}console/`);
  for (const [shown, [colorScheme, width, height]] of Object.entries(LOOKS)) {
    if (!isConsole && !NARROW.has(shown)) continue;
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    expect(await visit.flaws(), `${name} ${shown}`).toEqual([]);
    expect(await visit.overflow(), `${name} ${shown}`).toBe(0);
    await part?.scrollIntoViewIfNeeded();
    await visit.screenshot(`${shown}-providers-${name}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** Signs in as somebody who is known, with a browser in which nobody is signed in any more, here or there. */
async function signInAgain(visit: Visit, key: Key, login: string, name = login): Promise<void> {
  await visit.page.context().clearCookies();
  await leave(visit, METHODS[key].shown);
  await running[key]?.agree(visit.page, login);
  await arrive(visit, name);
}

/** Makes a user with a password and a proven address. */
async function make(name: string): Promise<string> {
  const email = `${name}@${DOMAIN}`;
  people.push(name);
  expect(await ask("POST", "/users", { name, email, displayName: name, password: PASSWORD, mustChangePassword: false })).toBe(200);
  expect(await ask("PUT", `/users/${name}/email`, { email, verified: true })).toBe(200);
  return email;
}

/** The accounts elsewhere that are listed on a page. */
const elsewheres = (page: Page) => page.getByRole("region", { name: "Accounts elsewhere" });

test.each(["corp", "acme", "google", "microsoft", "apple", "github"] as const)(
  "somebody whose address is proven there signs up and signs in again: %s",
  async (key) => {
    const elsewhere = await setUp(key);
    const { shown } = METHODS[key];
    const login = `${key}-ada-${suffix}`;
    const visit = await begin();
    const { page } = visit;
    await leave(visit, shown);
    await elsewhere.agree(page, login);
    await visit.heading("Create an account");
    expect(await page.getByLabel("E-mail address").inputValue()).toMatch(`${login}@`);
    // The name comes from Apple in the browser's form, and only this time; GitHub's person told none.
    expect(await page.getByLabel("Display name").inputValue()).toBe(key === "github" ? "" : "Ada Lovelace");
    if (key === "corp") await look(visit, "sign-up");
    else expect(await visit.flaws()).toEqual([]);
    await signUp(visit, login);
    await arrive(visit, login);
    await signInAgain(visit, key, login);
    await visit.end();
  },
);

test("somebody whose address is not proven there gives back a code first: facebook", async () => {
  const elsewhere = await setUp("facebook");
  const login = `facebook-ada-${suffix}`;
  const visit = await begin();
  const { page } = visit;
  await leave(visit, "Facebook");
  await elsewhere.agree(page, login);
  await visit.heading("Your e-mail address");
  expect(await page.getByLabel("E-mail address").inputValue()).toBe(`${login}@example.com`);
  await look(visit, "address");
  await page.getByRole("button", { name: "Mail me a code" }).click();
  await visit.heading("Enter the code");
  await look(visit, "code");
  await page.getByLabel("Code").fill((await mailed(`${login}@example.com`, CODE)).trim());
  await page.getByRole("button", { name: "Verify" }).click();
  await signUp(visit, login);
  await arrive(visit, login);
  await signInAgain(visit, "facebook", login);
  await visit.end();
});

test("who does not agree comes back to the page to sign in", async () => {
  const visit = await begin();
  const { page } = visit;
  await leave(visit, "Corp");
  await page.getByRole("link", { name: "Cancel" }).click();
  await visit.heading("Sign in");
  await look(visit, "sign-in");
  await visit.end();
});

const REFUSALS = {
  // With status 200.
  github: "incorrect_client_credentials: The client_id and/or client_secret passed are incorrect.",
  // As an object.
  facebook: "1: Error validating client secret.",
} as const;

test.each(["github", "facebook"] as const)("what a provider refuses is told to administrators, who mend it in the console: %s", async (key) => {
  const { shown, name } = METHODS[key];
  const login = `${key}-ada-${suffix}`;
  const { page } = office;
  await office.open(`sign-in-methods/${name}`);
  await office.heading(shown);
  await page.getByLabel("Client secret", { exact: true }).fill("not the secret");
  await save(page);

  const visit = await begin();
  await leave(visit, shown);
  await running[key]?.agree(visit.page, login);
  await visit.page.getByText(`Signing in with ${shown} is set up wrongly. Tell whoever runs this site.`).waitFor();
  expect(await visit.flaws()).toEqual([]);
  await visit.page.getByRole("link", { name: "Other ways to sign in" }).click();
  await visit.heading("Sign in");

  await page.reload();
  const wrong = page.getByRole("alert").filter({ hasText: "What last went wrong" });
  await wrong.getByText(REFUSALS[key]).waitFor();
  if (key === "github") await look(office, "provider");
  const registered = await running[key]?.register(`${BASE}login/with/${name}/callback`);
  for (const [label, value] of Object.entries(registered ?? {})) await page.getByLabel(label, { exact: true }).fill(value);
  await save(page);
  await signInAgain(visit, key, login);
  await visit.end(REFUSED(502));
});

test("providers are listed, with when somebody last signed in", async () => {
  await office.open("sign-in-methods");
  const rows = office.page.getByRole("table", { name: "Providers" }).getByRole("row").filter({ hasText: "Enabled" });
  await expect.poll(() => rows.count()).toBe(Object.keys(METHODS).length);
  for (const row of await rows.allTextContents()) expect(row).not.toContain("–");
  await look(office, "list");
});

test("an account with a password gets one elsewhere, which signs in, is seen by administrators and is removed", async () => {
  const grace = `grace-${suffix}`;
  const there = `admiral-${suffix}`;
  const email = await make(grace);
  const visit = await begin();
  const { page } = visit;
  await visit.open("account");
  await visit.signIn(grace, PASSWORD);
  await visit.heading("My account");
  await elsewheres(page).getByText("No account elsewhere.").waitFor();
  await elsewheres(page).getByRole("link", { name: "Add Corp" }).click();
  await visit.heading("Add Corp");
  await page.getByText(`You are signed in as ${grace}.`).waitFor();
  await look(visit, "add");
  await page.getByRole("button", { name: "Continue" }).click();
  await running.corp?.agree(page, there);
  await visit.arrive("account");
  await elsewheres(page).getByText(`${there} at Corp`).waitFor();
  await mailed(email, /Corp/);

  await office.open(`users/${grace}?tab=sessions`);
  await elsewheres(office.page).getByText(`${there} at Corp`).waitFor();
  await look(office, "user", elsewheres(office.page));

  await signInAgain(visit, "corp", there, grace);
  await visit.open("account");
  await elsewheres(page).getByText(`${there} at Corp`).waitFor();
  await look(visit, "account", elsewheres(page));
  await elsewheres(page).getByRole("button", { name: "Remove" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(`${there} at Corp gets nobody into this account any more.`).waitFor();
  expect(await visit.flaws()).toEqual([]);
  await dialog.getByRole("button", { name: "Remove" }).click();
  await elsewheres(page).getByText("No account elsewhere.").waitFor();

  await page.context().clearCookies();
  await leave(visit, "Corp");
  await running.corp?.agree(page, there);
  await visit.heading("Create an account");
  await visit.end(REFUSED(401));
});

test("an account that has proven the same address is joined by a code to it", async () => {
  const hedy = `hedy-${suffix}`;
  const email = await make(hedy);
  const visit = await begin();
  const { page } = visit;
  await leave(visit, "Corp");
  await running.corp?.agree(page, hedy);
  await visit.heading("Is this your account?");
  await look(visit, "confirm");
  await page.getByRole("button", { name: "Mail me a code" }).click();
  await visit.heading("Enter the code");
  await page.getByLabel("Code").fill((await mailed(email, CODE)).trim());
  await page.getByRole("button", { name: "Verify" }).click();
  await arrive(visit, hedy);
  await visit.end();
});

test("a provider that is deleted is offered no more", async () => {
  const { shown, name } = METHODS.facebook;
  const { page } = office;
  await office.open(`sign-in-methods/${name}`);
  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(`Type “${name}” to confirm`).fill(name);
  expect(await office.flaws()).toEqual([]);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await office.heading("Sign-in methods");
  const visit = await begin();
  await visit.page.goto(LOGIN);
  await visit.page.getByRole("link", { name: "Continue with Corp" }).waitFor();
  expect(await visit.page.getByRole("link", { name: `Continue with ${shown}` }).count()).toBe(0);
  await visit.end();
  await office.end(REFUSED(401));
});
