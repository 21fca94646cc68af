import { execFileSync } from "node:child_process";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BASE, launch, LOOKS, OWNER, ownerToken, Visit } from "./support";

type State = BrowserContextOptions["storageState"];

// A server that ran these before must not be in the way.
const suffix = Date.now().toString(36);
const PERSON = { name: `lena-${suffix}`, email: `lena-${suffix}@example.org`, displayName: `Lena ${suffix}` };

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = (status: number) => new RegExp(`the server responded with a status of ${status} `);

let browser: Browser;
let owner: State;
let person: State;
let password: string;
const OWN_PASSWORD = "lighthouse oatmeal bicycle 7";

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

test("the console signs people in at the tenant's page, by the code flow, and no token reaches the browser", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await visit.open("users?q=a");
  await visit.toSignIn();
  expect(asked.some((url) => url.startsWith(`${BASE}oauth2/authorize?client_id=console&`))).toBe(true);
  await visit.signIn(OWNER.name, "not the password at all");
  await page.getByText("The name or the password is wrong.").first().waitFor();
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.arrive("users?q=a");
  await visit.heading("Users");
  expect(asked.some((url) => url.startsWith(`${BASE}console/sign-in/callback?code=`))).toBe(true);
  expect(asked.some((url) => url.startsWith(`${BASE}oauth2/token`))).toBe(false);
  const kept = await page.evaluate(() => [document.cookie, JSON.stringify([localStorage, sessionStorage])]);
  expect(kept[0]).toBe("");
  expect(kept[1]).not.toMatch(/token|code|eyJ/);
  await visit.end(REFUSED(401));
});

test("an owner signs in, creates a user, finds them, opens them, and comes back to the same page", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.arrive("users");
  await visit.heading("Users");

  await page.getByRole("button", { name: "Create user" }).click();
  const form = page.getByRole("dialog");
  await form.getByRole("button", { name: "Create user" }).click();
  await form.getByText("Enter a name.").waitFor();
  await form.getByRole("textbox", { name: "Name", exact: true }).fill(PERSON.name);
  await form.getByRole("textbox", { name: "E-mail" }).fill(PERSON.email);
  await form.getByRole("textbox", { name: "Display name" }).fill(PERSON.displayName);
  await form.getByRole("button", { name: "Create user" }).click();
  password = (await form.locator("[data-shown-once]").textContent()) ?? "";
  expect(password).not.toBe("");
  await form.getByRole("button", { name: "Done" }).click();
  await form.waitFor({ state: "detached" });
  await visit.arrive("users");

  await page.getByLabel("Search users").fill(PERSON.displayName);
  await page.getByText(`1 user matches “${PERSON.displayName}”`).waitFor();
  expect(new URL(page.url()).searchParams.get("q")).toBe(PERSON.displayName);
  await page.getByRole("cell", { name: PERSON.email }).click();
  await visit.arrive(`users/${PERSON.name}`);
  await visit.heading(PERSON.displayName);

  await page.getByRole("tab", { name: "Raw object" }).click();
  await visit.arrive(`users/${PERSON.name}?tab=raw`);
  await page.reload();
  await visit.heading(PERSON.displayName);
  await page.getByRole("region", { name: "Raw object" }).first().waitFor();
  await page.goBack();
  await page.getByRole("tab", { name: "Profile", selected: true }).waitFor();
  await page.goBack();
  await page.getByText(`1 user matches “${PERSON.displayName}”`).waitFor();
  owner = await page.context().storageState();
  await visit.end(REFUSED(401));
});

test("what the server refuses about a field stands at the field", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("users?create=1");
  const form = page.getByRole("dialog");
  const name = form.getByRole("textbox", { name: "Name", exact: true });
  await name.fill(PERSON.name);
  await form.getByRole("textbox", { name: "E-mail" }).fill(`other-${PERSON.email}`);
  await form.getByRole("button", { name: "Create user" }).click();
  await form.getByRole("alert").waitFor();
  expect(await form.getByRole("alert").getAttribute("data-problem")).toBe("user_name_taken");
  expect(await name.getAttribute("aria-invalid")).toBe("true");
  await page.keyboard.press("Escape");
  await form.waitFor({ state: "detached" });
  await visit.end(REFUSED(409));
});

