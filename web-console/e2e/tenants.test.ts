import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, BASE, launch, LOOKS, OWNER, save, TENANT, Visit } from "./support";

const suffix = Date.now().toString(36);
const NAME = `globex-${suffix}`;
const DOMAIN = `login-${suffix}.globex.test`;

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = (status: number) => new RegExp(`the server responded with a status of ${status} `);

let browser: Browser;
let operator: BrowserContextOptions["storageState"];

/** What the tenant answers to anybody. */
const answers = async () => (await fetch(`${BASE}t/${NAME}/apis/console/v1alpha1/tenant`)).status;

/** Locks these members of a policy for all tenants, and no others. */
const lock = (policy: string, ...locked: string[]) => ask(BASE, "PUT", `/settings/${policy}`, { spec: {}, locked }, "/apis/system/v1alpha1");

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

test("a tenant is founded, renamed, limited, suspended and resumed", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("tenants");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Tenants");
  operator = await page.context().storageState();
  await page.getByRole("button", { name: "Found a tenant" }).click();
  const form = page.getByRole("dialog");
  // The server has no relay.
  await form.getByText("The invitation cannot be read by anybody").waitFor();
  await form.getByRole("button", { name: "Found a tenant" }).click();
  await form.getByText("Enter a name.").waitFor();
  await form.getByRole("textbox", { name: "Name", exact: true }).fill("acme");
  await form.getByRole("textbox", { name: "Display name" }).fill("Globex");
  await form.getByRole("textbox", { name: "Address of the owner" }).fill("hank@globex.test");
  await form.getByRole("button", { name: "Quotas" }).click();
  await form.getByRole("textbox", { name: "Users", exact: true }).fill("2");
  await page.keyboard.press("Enter");
  await form.getByText("Another tenant has this name").first().waitFor();
  await form.getByRole("textbox", { name: "Name", exact: true }).fill(NAME);
  await page.keyboard.press("Enter");
  await visit.arrive(`tenants/${NAME}`);
  await visit.heading("Globex");
  await page.getByText(`Globex is founded`).waitFor();
  expect(await answers()).toBe(200);

  await page.getByRole("textbox", { name: "Display name" }).fill("Globex Corporation");
  await save(page);
  await visit.heading("Globex Corporation");
  await page.getByRole("tab", { name: "Quotas" }).click();
  await page.getByText("0 of 2 used").waitFor();
  await page.getByRole("textbox", { name: "Files (MiB)" }).fill("100");
  await save(page);
  await page.reload();
  await expect.poll(() => page.getByRole("textbox", { name: "Files (MiB)" }).inputValue()).toBe("100");

  await page.getByRole("button", { name: "Suspend" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Unpaid since October");
  expect(await visit.flaws()).toEqual([]);
  await dialog.getByRole("button", { name: "Suspend" }).click();
  await page.getByText("Reason: Unpaid since October").waitFor();
  await expect.poll(answers).toBe(403);
  expect(await visit.flaws()).toEqual([]);
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
  await page.getByText("Active", { exact: true }).waitFor();
  await expect.poll(answers).toBe(200);
  await visit.end(REFUSED(401), REFUSED(409));
});

test("the first owner is invited once more, and not where there is an owner", async () => {
  const visit = await Visit.begin(browser, { storageState: operator });
  const { page } = visit;
  const invite = async (name: string) => {
    await visit.open(`tenants/${name}`);
    await page.getByRole("button", { name: "Invite the first owner" }).click();
    await page.getByRole("dialog").getByLabel("Address of the owner").fill(`cypress@${name}.test`);
    await page.getByRole("dialog").getByRole("button", { name: "Send invitation" }).click();
  };
  await invite(NAME);
  await page.getByText(`An invitation is on its way to cypress@${NAME}.test`).waitFor();
  await invite("acme");
  await page.getByRole("dialog").getByText("This tenant has an owner already").first().waitFor();
  expect(await visit.flaws()).toEqual([]);
  await visit.end(REFUSED(409));
});

test("tenants are searched, and one is deleted by its name and kept", async () => {
  const visit = await Visit.begin(browser, { storageState: operator });
  const { page } = visit;
  await visit.open("tenants");
  await page.getByRole("searchbox", { name: "Search tenants" }).fill(NAME.toUpperCase());
  await page.getByText("1 tenant", { exact: true }).waitFor();
  await page.getByRole("table", { name: "Tenants" }).getByRole("link", { name: "Globex Corporation" }).click();
  await visit.heading("Globex Corporation");
  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog");
  expect(await dialog.getByRole("button", { name: "Delete" }).isDisabled()).toBe(true);
  await dialog.getByLabel(/^Type/).fill(NAME);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText(/^All of it is removed on /).waitFor();
  await expect.poll(answers).toBe(404);
  await visit.open("tenants");
  await page.getByLabel("State").selectOption("To be deleted");
  await visit.arrive("tenants?state=deleting");
  await page.getByRole("link", { name: "Globex Corporation" }).click();
  await page.getByRole("button", { name: "Keep" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Keep" }).click();
  await page.getByText("Active", { exact: true }).waitFor();
  await expect.poll(answers).toBe(200);
  await visit.open("tenants/default");
  await visit.heading(/./);
  await page.getByRole("tab", { name: "Quotas" }).waitFor();
  expect(await page.getByRole("button", { name: /Suspend|Delete/ }).count()).toBe(0);
  await visit.end();
});

test.each(LOOKS)("pages of tenants fit and are accessible: %s", async (look, options) => {
  expect(await ask(TENANT, "POST", "/domains", { metadata: { name: DOMAIN } })).toBe(200);
  const visit = await Visit.begin(browser, { ...options, storageState: operator });
  const { page } = visit;
  await visit.judgeAll(`${look}-tenants`, [
    ["list", "tenants", () => page.getByRole("link", { name: "Globex Corporation" }).waitFor()],
    ["nothing", `tenants?q=no-tenant-${suffix}`, () => page.getByText("No tenant matches").waitFor()],
    ["found", "tenants?create=1", () => page.getByRole("dialog").getByRole("button", { name: "Quotas" }).click()],
    ["tenant", `tenants/${NAME}`, () => page.getByRole("heading", { name: "First owner" }).waitFor()],
    ["quotas", `tenants/${NAME}?tab=quotas`, () => page.getByText("0 of 2 used").waitFor()],
    ["domains", "tenants/acme?tab=domains", () => page.getByRole("button", { name: "Release" }).first().waitFor()],
    ["raw", `tenants/${NAME}?tab=raw`, () => page.getByRole("group", { name: "Raw object" }).waitFor()],
    ["missing", `tenants/no-tenant-${suffix}`, () => page.getByText("There is no tenant").waitFor()],
    ["instance-settings", "instance-settings", () => page.getByRole("textbox", { name: "Help" }).waitFor()],
    ["instance-limits", "instance-settings?tab=limits", () => page.getByRole("textbox", { name: "Signing in, same account, same network: failures without a wait" }).waitFor()],
    ["all-domains", "tenant-domains", () => page.getByText(DOMAIN).first().waitFor()],
  ]);
  await visit.end(REFUSED(404));
});

test("a domain is taken from a tenant", async () => {
  const visit = await Visit.begin(browser, { storageState: operator });
  const { page } = visit;
  await visit.open(`tenant-domains?q=${DOMAIN}&state=pending`);
  const row = page.getByRole("table", { name: "Domains of tenants" }).getByRole("row").filter({ hasText: DOMAIN });
  await row.getByRole("link", { name: "acme" }).waitFor();
  await row.getByRole("button", { name: "Release" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Release" }).click();
  await page.getByText("No domain matches").waitFor();
  await visit.end();
});

test("the instance decides and locks a setting, which tenants see, and puts it back", async () => {
  const visit = await Visit.begin(browser, { storageState: operator });
  const { page } = visit;
  await visit.open("");
  await page.getByRole("navigation").getByRole("button", { name: "Instance" }).click();
  await page.getByRole("navigation").getByRole("link", { name: "Instance settings" }).click();
  await visit.heading("Settings of the instance");
  await page.getByRole("textbox", { name: "Help" }).fill("help.example");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("textbox", { name: "Help" }).and(page.locator("[aria-invalid=true]")).waitFor();
  await page.getByRole("textbox", { name: "Help" }).fill("https://help.example/");
  await page.getByRole("textbox", { name: "Subtitle" }).fill("One account for all of it");
  await page.getByRole("checkbox", { name: "Locked: Help" }).check();
  await save(page);
  await page.getByText(/^Last changed .* by /).waitFor();
  expect(await visit.flaws()).toEqual([]);
  await page.getByRole("tab", { name: "Limits" }).click();
  await page.getByRole("textbox", { name: "Signing in, same account, same network: failures without a wait" }).waitFor();
  expect(await visit.flaws()).toEqual([]);

  const locks = page.getByRole("checkbox", { name: /^Locked: / });
  const edges = await locks.evaluateAll((boxes) => boxes.map((box) => box.getBoundingClientRect().left));
  expect(new Set(edges).size, "locks stand below each other").toBe(1);

  const theirs = await Visit.begin(browser, {}, TENANT);
  await theirs.open("policies?tab=branding");
  await theirs.signIn(OWNER.name, OWNER.password);
  const told = theirs.page.getByText("Some of this is decided for all tenants");
  await told.waitFor();
  await theirs.page.getByRole("list", { name: "Locked by the operator of the instance:" }).getByText("Help", { exact: true }).waitFor();
  await theirs.page.getByRole("list", { name: /^From the instance/ }).getByText("Subtitle").waitFor();
  const help = theirs.page.getByRole("textbox", { name: "Help" });
  expect(await help.isDisabled()).toBe(true);
  await theirs.page.getByText("Locked by the operator of the instance, who decides it for all tenants.").waitFor();
  expect(await theirs.flaws()).toEqual([]);

  await page.getByRole("tab", { name: "Branding" }).click();
  await page.getByRole("button", { name: "Put all of it back" }).click();
  await expect.poll(() => page.getByRole("textbox", { name: "Help" }).inputValue()).toBe("");
  await theirs.page.reload();
  await theirs.page.getByRole("heading", { name: "Policies" }).waitFor();
  await expect.poll(() => told.count()).toBe(0);
  await theirs.end(REFUSED(401));
  await visit.end(REFUSED(400));
});

test("the instance decides what becomes of tenants, which is nobody else's to lock", async () => {
  const visit = await Visit.begin(browser, { storageState: operator });
  const { page } = visit;
  await visit.open("instance-settings?tab=tenancy");
  const days = page.getByRole("textbox", { name: "Days in which a tenant can be kept" });
  const users = page.getByRole("textbox", { name: "Quota of a new tenant: Users" });
  await expect.poll(() => days.inputValue()).toBe("7");
  await days.fill("30");
  await users.fill("500");
  await save(page);
  await page.reload();
  await expect.poll(() => users.inputValue()).toBe("500");
  expect(await page.getByRole("checkbox", { name: /^Locked: / }).count()).toBe(0);
  expect(await visit.flaws()).toEqual([]);
  await page.getByRole("button", { name: "Put all of it back" }).click();
  await expect.poll(() => days.inputValue()).toBe("7");
  await expect.poll(() => users.inputValue()).toBe("");
  await visit.end();
});

test("what the instance locks of mail and files is said where a tenant decides them", async () => {
  expect([await lock("mail", "codeInSubject"), await lock("attachments", "redraw")]).toEqual([200, 200]);
  const visit = await Visit.begin(browser, {}, TENANT);
  const { page } = visit;
  await visit.open("senders");
  await visit.signIn(OWNER.name, OWNER.password);
  await page.getByRole("list", { name: "Locked by the operator of the instance:" }).getByText(/code in the subject/).waitFor();
  expect(await page.getByRole("switch", { name: /code in the subject/ }).isDisabled()).toBe(true);
  await visit.open("policies?tab=files");
  await page.getByRole("list", { name: "Locked by the operator of the instance:" }).getByText("Draw pictures anew").waitFor();
  expect(await page.getByRole("switch", { name: "Draw pictures anew" }).isDisabled()).toBe(true);
  await page.getByLabel("Size of one file at most (MiB)").fill("2.5");
  await save(page);
  await page.reload();
  await expect.poll(() => page.getByLabel("Size of one file at most (MiB)").inputValue()).toBe("2.5");
  expect(await visit.flaws()).toEqual([]);
  await visit.end(REFUSED(401));
  expect([await lock("mail"), await lock("attachments")]).toEqual([200, 200]);
});

test("elsewhere than in the default tenant nobody has rooms for operators", async () => {
  const visit = await Visit.begin(browser, {}, TENANT);
  const { page } = visit;
  await visit.open("tenants");
  await visit.signIn(OWNER.name, OWNER.password);
  await page.getByText("Not for this account").waitFor();
  expect(await page.getByRole("navigation").getByRole("link", { name: /Tenants|Domains of tenants/, includeHidden: true }).count()).toBe(0);
  await page.getByRole("navigation").getByRole("link", { name: "Domains" }).waitFor();
  await visit.end(REFUSED(401));
});
