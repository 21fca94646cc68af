import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nameServer } from "./dns";
import { ask, launch, LOOKS, OWNER, TENANT, Visit } from "./support";

const suffix = Date.now().toString(36);
const DOMAIN = `login-${suffix}.acme.test`;
const OTHER = `other-${suffix}.acme.test`;

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = (status: number) => new RegExp(`the server responded with a status of ${status} `);

/** And this of every page that does not come by https, or from this machine. */
const INSECURE = /^The Cross-Origin-Opener-Policy header has been ignored/;

const texts = new Map<string, string>();

let browser: Browser;
let server: Awaited<ReturnType<typeof nameServer>>;
let owner: BrowserContextOptions["storageState"];

beforeAll(async () => {
  browser = await launch();
  server = await nameServer(texts);
});

afterAll(async () => {
  await server.close();
  await browser.close();
});

/** The base that the tenant has by a domain. */
function baseAt(domain: string): string {
  const url = new URL(TENANT);
  return `${url.protocol}//${domain}:${url.port}/`;
}

test("a domain is claimed, and proven once its record is there", async () => {
  const visit = await Visit.begin(browser, {}, TENANT);
  const { page } = visit;
  await visit.open("domains");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Domains");
  await page.getByRole("button", { name: "Claim a domain" }).click();
  const form = page.getByRole("dialog");
  await form.getByRole("button", { name: "Claim a domain" }).click();
  await form.getByText("Enter a domain.").waitFor();
  await form.getByLabel("Domain").fill("127.0.0.1");
  await page.keyboard.press("Enter");
  await form.getByText("must be a domain").first().waitFor();
  await form.getByLabel("Domain").fill(DOMAIN.toUpperCase());
  await page.keyboard.press("Enter");
  await visit.heading(DOMAIN);
  await visit.arrive(`domains/${DOMAIN}`);
  await page.getByText("Not proven", { exact: true }).waitFor();
  const proof = page.getByRole("region", { name: "Proof" });
  const [name, value] = await proof.locator("pre").allTextContents();
  expect(name).toBe(`_tenantry-challenge.${DOMAIN}`);
  expect(value).toMatch(/^tenantry-domain=[\w-]{43}$/);

  await proof.getByRole("button", { name: "Verify" }).click();
  await proof.getByText("The record was not found").waitFor();
  await proof.getByText(`TXT ${name}`, { exact: true }).waitFor();
  await proof.getByText("has no text of this name").waitFor();
  expect(await visit.flaws()).toEqual([]);
  texts.set(name ?? "", "tenantry-domain=of-somebody-else");
  await proof.getByRole("button", { name: "Verify" }).click();
  await proof.getByText("of-somebody-else").first().waitFor();
  texts.set(name ?? "", value ?? "");
  await proof.getByRole("button", { name: "Verify" }).click();
  await proof.getByText("The record is there: the domain is yours").waitFor();
  await page.getByText("Proven", { exact: true }).first().waitFor();
  await page.getByRole("link", { name: baseAt(DOMAIN).slice(0, -1) }).waitFor();
  expect(await visit.flaws()).toEqual([]);
  owner = await page.context().storageState();
  await visit.end(REFUSED(400), REFUSED(401));
});

test("a domain that is not proven is given up", async () => {
  expect(await ask(TENANT, "POST", "/domains", { metadata: { name: OTHER } })).toBe(200);
  const visit = await Visit.begin(browser, { storageState: owner }, TENANT);
  const { page } = visit;
  await visit.open("domains");
  await page.getByRole("table", { name: "Domains" }).getByRole("link", { name: OTHER }).click();
  await visit.heading(OTHER);
  expect(await page.getByRole("button", { name: "Make canonical" }).count()).toBe(0);
  await page.getByRole("button", { name: "Give up" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Give up" }).click();
  await visit.arrive("domains");
  await page.getByText(`${OTHER} is given up`).waitFor();
  await page.getByRole("link", { name: OTHER }).waitFor({ state: "detached" });
  await visit.open(`domains/${OTHER}`);
  await page.getByText(`This tenant does not claim “${OTHER}”`).waitFor();
  await visit.end(REFUSED(404));
});

test.each(LOOKS)("pages of domains fit and are accessible: %s", async (look, options) => {
  const visit = await Visit.begin(browser, { ...options, storageState: owner }, TENANT);
  const { page } = visit;
  await visit.judgeAll(`${look}-domains`, [
    ["list", "domains", () => page.getByRole("link", { name: DOMAIN }).first().waitFor()],
    ["claim", "domains?create=1", () => page.getByRole("dialog").getByLabel("Domain").waitFor()],
    ["domain", `domains/${DOMAIN}`, () => page.getByRole("button", { name: "Make canonical" }).waitFor()],
    ["missing", `domains/${OTHER}`, () => page.getByText("does not claim").waitFor()],
    ["quotas", "overview", () => page.getByRole("list", { name: "Quotas" }).waitFor()],
  ]);
  await visit.open(`domains/${DOMAIN}`);
  await page.getByRole("button", { name: "Make canonical" }).click();
  await page.getByRole("dialog").getByText("is the issuer of its tokens").waitFor();
  await visit.judge(`${look}-domains-move`);
  await visit.end(REFUSED(404));
});

test("addresses begin with a domain once it was read what depends on them, and with it no more", async () => {
  const visit = await Visit.begin(browser, { storageState: owner }, TENANT);
  const { page } = visit;
  await visit.open(`domains/${DOMAIN}`);
  await page.getByRole("button", { name: "Make canonical" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(TENANT.slice(0, -1), { exact: true }).waitFor();
  await dialog.getByText(baseAt(DOMAIN).slice(0, -1), { exact: true }).waitFor();
  await dialog.getByRole("button", { name: "Make canonical" }).click();
  await dialog.getByText(`The tenant is at ${baseAt(DOMAIN).slice(0, -1)} now`).waitFor();
  expect(await visit.flaws()).toEqual([]);
  await dialog.getByRole("link", { name: "Go there" }).click();
  await page.waitForURL((url) => url.href.startsWith(`${baseAt(DOMAIN)}login?`));
  await visit.end(REFUSED(401), INSECURE);

  // Whoever comes to the address of before is sent on.
  const there = await Visit.begin(browser, {}, baseAt(DOMAIN));
  await there.page.goto(`${TENANT}console/domains/${DOMAIN}`);
  await there.toSignIn();
  await there.signIn(OWNER.name, OWNER.password);
  await there.heading(DOMAIN);
  await there.page.getByText("Canonical", { exact: true }).waitFor();
  expect(await there.page.getByRole("button", { name: "Give up" }).count()).toBe(0);
  await there.page.getByRole("button", { name: "Make an alias again" }).click();
  await there.page.getByRole("dialog").getByRole("button", { name: "Make an alias again" }).click();
  await there.page.getByText(`The tenant is at ${TENANT.slice(0, -1)} now`).waitFor();
  await there.end(REFUSED(401), INSECURE);

  expect(await ask(TENANT, "DELETE", `/domains/${DOMAIN}`)).toBe(204);
});