test("the address is the page: search, paging and columns come back from it", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`users?q=${PERSON.name}&columns=created`);
  await page.getByText(`1 user matches “${PERSON.name}”`).waitFor();
  expect(await page.getByLabel("Search users").inputValue()).toBe(PERSON.name);
  expect(await page.getByRole("columnheader").allTextContents()).toEqual(["Name", "Created"]);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Roles" }).check();
  await page.getByRole("columnheader", { name: "Roles" }).waitFor();
  await visit.open("users?page=999999");
  await page.getByRole("button", { name: "To the first page" }).click();
  await page.getByRole("table").getByRole("img", { name: "Not verified" }).first().waitFor();
  await visit.open(`users?q=nobody-is-called-${suffix}`);
  await page.getByRole("button", { name: "Clear search" }).last().click();
  await visit.arrive("users");
  await visit.end();
});

test("the table of users is whole from 1024 pixels on, and the way back from a user keeps the search", async () => {
  const visit = await Visit.begin(browser, { storageState: owner, viewport: { width: 1024, height: 768 } });
  const { page } = visit;
  await visit.open(`users?q=${PERSON.name}&columns=roles,created`);
  const table = page.getByRole("table", { name: "Users" });
  await table.getByRole("link", { name: PERSON.name, exact: true }).waitFor();
  const hidden = await table.evaluate((element) => {
    const frame = element.parentElement?.closest("[class*=scrollContainer]") ?? element.parentElement;
    return frame === null ? -1 : frame.scrollWidth - frame.clientWidth;
  });
  expect(hidden).toBe(0);
  await table.getByRole("columnheader", { name: "Created" }).waitFor();
  await table.getByText(PERSON.email).waitFor();
  await table.getByRole("link", { name: PERSON.name, exact: true }).click();
  await visit.heading(PERSON.displayName);
  await page.getByRole("link", { name: "All users" }).click();
  await visit.arrive(`users?q=${PERSON.name}&columns=roles%2Ccreated`);
  await page.getByText(`1 user matches “${PERSON.name}”`).waitFor();
  await visit.end();
});

test("pages, people and acts are found by their names, with the keyboard alone", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("account");
  await visit.heading("My account");
  const field = page.getByRole("dialog", { name: "Find pages, people and acts" }).getByRole("textbox", { name: "Find pages, people and acts" });
  await page.keyboard.press("/");
  await field.waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Why access?" }).waitFor();
  expect(await visit.flaws()).toEqual([]);
  await field.fill(PERSON.email);
  await page.getByRole("dialog").getByRole("button", { name: PERSON.name }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await visit.arrive(`users/${PERSON.name}`);
  await page.keyboard.press("Control+K");
  await field.fill("create user");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await visit.arrive("users?create=1");
  const creation = page.getByRole("dialog", { name: "Create user" });
  await creation.getByRole("textbox").first().waitFor();
  await page.keyboard.press("Escape");
  await creation.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Find pages, people and acts" }).click();
  await field.fill("no such page");
  await page.getByRole("dialog").getByText("Nothing is called “no such page”").waitFor();
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "detached" });
  await visit.end();
});

test("a page and a dialog show their requests, ready to be repeated by a program", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open(`users?q=${PERSON.name}`);
  await page.getByText(`1 user matches “${PERSON.name}”`).waitFor();
  await page.getByRole("button", { name: "Show the requests" }).click();
  const drawer = page.getByRole("dialog", { name: "Show the requests" });
  await drawer.getByLabel("Request", { exact: true }).selectOption({ label: `GET /users?size=20&page=1&keyword=${PERSON.name} · 200` });
  const code = drawer.getByRole("group", { name: /^(curl|TypeScript)$/ });
  const command = (await code.textContent()) ?? "";
  expect(command).toMatch(/^curl 'http/);
  expect(command).not.toContain(OWNER.password);
  const token = await ownerToken(BASE);
  const answer = execFileSync("bash", ["-c", command], { env: { ...process.env, TOKEN: token }, encoding: "utf8" });
  expect(JSON.parse(answer).items).toHaveLength(1);
  await drawer.getByText("TypeScript", { exact: true }).click();
  await expect.poll(() => code.textContent()).toContain('api.GET("/apis/console/v1alpha1/users", {');
  expect(await visit.flaws()).toEqual([]);
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Create user" }).click();
  const form = page.getByRole("dialog", { name: "Create user" });
  await form.getByRole("button", { name: "Show the requests" }).click();
  await drawer.getByLabel("Request", { exact: true }).waitFor();
  await visit.end();
});

