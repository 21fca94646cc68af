import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { expect } from "vitest";

export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}: these tests drive a running server`);
  return value;
}

/** The base of the tenant under test, with a slash at its end. */
export const BASE = setting("E2E_URL").replace(/\/*$/, "/");
/** The base of a tenant at a path, which has the same owner. */
export const TENANT = setting("E2E_TENANT_URL").replace(/\/*$/, "/");
export const OWNER = { name: setting("E2E_USER"), password: setting("E2E_PASSWORD") };

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Where pictures go. */
export const SHOTS = process.env.E2E_SCREENSHOTS ?? fileURLToPath(new URL("../node_modules/.e2e", import.meta.url));
mkdirSync(SHOTS, { recursive: true });

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Domains of tenants are in no domain name system, and lead here.
      "--host-resolver-rules=MAP *.test 127.0.0.1",
    ],
  });
}

/** An access token of the owner of the tenant at this base. */
export async function ownerToken(base: string): Promise<string> {
  const answer = await fetch(`${base}v1/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: OWNER.name, password: OWNER.password }),
  });
  return ((await answer.json()) as { accessToken: string }).accessToken;
}

/** Asks the API of the tenant at this base as its owner, and answers with the status. */
export async function ask(
  base: string,
  method: "POST" | "PUT" | "DELETE",
  path: string,
  sent?: unknown,
  group = "/apis/console/v1alpha1",
): Promise<number> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${await ownerToken(base)}` };
  const body = sent === undefined ? {} : { body: JSON.stringify(sent) };
  return (await fetch(`${base}${group.slice(1)}${path}`, { method, headers, ...body })).status;
}

/** What of this form is in a message to this address, as the owner reads it in the mailbox. */
export async function mailed(address: string, form: RegExp): Promise<string> {
  const headers = { authorization: `Bearer ${await ownerToken(BASE)}` };
  const read = async (path: string) => (await fetch(`${BASE}apis/console/v1alpha1/messages${path}`, { headers })).json();
  let found = "";
  await expect
    .poll(async () => {
      const { items } = await read("?size=50");
      const mine = items.filter((item: { spec: { to: string } }) => item.spec.to === address);
      for (const item of mine) {
        const text = (await read(`/${item.metadata.name}`)).spec.text ?? "";
        found = form.exec(text)?.[0] ?? "";
        if (found) return true;
      }
      return false;
    }, { timeout: 15_000 })
    .toBe(true);
  return found;
}

/** Saves a form of the console, and waits until nothing is left to be saved. */
export async function save(page: Page): Promise<void> {
  const answer = page.waitForResponse((response) => ["PATCH", "PUT"].includes(response.request().method()));
  const button = page.getByRole("button", { name: "Save", exact: true });
  await button.click();
  expect((await answer).status()).toBe(200);
  await expect.poll(() => button.isDisabled()).toBe(true);
}

/** A phone that is held upright. */
export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** How every page is looked at: in both looks, and on a phone. */
export const LOOKS: [string, BrowserContextOptions][] = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["360px", PHONE],
];

/** A page: what its picture is called, its address below the console, and how to wait until it is there. */
export type Shown = [name: string, path: string, ready: () => Promise<unknown>];

/** One person at one browser, and everything their browser complains of. */
export class Visit {
  readonly complaints: string[] = [];
  /** What is wrong with what was judged, by the name of its picture. */
  private readonly faults: Record<string, string[]> = {};

  private constructor(
    readonly page: Page,
    private readonly base: string,
  ) {}

  /** Begins a visit to the tenant at this base. */
  static async begin(browser: Browser, options: BrowserContextOptions = {}, base = BASE): Promise<Visit> {
    const context = await browser.newContext({
      locale: "en-GB",
      // Without transitions, what is on the page is what will stay.
      reducedMotion: "reduce",
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    context.setDefaultTimeout(45_000);
    const page = await context.newPage();
    const visit = new Visit(page, base);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") visit.complaints.push(message.text());
    });
    page.on("pageerror", (error) => visit.complaints.push(String(error)));
    return visit;
  }

  /** Ends the visit; whatever was not expected, or is wrong with what was judged, fails the test. */
  async end(...expected: RegExp[]): Promise<void> {
    await this.page.context().close();
    const surprises = this.complaints.filter((text) => !expected.some((pattern) => pattern.test(text)));
    expect(surprises).toEqual([]);
    expect(this.faults).toEqual({});
  }

  async open(path: string): Promise<void> {
    await this.page.goto(`${this.base}console/${path}`);
  }

  /** The path of the page below the console, with its query. */
  get path(): string {
    return this.page.url().slice(`${this.base}console/`.length);
  }

  async arrive(path: string | RegExp): Promise<void> {
    await this.page.waitForURL((url) => {
      const at = url.href.slice(`${this.base}console/`.length);
      return typeof path === "string" ? at === path : path.test(at);
    });
  }

  /** Waits for the tenant's sign-in page, where the console sends whoever is not signed in. */
  async toSignIn(): Promise<void> {
    await this.page.waitForURL((url) => url.href.startsWith(`${this.base}login?`));
    await this.heading("Sign in");
  }

  async signIn(username: string, password: string): Promise<void> {
    await this.page.getByLabel("User name or e-mail address").fill(username);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  async heading(name: string | RegExp): Promise<void> {
    await this.page.getByRole("heading", { level: 1, name }).waitFor();
  }

  /** What axe finds wrong with the page as it stands, in words. */
  async flaws(): Promise<string[]> {
    await this.page.evaluate(AXE);
    return this.page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import("axe-core") };
      const { violations } = await axe.run();
      return violations.flatMap((rule) =>
        rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}: ${node.any[0]?.message ?? rule.help}`),
      );
    });
  }

  /** How many pixels the page is wider than the window. */
  overflow(): Promise<number> {
    return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }

  /** Judges the page as it stands, of which a picture is kept: the end fails if axe finds something, or it does not fit. */
  async judge(name: string): Promise<void> {
    const faults = await this.flaws();
    const overflow = await this.overflow();
    if (overflow > 0) faults.push(`${overflow} pixels too wide`);
    if (faults.length > 0) this.faults[name] = faults;
    await this.screenshot(name);
  }

  /** Judges these pages, one after the other; their pictures begin with `album`. */
  async judgeAll(album: string, pages: Shown[]): Promise<void> {
    for (const [name, path, ready] of pages) {
      await this.open(path);
      await ready();
      await this.judge(`${album}-${name}`);
    }
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: `${SHOTS}/${name}.png` });
  }
}
