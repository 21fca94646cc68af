import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BASE, launch, OWNER, Visit } from "./support";

type State = BrowserContextOptions["storageState"];

const suffix = Date.now().toString(36);
const API = `${BASE}apis/console/v1alpha1`;
const PASSWORD = "seven quiet otters read maps";
const MIA = `mia-${suffix}`;
const NOAH = `noah-${suffix}`;
const ROLE = `helper-${suffix}`;

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = (status: number) => new RegExp(`the server responded with a status of ${status} `);

/** One blue pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==",
  "base64",
);

let browser: Browser;
let owner: State;

/** Asks the API as whoever is signed in at this page. */
async function ask(page: Page, method: "POST" | "PATCH", path: string, body: unknown): Promise<number> {
  return page.evaluate(
    async ([url, verb, text]) => {
      const init = { method: verb, headers: { "Content-Type": "application/json" }, body: text };
      return (await fetch(url, init)).status;
    },
    [API + path, method, JSON.stringify(body)] as const,
  );
}

/** A field that offers choices. */
function field(within: Page | Locator, name: string): Locator {
  return within.getByRole("combobox", { name, exact: true }).or(within.getByRole("textbox", { name, exact: true })).first();
}

async function pick(within: Page | Locator, name: string, option: string | RegExp): Promise<void> {
  await field(within, name).click();
  const page = "page" in within ? within.page() : within;
  await page.getByRole("option", { name: option }).filter({ visible: true }).first().click();
}

beforeAll(async () => {
  browser = await launch();
  const visit = await Visit.begin(browser);
  await visit.open("");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Users");
  for (const name of [MIA, NOAH]) {
    const user = { name, email: `${name}@example.org`, displayName: name.toUpperCase(), password: PASSWORD, mustChangePassword: false };
    expect(await ask(visit.page, "POST", "/users", user)).toBe(200);
  }
  owner = await visit.page.context().storageState();
  await visit.end(REFUSED(401));
});
afterAll(() => browser?.close());

test("the overview has numbers that lead to what they count, and bars of what happened", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("users");
  await page.getByRole("navigation").getByRole("link", { name: "Overview" }).click();
  await visit.heading("Overview");
  const chart = (name: RegExp) => page.getByRole("img", { name });
  await chart(/^Sign-ins: [1-9]\d* in all/).waitFor();
  await page.getByText("24 hours", { exact: true }).click();
  await chart(/^New users: [1-9]\d* in all/).waitFor();
  expect(await visit.flaws()).toEqual([]);
  await visit.screenshot("overview");
  await page.getByRole("region", { name: "Now" }).getByRole("link", { name: "Show" }).nth(1).click();
  await visit.arrive("users?verified=no");
  await visit.end();
});

test("filters, order and choice of the user list are in its address", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`users?q=${suffix}`);
  await page.getByText(`2 users match “${suffix}”`).waitFor();
  await page.getByRole("button", { name: "Name", exact: true }).click();
  await visit.arrive(`users?q=${suffix}&sort=name`);
  const names = () => page.getByRole("table").getByRole("link").allTextContents();
  await expect.poll(names).toEqual([MIA, NOAH]);
  await page.getByRole("button", { name: "Name", exact: true }).click();
  await expect.poll(names).toEqual([NOAH, MIA]);
  await page.getByRole("combobox", { name: "State" }).selectOption("Disabled");
  await page.getByText(`Nobody matches “${suffix}”`).waitFor();
  await page.reload();
  await page.getByText(`Nobody matches “${suffix}”`).waitFor();
  await page.getByRole("button", { name: "Clear filters" }).first().click();
  await page.getByRole("combobox", { name: "Role" }).selectOption("owner");
  await page.getByRole("link", { name: OWNER.name, exact: true }).waitFor();
  await expect.poll(() => page.getByRole("link", { name: MIA, exact: true }).count()).toBe(0);
  await visit.end();
});