test("the navigation fits at 1280×800, with one kind of pages open", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("applications");
  await visit.heading("Applications");
  const navigation = page.getByRole("navigation");
  await navigation.getByRole("link", { name: "Keys" }).waitFor();
  await navigation.getByRole("button", { name: "Instance" }).waitFor();
  expect(await navigation.getByRole("link", { name: "Tenants" }).count()).toBe(0);
  const hidden = await navigation.locator("[data-rooms]").evaluate((rooms) => {
    const frame = rooms.closest(".mantine-ScrollArea-viewport");
    return frame === null ? -1 : frame.scrollHeight - frame.clientHeight;
  });
  expect(hidden).toBe(0);
  await visit.end();
});

test("a failing server is told, and asked again on request", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  const problem = { title: "Internal error", status: 500, detail: "Out of order.", code: "internal", requestId: "r-500" };
  await page.route("**/apis/console/v1alpha1/users?*", (route) =>
    route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) }),
  );
  await visit.open("users");
  await page.getByRole("alert").getByText("r-500").waitFor();
  await page.unroute("**/apis/console/v1alpha1/users?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("link", { name: PERSON.name, exact: true }).waitFor();
  await visit.end(REFUSED(500));
});

test("a person without permissions sees their own account and nothing else", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  // By the API: the sign-in page has a page of its own for what comes next.
  const entered = await page.request.post(`${BASE}apis/console/v1alpha1/sessions`, {
    data: { username: PERSON.email, password },
    headers: { origin: new URL(BASE).origin },
  });
  expect(entered.status()).toBe(200);
  await visit.open("users");
  // Somebody else knows this password, so there is nothing else to see before it is another.
  await visit.heading("Choose a password");
  expect(await page.getByRole("navigation").count()).toBe(0);
  expect(await visit.flaws()).toEqual([]);
  await visit.screenshot("must-change");
  await page.getByLabel("Current password").fill("certainly not this one");
  await page.getByLabel("New password").fill(OWN_PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Current password").fill(password);
  await page.getByRole("button", { name: "Change password" }).click();
  password = OWN_PASSWORD;
  await visit.arrive("users");
  await page.getByText("Not for this account").waitFor();
  await page.getByRole("main").getByRole("link", { name: "To the start page" }).click();
  await visit.arrive("account");
  await visit.heading("My account");
  expect(await page.getByRole("navigation").getByRole("link").allTextContents()).toEqual(["My account"]);
  person = await page.context().storageState();
  await visit.end(REFUSED(400));
});

test("an address is verified with the code from the mailbox", async () => {
  const theirs = await Visit.begin(browser, { storageState: person });
  await theirs.open("account");
  await theirs.page.getByRole("button", { name: "Send code" }).click();
  await theirs.page.getByText(`A code is on its way to ${PERSON.email}.`).waitFor();

  const office = await Visit.begin(browser, { storageState: owner });
  await office.open("messages");
  await office.heading("Mailbox");
  const mail = office.page.getByRole("row").filter({ hasText: PERSON.email }).filter({ hasText: "Kept here, not sent" });
  await mail.first().getByRole("link").click();
  const drawer = office.page.getByRole("dialog");
  await drawer.getByRole("tab", { name: "Text" }).click();
  const text = (await drawer.getByRole("region", { name: "Text" }).textContent()) ?? "";
  const code = /\b\d{6}\b/.exec(text)?.[0] ?? "";
  expect(code).not.toBe("");
  await drawer.getByRole("tab", { name: "HTML" }).click();
  await drawer.frameLocator("iframe").getByText(code).first().waitFor();
  await office.end();

  const { page } = theirs;
  const wrong = code === "000000" ? "111111" : "000000";
  await page.getByLabel("Digit 1").click();
  await page.keyboard.type(wrong);
  await page.getByLabel("Current password").fill(password);
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByRole("alert").waitFor();
  for (const [index, digit] of [...code].entries()) await page.getByLabel(`Digit ${index + 1}`).fill(digit);
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByText("Your e-mail address is verified").waitFor();
  await page.getByRole("main").getByText("Verified", { exact: true }).waitFor();
  await theirs.end(REFUSED(400), REFUSED(403), REFUSED(409), REFUSED(422));
});