test("many users are changed one by one, and what was refused is reported", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("users");
  for (const name of [NOAH, MIA, OWNER.name]) await page.getByRole("checkbox", { name: `Choose ${name}`, exact: true }).check();
  await page.getByText("3 users chosen").waitFor();
  await page.getByRole("toolbar").getByRole("button", { name: "Disable" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Disable" }).click();
  await dialog.getByText("Done for 2 of 3").waitFor();
  await dialog.getByText("Somebody else has to do this to your account.").waitFor();
  expect(await visit.flaws()).toEqual([]);
  await visit.screenshot("bulk-report");
  await dialog.getByRole("button", { name: "Done" }).click();
  expect(await page.getByRole("img", { name: "Disabled" }).filter({ visible: true }).count()).toBeGreaterThanOrEqual(2);
  for (const name of [NOAH, MIA]) await page.getByRole("checkbox", { name: `Choose ${name}`, exact: true }).check();
  await page.getByRole("toolbar").getByRole("button", { name: "Enable" }).click();
  await dialog.getByRole("button", { name: "Enable" }).click();
  await dialog.getByText("Done for 2 of 2").waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("checkbox", { name: `Choose ${NOAH}`, exact: true }).check();
  await page.getByRole("toolbar").getByRole("button", { name: "Give a role" }).click();
  await pick(page, "Role to give", /Support/);
  await dialog.getByRole("button", { name: "Give a role" }).click();
  await dialog.getByText("Done for 1 of 1").waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("row").filter({ hasText: NOAH }).getByText("Support").waitFor();
  await visit.end(REFUSED(409));
});

test("a profile is changed, unless somebody else was faster", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`users/${MIA}`);
  await page.getByLabel("Display name").fill("Mia Novak");
  await page.getByLabel("Phone").fill("+49 30 1234");
  await page.getByRole("button", { name: "Add to Labels" }).click();
  await page.getByLabel("Labels: key 1").fill("team");
  await page.getByLabel("Labels: value 1").fill("red");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await visit.heading("Mia Novak");
  await page.reload();
  await expect.poll(() => page.getByLabel("Labels: value 1").inputValue()).toBe("red");

  await page.getByLabel("About").fill("Mine.");
  expect(await ask(page, "PATCH", `/users/${MIA}`, { spec: { bio: "Theirs." } })).toBe(200);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const alert = page.getByRole("alert").filter({ hasText: "Changed meanwhile" });
  await alert.getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => page.getByLabel("About").inputValue()).toBe("Theirs.");
  await page.getByLabel("About").fill("Ours.");
  const answer = page.waitForResponse((response) => response.request().method() === "PATCH");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  expect((await answer).status()).toBe(200);
  await page.reload();
  await expect.poll(() => page.getByLabel("About").inputValue()).toBe("Ours.");
  await visit.end(REFUSED(412));
});

test("a label is removed", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`users/${MIA}`);
  await page.getByRole("button", { name: "Remove team" }).click();
  const answer = page.waitForResponse((response) => response.request().method() === "PATCH");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  expect((await answer).status()).toBe(200);
  await page.reload();
  await page.getByRole("heading", { name: "Picture" }).waitFor();
  expect(await page.getByLabel("Labels: key 1").count()).toBe(0);
  await visit.end();
});

test("a picture is looked at, used, shown in the list, and removed", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`users/${MIA}`);
  await page.getByRole("heading", { name: "Picture" }).waitFor();
  await page.locator('input[type="file"]').setInputFiles({ name: "me.png", mimeType: "image/png", buffer: PNG });
  await page.getByAltText("The picture as it will be shown").waitFor();
  await page.getByRole("button", { name: "Use this picture" }).click();
  await page.getByText("Picture saved").waitFor();
  await visit.open(`users?q=${MIA}`);
  const picture = page.getByRole("row").filter({ hasText: MIA }).locator("img");
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBe(1);
  await visit.open(`users/${MIA}`);
  await page.getByRole("button", { name: "Remove picture" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove picture" }).click();
  await page.getByText("Picture removed").waitFor();
  await visit.end();
});

test("why somebody may not, and the way to where that is changed", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("explainer");
  await field(page, "User").fill(MIA);
  await page.getByRole("option", { name: new RegExp(MIA) }).click();
  await pick(page, "Resource", "messages");
  await pick(page, "Verb", "list");
  await visit.arrive(`explainer?user=${MIA}&resource=messages&verb=list`);
  await page.locator("[data-allowed=false]").getByText("No rule says anything about it").waitFor();
  await page.getByRole("region", { name: "Who can do this" }).getByRole("link", { name: OWNER.name }).waitFor();
  await page.getByRole("link", { name: `To the roles of ${MIA}` }).click();
  await page.getByText("These are the roles the explanation proposes").waitFor();
  await page.getByRole("button", { name: "Save roles" }).click();
  await page.getByText("Saved").first().waitFor();
  await page.getByRole("button", { name: "messages:list: For all" }).click();
  const drawer = page.getByRole("dialog");
  await drawer.getByText("Allowed").first().waitFor();
  await drawer.getByText("A rule allows it, and none denies it.").waitFor();
  expect(new URL(page.url()).searchParams.get("why")).toBe("messages:list");
  await page.keyboard.press("Escape");
  await visit.open(`explainer?who=roles&roles=user-manager&resource=messages&verb=list`);
  await page.locator("[data-allowed=true]").getByRole("link", { name: "support" }).waitFor();
  await visit.end();
});