test("a session that ended elsewhere leads to the sign-in page, and from there back", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("account");
  await visit.signIn(PERSON.name, password);
  await visit.heading("My account");
  // Nothing is asked for any more that the end of the session could meet.
  await page.getByText("Chrome on Linux").first().waitFor();
  const status = await page.evaluate(
    async (url) => (await fetch(url, { method: "DELETE" })).status,
    `${BASE}apis/console/v1alpha1/sessions/-`,
  );
  expect(status).toBe(204);
  await page.getByRole("button", { name: "Send code" }).waitFor();
  await page.getByLabel("E-mail address").fill(`new-${PERSON.email}`);
  await page.getByRole("button", { name: "Send code" }).click();
  await visit.toSignIn();
  await visit.signIn(PERSON.name, password);
  await visit.arrive("account");
  await visit.heading("My account");
  await page.getByRole("navigation").getByRole("button", { name: "Sign out" }).click();
  await visit.toSignIn();
  await page.goBack();
  await visit.heading("Sign in");
  await visit.end(REFUSED(401));
});

test("a session that ended elsewhere is noticed by whatever asks next", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await visit.open("users");
  await visit.signIn(OWNER.name, OWNER.password);
  await page.getByRole("link", { name: PERSON.name, exact: true }).waitFor();
  await page.context().clearCookies();
  await page.getByRole("link", { name: PERSON.name, exact: true }).click();
  await visit.toSignIn();
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.arrive(`users/${PERSON.name}`);
  await page.getByRole("navigation").getByRole("button", { name: "Mail" }).click();
  await page.getByRole("navigation").getByRole("link", { name: "Mailbox" }).click();
  await page.getByRole("table").getByText(PERSON.email).first().waitFor();
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Refresh" }).click();
  await visit.toSignIn();
  await visit.end(REFUSED(401));
});

test("the language switch changes every word, the page's language, and stays", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("users");
  await visit.heading("Users");
  await page.getByLabel("Language").selectOption({ label: "中文" });
  await visit.heading("用户");
  expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
  await page.reload();
  await visit.heading("用户");
  await visit.screenshot("chinese");
  await visit.end();
});

test("keyboards reach the content without walking through the navigation", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("users");
  await visit.heading("Users");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.tagName === "MAIN");
  await page.getByRole("navigation").getByRole("link", { name: "My account" }).focus();
  await page.keyboard.press("Enter");
  await visit.heading("My account");
  await page.waitForFunction(() => document.activeElement?.tagName === "MAIN");
  await visit.end();
});

test("the first page's scripts and styles stay within their budget, compressed with gzip", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  await visit.open("users");
  await visit.page.getByRole("table").getByRole("link").first().waitFor();
  await visit.page.waitForLoadState("networkidle");
  // Browsers do not offer Brotli over plain HTTP, so this is gzip.
  const bytes = await visit.page.evaluate(() =>
    (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter((entry) => /\.(js|css)$/.test(new URL(entry.name).pathname))
      .reduce((sum, entry) => sum + entry.encodedBodySize, 0),
  );
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThanOrEqual(250_000);
  await visit.end();
});