test("sign-in is looked after: address, password, disabling, sessions", async () => {
  const theirs = await Visit.begin(browser);
  await theirs.open("account");
  await theirs.signIn(NOAH, PASSWORD);
  await theirs.heading("My account");

  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`users/${NOAH}?tab=sessions`);
  await page.getByText("Chrome on Linux").first().waitFor();
  await page.getByRole("button", { name: "End all" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End all" }).click();
  await page.getByText("Not signed in anywhere.").waitFor();

  await page.getByRole("tab", { name: "Sign-in" }).click();
  await page.getByLabel("E-mail address").fill(`new-${NOAH}@example.org`);
  await page.getByRole("switch", { name: "Mark as verified" }).check();
  await page.getByRole("button", { name: "Set e-mail" }).click();
  await page.getByRole("region", { name: "E-mail" }).getByText(`new-${NOAH}@example.org`).waitFor();
  await page.getByRole("region", { name: "E-mail" }).getByText("Verified", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Set password" }).click();
  expect(await page.locator("[data-shown-once]").textContent()).not.toBe("");
  await page.getByText("They have to choose another password").waitFor();

  await page.getByRole("button", { name: "Disable user" }).click();
  await page.getByRole("dialog").getByText("cannot sign in until enabled again").waitFor();
  expect(await visit.flaws()).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Disable user" }).click();
  await page.getByText("This user is disabled and cannot sign in.").waitFor();
  await page.getByRole("button", { name: "Enable user" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enable user" }).click();
  await page.getByRole("button", { name: "Disable user" }).waitFor();
  await visit.end();

  await theirs.page.reload();
  await theirs.toSignIn();
  await theirs.end(REFUSED(401));
});

test("a role is made from a built-in one, looked at before it is saved, given, and replaced", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("roles");
  await page.getByRole("table").getByRole("link", { name: "Support", exact: true }).click();
  await visit.arrive("roles/support");
  await page.getByRole("link", { name: "Duplicate" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(ROLE);
  await page.getByLabel("Display name").fill("Helper");
  await page.getByRole("button", { name: "Review changes" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("row").filter({ hasText: "users:list" }).getByText("Gains").first().waitFor();
  expect(await visit.flaws()).toEqual([]);
  await visit.screenshot("simulation");
  await dialog.getByRole("button", { name: "Create role" }).click();
  await visit.arrive(`roles/${ROLE}`);
  await visit.heading("Helper");

  expect(await ask(page, "POST", `/users/${MIA}/permissions`, { roles: [ROLE] })).toBe(200);
  await page.getByRole("button", { name: "Add a rule" }).click();
  const rule = page.getByRole("group", { name: /^Rule \d+$/ }).last();
  await rule.getByText("Deny", { exact: true }).click();
  await pick(rule, "Resources", /^messages$/);
  await page.keyboard.press("Escape");
  await pick(rule, "Verbs", /^list$/);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Review changes" }).click();
  const lost = dialog.getByRole("row").filter({ hasText: "messages:list" }).first();
  await lost.getByText("Loses").waitFor();
  await lost.getByText(/^1 user with /).waitFor();
  const saved = page.waitForResponse((response) => response.request().method() === "PUT");
  await dialog.getByRole("button", { name: "Save role" }).click();
  expect((await saved).status()).toBe(200);
  await dialog.waitFor({ state: "detached" });

  await page.getByRole("tab", { name: "Who has it" }).click();
  await page.getByRole("link", { name: "Mia Novak" }).waitFor();
  await page.getByRole("button", { name: "Delete role" }).click();
  await dialog.getByLabel(/^Type/).fill(ROLE);
  await dialog.getByRole("button", { name: "Delete role" }).click();
  await dialog.getByText("The role is in use: choose what its holders get instead.").waitFor();
  await pick(dialog, "Role that takes its place", /Auditor/);
  await dialog.getByRole("button", { name: "Delete role" }).click();
  await visit.arrive("roles");
  await visit.open(`users/${MIA}?tab=access`);
  await page.getByRole("region", { name: "Roles" }).getByText("Auditor (auditor)").waitFor();
  await visit.end(REFUSED(409));
});

test("the trail says what was changed, from what to what", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("audit");
  await page.getByRole("button", { name: "Trail intact" }).click();
  await page.getByText("events are as they were written").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Older" }).click();
  await page.getByText("An older part of the trail").waitFor();
  await page.getByRole("button", { name: "Newest" }).click();
  await page.getByLabel("Object").fill(MIA);
  await page.getByRole("table").waitFor();
  await pick(page, "Action", "users:update");
  await expect.poll(() => new URL(page.url()).searchParams.get("object")).toBe(MIA);
  await page.getByRole("button", { name: "users:update" }).last().click();
  await page.getByRole("dialog").waitFor();
  expect(new URL(page.url()).searchParams.get("event")).toMatch(/^\d+$/);
  await page.reload();
  const change = page.getByRole("dialog").getByRole("row").filter({ hasText: "displayName" });
  await change.getByText("Mia Novak").waitFor();
  expect(await visit.flaws()).toEqual([]);
  await visit.screenshot("audit-event");
  await visit.end();
});

test("who may less sees less, and is told why an act is above them", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("");
  await visit.signIn(MIA, PASSWORD);
  await visit.heading("Users");
  for (const kind of ["Apps & sign-in", "Mail"]) await page.getByRole("navigation").getByRole("button", { name: kind }).click();
  const links = page.getByRole("navigation").getByRole("link");
  expect(await links.allTextContents()).toEqual([
    "Overview", "Users", "Roles", "Why access?", "Applications", "APIs", "Sign-in methods", "Keys", "Audit", "Policies", "Domains", "Attachments", "Senders", "Mailbox", "My account",
  ]);
  expect(await page.getByRole("button", { name: "Create user" }).count()).toBe(0);
  expect(await page.getByRole("checkbox").count()).toBe(0);
  await visit.open(`users/${NOAH}?tab=sign-in`);
  await page.getByRole("heading", { name: "E-mail" }).waitFor();
  expect(await page.getByRole("button", { name: /Disable|Delete|Set/ }).count()).toBe(0);

  const office = await Visit.begin(browser, { storageState: owner });
  await office.open("users");
  expect(await ask(office.page, "POST", `/users/${MIA}/permissions`, { roles: ["user-manager"] })).toBe(200);
  await office.end();
  await visit.open(`users/${OWNER.name}?tab=sign-in`);
  await page.getByRole("button", { name: "Disable user" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable user" }).click();
  await page.getByRole("dialog").getByText("Nobody can give, change or take what they do not have themselves.").waitFor();
  await visit.end(REFUSED(401), REFUSED(403));
});

test("a person looks after their own account", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("account");
  await visit.signIn(MIA, PASSWORD);
  await visit.heading("My account");
  await page.getByLabel("Display name").fill("Mia N.");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("navigation").getByText("Mia N.").waitFor();
  await page.getByRole("button", { name: "Change password" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Current password").fill(PASSWORD);
  await dialog.getByLabel("New password").fill("short");
  await dialog.getByRole("button", { name: "Change password" }).click();
  await dialog.getByText("Use at least 15 characters.").waitFor();
  await dialog.getByText("This is too easy to guess. Make it longer or less regular.").waitFor();
  await dialog.getByLabel("New password").fill(`${PASSWORD} again`);
  await dialog.getByRole("button", { name: "Change password" }).click();
  await page.getByText("Your password is changed").waitFor();

  const other = await Visit.begin(browser);
  await other.open("account");
  await other.signIn(MIA, `${PASSWORD} again`);
  await other.heading("My account");
  await page.reload();
  await page.getByRole("button", { name: "End others" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End others" }).click();
  await page.getByText("Sessions ended").waitFor();
  await other.page.reload();
  await other.toSignIn();
  await other.end(REFUSED(401));
  await visit.end(REFUSED(401), REFUSED(400));
});

test("a user is deleted by name", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`users/${NOAH}?tab=sign-in`);
  await page.getByRole("button", { name: "Delete user" }).click();
  const dialog = page.getByRole("dialog");
  expect(await dialog.getByRole("button", { name: "Delete user" }).isDisabled()).toBe(true);
  await dialog.getByLabel(/^Type/).fill(NOAH);
  await dialog.getByRole("button", { name: "Delete user" }).click();
  await visit.arrive("users");
  await page.getByText(`${NOAH} was deleted`).waitFor();
  await visit.open(`users/${NOAH}`);
  await page.getByText("There is no user").waitFor();
  await visit.end(REFUSED(404));
});