test.each(LOOKS)("every page fits and is accessible: %s", async (look, options) => {
  const stranger = await Visit.begin(browser, options);
  await stranger.open("");
  await stranger.toSignIn();
  await stranger.judge(`${look}-sign-in`);
  await stranger.end(REFUSED(401));

  const visit = await Visit.begin(browser, { ...options, storageState: owner });
  const { page } = visit;
  await visit.judgeAll(look, [
    ["overview", "overview", () => page.getByRole("img", { name: /^Denied acts: / }).waitFor()],
    ["attachments", "attachments", () => page.getByText("No files yet").or(page.getByRole("list", { name: "Files" })).first().waitFor()],
    ["backups", "backups", () => page.getByText("No backups yet").or(page.getByRole("table", { name: "Backups" })).first().waitFor()],
    ["users", "users", () => page.getByRole("link", { name: PERSON.name }).waitFor()],
    ["create", "users?create=1", () => page.getByRole("dialog").getByRole("textbox").first().waitFor()],
    ["nobody", `users?q=nobody-is-called-${suffix}`, () => page.getByText("Nobody matches").waitFor()],
    ["user", `users/${PERSON.name}`, () => page.getByRole("heading", { name: "Profile" }).waitFor()],
    ["user-access", `users/${PERSON.name}?tab=access`, () => page.getByRole("button", { name: "users:list: Not permitted" }).waitFor()],
    ["user-why", `users/${PERSON.name}?tab=access&why=users:list`, () => page.getByRole("dialog").getByText("Denied").waitFor()],
    ["user-sign-in", `users/${PERSON.name}?tab=sign-in`, () => page.getByRole("button", { name: "Delete user" }).waitFor()],
    ["user-sessions", `users/${PERSON.name}?tab=sessions`, () => page.getByRole("heading", { name: "Sessions" }).waitFor()],
    ["user-history", `users/${PERSON.name}?tab=history`, () => page.getByText("users:create").waitFor()],
    ["filtered", "users?role=owner&state=active&sort=name", () => page.getByText("1 user matches").waitFor()],
    ["roles", "roles", () => page.getByRole("link", { name: /Auditor/ }).waitFor()],
    ["matrix", "roles?view=matrix", () => page.getByRole("table", { name: "Matrix" }).waitFor()],
    ["role", "roles/auditor", () => page.getByText("Built-in roles are the same everywhere").waitFor()],
    ["role-permissions", "roles/support?tab=permissions", () => page.getByText("audit-events").or(page.getByText("messages")).first().waitFor()],
    ["role-holders", "roles/owner?tab=holders", () => page.getByText("1 user", { exact: true }).waitFor()],
    ["no-role", "roles/nothing-of-that-name", () => page.getByText("There is no role").waitFor()],
    ["new-role", "roles/-?from=support", () => page.getByRole("group", { name: "Rule 1", exact: true }).waitFor()],
    ["explainer", "explainer", () => page.getByText("Ask a question").waitFor()],
    [
      "explained",
      `explainer?user=${PERSON.name}&resource=users&verb=list`,
      () => page.getByText("Who can do this").first().waitFor().then(() => page.getByText("What would permit it").waitFor()),
    ],
    ["audit", "audit", () => page.getByText("Trail intact").waitFor()],
    ["audit-nothing", "audit?actor=nobody-at-all", () => page.getByText("No event matches").waitFor()],
    ["no-user", `users/nobody-${suffix}`, () => page.getByText("There is no user").waitFor()],
    ["messages", "messages", () => page.getByText(PERSON.email).first().waitFor()],
    ["messages-nothing", "messages?state=failed&to=nobody@example.com", () => page.getByText("No message matches").waitFor()],
    ["undeliverable", "undeliverable-addresses", () => page.getByText("No undeliverable address").waitFor()],
    ["account", "account", () => page.getByRole("heading", { name: "Sessions" }).waitFor()],
    ["lost", "no/such/page", () => page.getByText("This page does not exist").waitFor()],
  ]);
  await visit.open("messages");
  await page.getByRole("link", { name: /code/i }).first().click();
  await page.getByRole("dialog").getByRole("tab").first().waitFor();
  await visit.judge(`${look}-message`);
  await visit.end(REFUSED(404));
});

test("the log is cut down by what the address says, and leads to undeliverable addresses", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("messages");
  await page.getByLabel("State").selectOption("Failed");
  await visit.arrive("messages?state=failed");
  await page.getByLabel("To", { exact: true }).fill("nobody@example.com");
  await visit.arrive("messages?state=failed&to=nobody%40example.com");
  await page.getByText("No message matches these filters").waitFor();
  await page.reload();
  expect(await page.getByLabel("To", { exact: true }).inputValue()).toBe("nobody@example.com");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await visit.arrive("messages");
  await page.getByRole("link", { name: "Undeliverable addresses" }).click();
  await visit.heading("Undeliverable addresses");
  await visit.end();
});

test("an owner signs out", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("messages");
  await page.getByRole("navigation").getByRole("button", { name: "Sign out" }).click();
  await visit.toSignIn();
  await visit.open("users");
  await visit.toSignIn();
  await visit.end(REFUSED(401));
});
