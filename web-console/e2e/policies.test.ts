import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LIMIT_DEFAULTS } from "../src/rooms/policies/limit-groups";
import { BASE, launch, LOOKS, OWNER, save, Visit } from "./support";

type State = BrowserContextOptions["storageState"];

const suffix = Date.now().toString(36);
const API = `${BASE}apis/console/v1alpha1`;
const PASSWORD = "seven quiet otters read maps";
const AUDITOR = `vera-${suffix}`;
const GUEST = `guest-${suffix}@example.org`;

/** A browser says this of every answer from 400 on, expected or not. */
const REFUSED = (status: number) => new RegExp(`the server responded with a status of ${status} `);

let browser: Browser;
let owner: State;
let auditor: State;

/** Asks the API as whoever is signed in at this page. */
async function ask(page: Page, method: "GET" | "POST" | "PUT", path: string, sent?: unknown): Promise<{ status: number; said: Record<string, unknown> }> {
  return page.evaluate(
    async ([url, verb, text]) => {
      const init = { method: verb, headers: { "Content-Type": "application/json" }, ...(text !== undefined && { body: text }) };
      const answer = await fetch(url, init);
      return { status: answer.status, said: (await answer.json()) as Record<string, unknown> };
    },
    [API + path, method, sent === undefined ? undefined : JSON.stringify(sent)] as const,
  );
}

/** A field for several words. */
const tags = (page: Page, name: string) => page.getByRole("combobox", { name });

async function addTag(page: Page, name: string, word: string): Promise<void> {
  await tags(page, name).fill(word);
  await page.keyboard.press("Enter");
}

async function removeTag(page: Page, name: string): Promise<void> {
  await tags(page, name).focus();
  await page.keyboard.press("Backspace");
}

beforeAll(async () => {
  browser = await launch();
  const visit = await Visit.begin(browser);
  await visit.open("");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Users");
  const user = { name: AUDITOR, email: `${AUDITOR}@example.org`, displayName: "Vera", password: PASSWORD, mustChangePassword: false };
  expect((await ask(visit.page, "POST", "/users", user)).status).toBe(200);
  expect((await ask(visit.page, "POST", `/users/${AUDITOR}/permissions`, { roles: ["auditor"] })).status).toBe(200);
  owner = await visit.page.context().storageState();
  await visit.end(REFUSED(401));

  const theirs = await Visit.begin(browser);
  await theirs.open("");
  await theirs.signIn(AUDITOR, PASSWORD);
  await theirs.heading("Users");
  auditor = await theirs.page.context().storageState();
  await theirs.end(REFUSED(401));
});
afterAll(() => browser?.close());

test("rules for passwords are chosen, told what they are worth, and hold for the next password", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("policies");
  await page.getByRole("radio", { name: "Long passwords" }).waitFor();
  await page.getByText("NIST SP 800-63B-4: met").waitFor();
  expect(await page.getByLabel("Fewest characters").count()).toBe(0);

  await page.getByRole("radio", { name: "Kinds of characters" }).check();
  await addTag(page, "Your own words", `acme-${suffix}`);
  await save(page);
  await page.getByText("NIST SP 800-63B-4: not met").waitFor();
  await page.getByRole("region", { name: "Conformance" }).getByRole("listitem").first().waitFor();
  await page.reload();
  expect(await page.getByRole("radio", { name: "Kinds of characters" }).isChecked()).toBe(true);
  await page.getByText(`acme-${suffix}`).waitFor();

  await visit.open("users?create=1");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name", exact: true }).fill(`weak-${suffix}`);
  await dialog.getByRole("textbox", { name: "E-mail" }).fill(`weak-${suffix}@example.org`);
  await dialog.getByText("Choose one", { exact: true }).click();
  const field = dialog.getByRole("textbox", { name: "Password" });
  await field.fill("short");
  await dialog.getByRole("button", { name: "Create user" }).click();
  for (const reason of [
    "Use at least 8 characters.",
    "Add an upper-case letter.",
    "Add a digit.",
    "Add a character that is neither letter nor digit.",
    "This is too easy to guess. Make it longer or less regular.",
  ]) {
    await dialog.getByText(reason).waitFor();
  }
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });

  await visit.open(`users/${AUDITOR}?tab=sign-in`);
  await page.getByText("Choose one", { exact: true }).click();
  await page.getByRole("textbox", { name: "Password" }).fill("short");
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("Add a digit.").waitFor();
  await visit.end(REFUSED(400));
});

test("one's own rules are spelled out, and what the server refuses of them stands at its field", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("policies");
  await page.getByRole("radio", { name: "Your own rules" }).check();
  const fewest = page.getByLabel("Fewest characters");
  await fewest.fill("");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Enter a number.").waitFor();
  await fewest.fill("3");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("must be at least 6").waitFor();
  expect(await fewest.getAttribute("aria-invalid")).toBe("true");
  await page.getByRole("alert").locator("[data-request-id]").waitFor();
  await fewest.fill("20");
  // A generated password has 23 characters and one of each kind.
  await page.getByRole("checkbox", { name: "A digit" }).check();
  await page.getByRole("switch", { name: "Refuse names" }).uncheck();
  await page.getByLabel("How hard to guess").selectOption({ index: 2 });
  await save(page);
  await page.reload();
  await expect.poll(() => page.getByLabel("Fewest characters").inputValue()).toBe("20");
  expect(await page.getByRole("switch", { name: "Refuse names" }).isChecked()).toBe(false);

  await page.getByRole("radio", { name: "Long passwords" }).check();
  await removeTag(page, "Your own words");
  await save(page);
  await page.getByText("NIST SP 800-63B-4: met").waitFor();
  await visit.end(REFUSED(400));
});

test("limits are told as people count, changed, and set back by group", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("policies?tab=limits");
  const pause = page.getByRole("region", { name: "Codes and links" }).getByRole("group", { name: "One address, for one purpose" });
  await pause.waitFor();
  const { said } = await ask(page, "GET", "/policies/limits");
  // The console knows what a new tenant begins with, and these stories go back to it.
  expect(said.spec).toEqual(LIMIT_DEFAULTS);
  const within = pause.getByRole("textbox", { name: "Within" });
  expect(await within.inputValue()).toBe("1");
  expect(await pause.getByLabel("Within: unit").inputValue()).toBe("minute");
  await within.fill("90");
  await pause.getByLabel("Within: unit").selectOption("second");
  const free = page.getByRole("group", { name: "Same account, same network" }).getByLabel("Failures without a wait");
  await free.fill("101");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("must be at most 100", { exact: true }).waitFor();
  await free.fill("7");
  await within.fill("90");
  await pause.getByLabel("Within: unit").selectOption("day");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  // The server counts seconds; people do not.
  await pause.getByText("must be at most 30 days").waitFor();
  await pause.getByLabel("Within: unit").selectOption("second");
  await save(page);
  const changed = await ask(page, "GET", "/policies/limits");
  expect(changed.said).toMatchObject({
    spec: { codePause: { most: 1, seconds: 90 }, signInPair: { free: 7, firstSeconds: 30 } },
  });
  await page.getByRole("button", { name: "Codes and links: reset to the defaults" }).click();
  await expect.poll(() => pause.getByLabel("Within: unit").inputValue()).toBe("minute");
  await page.getByRole("button", { name: "Signing in: reset to the defaults" }).click();
  await save(page);
  expect((await ask(page, "GET", "/policies/limits")).said.spec).toEqual(LIMIT_DEFAULTS);
  await visit.end(REFUSED(400));
});

test("who may sign up is decided, and closed is closed", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  const register = async () => {
    const name = `new-${Math.random().toString(36).slice(2)}`;
    const sent = { username: name, email: `${name}@example.org`, password: PASSWORD };
    return page.evaluate(
      async ([url, text]) => {
        const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: text });
        return answer.status;
      },
      [`${BASE}v1/register`, JSON.stringify(sent)] as const,
    );
  };
  await visit.open("policies?tab=sign-up");
  await page.getByRole("radio", { name: "Closed" }).check();
  await save(page);
  expect(await register()).toBe(403);
  await page.getByRole("radio", { name: "Open" }).check();
  await addTag(page, "Accepted domains", "not a domain");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("must be a domain such as example.com").waitFor();
  await removeTag(page, "Accepted domains");
  await addTag(page, "Refused domains", "example.org");
  await save(page);
  expect(await register()).toBe(400);
  await removeTag(page, "Refused domains");
  await addTag(page, "Protected user names", "root");
  const role = page.getByRole("combobox", { name: "Role of newcomers" }).or(page.getByRole("textbox", { name: "Role of newcomers" })).first();
  const choice = page.getByRole("option", { name: /Auditor/ }).filter({ visible: true }).first();
  await role.click();
  await choice.click();
  await save(page);
  expect((await ask(page, "GET", "/policies/sign-up")).said).toMatchObject({
    spec: { defaultRole: "auditor", protectedNames: ["root"] },
  });
  await removeTag(page, "Protected user names");
  // Whoever chooses it once more takes it away.
  await role.click();
  await choice.click();
  await save(page);
  expect((await ask(page, "GET", "/policies/sign-up")).said).not.toMatchObject({ spec: { defaultRole: "auditor" } });
  expect(await register()).toBeLessThan(300);
  await visit.end(REFUSED(400), REFUSED(403));
});

test("sessions last as long as somebody says, unless somebody else was faster", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("policies?tab=sessions");
  const idle = page.getByRole("textbox", { name: "Unused sessions end after" });
  await expect.poll(() => idle.inputValue()).toBe("14");
  await idle.fill("7");
  const theirs = { spec: { accessTokenSeconds: 900, idleSeconds: 43_200, absoluteSeconds: 2_592_000, mostPerUser: 50 } };
  expect((await ask(page, "PUT", "/policies/sessions", theirs)).status).toBe(200);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const alert = page.getByRole("alert").filter({ hasText: "Changed meanwhile" });
  await alert.getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => idle.inputValue()).toBe("12");
  expect(await page.getByLabel("Unused sessions end after: unit").inputValue()).toBe("hour");
  await idle.fill("2000000000");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("must be at most 365 days").waitFor();
  await idle.fill("14");
  await page.getByLabel("Unused sessions end after: unit").selectOption("day");
  await save(page);
  await visit.end(REFUSED(412), REFUSED(400));
});

test("who is told of what is decided event by event", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("policies?tab=notifications");
  const mail = page.getByRole("group", { name: "Somebody downloads a backup" }).getByRole("switch");
  await mail.uncheck();
  expect(await visit.flaws()).toEqual([]);
  await save(page);
  await page.reload();
  await expect.poll(() => mail.isChecked()).toBe(false);
  await visit.end();
});

test("what is not saved is not left without a question", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("policies?tab=authentication");
  await page.getByRole("switch", { name: "HTTP Basic" }).check();
  await page.getByRole("tab", { name: "Sessions" }).click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await question.waitFor();
  expect(await visit.flaws()).toEqual([]);
  await question.getByRole("button", { name: "Cancel" }).click();
  await question.waitFor({ state: "detached" });
  await visit.arrive("policies?tab=authentication");
  expect(await page.getByRole("switch", { name: "HTTP Basic" }).isChecked()).toBe(true);
  await page.getByRole("navigation").getByRole("link", { name: "Users" }).click();
  await question.getByRole("button", { name: "Leave without saving" }).click();
  await visit.arrive("users");
  await visit.open("policies?tab=authentication");
  await page.getByRole("switch", { name: "HTTP Basic" }).check();
  await page.getByRole("button", { name: "Discard changes" }).click();
  await page.getByRole("tab", { name: "Sessions" }).click();
  await visit.arrive("policies?tab=sessions");
  await visit.end();
});

test("a CAPTCHA is set up, its secret replaced and never shown, and taken away", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("policies?tab=captcha");
  await page.getByLabel("Provider").selectOption("turnstile");
  await page.getByLabel("Site key").fill("1x00000000000000000000AA");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Enter the secret of this provider.").waitFor();
  await page.getByLabel("Secret", { exact: true }).fill("1x0000000000000000000000000000000AA");
  await page.getByRole("switch", { name: "Signing up" }).check();
  await save(page);
  await page.getByText("Set", { exact: true }).waitFor();
  expect(await page.getByLabel("Secret", { exact: true }).count()).toBe(0);
  await page.reload();
  await page.getByRole("button", { name: "Replace" }).click();
  await page.getByLabel("Secret", { exact: true }).fill("not good");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("may only have visible ASCII characters").waitFor();
  await page.getByRole("button", { name: "Keep the old one" }).click();
  await page.getByLabel("While the provider does not answer").selectOption("allow");
  await save(page);
  // Another provider has another secret.
  await page.getByLabel("Provider", { exact: true }).selectOption("hcaptcha");
  await page.getByLabel("Secret", { exact: true }).waitFor();
  await page.getByLabel("Provider", { exact: true }).selectOption("none");
  await save(page);
  expect((await ask(page, "GET", "/policies/captcha")).said).toMatchObject({ spec: { provider: "none", secretSet: false } });
  await visit.end(REFUSED(400));
});

test("branding is looked at while it is chosen", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("policies?tab=branding");
  await page.getByText("None has its own branding.").waitFor();
  const color = page.getByRole("region", { name: "This tenant" }).getByLabel("Colour of buttons");
  await color.fill("#ffe066");
  await page.getByRole("img", { name: /with buttons in #ffe066/ }).waitFor();
  const ink = () => page.locator("[data-button]").evaluate((button) => getComputedStyle(button).color);
  expect(await ink()).toBe("rgb(0, 0, 0)");
  await color.fill("#0c495d");
  await expect.poll(ink).toBe("rgb(255, 255, 255)");
  const name = page.getByRole("region", { name: "This tenant" }).getByLabel("Name");
  await name.fill("Engines");
  await page.getByRole("img", { name: "A page of Engines, with buttons in #0c495d" }).waitFor();
  await page.getByRole("button", { name: "Add an application" }).click();
  const first = page.getByRole("group", { name: "Application 1" });
  await first.getByLabel("Name").fill("Shop");
  await first.getByLabel("Home").fill("javascript:alert(1)");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await first.getByText("Enter its client id.").waitFor();
  await first.getByText("Enter an address that begins with https:// or http://").waitFor();
  await first.getByLabel("Client id").fill("shop");
  await first.getByLabel("Home").fill("https://shop.example");
  await page.getByLabel("Shown for").selectOption("Shop");
  await page.getByRole("img", { name: "A page of Shop, with buttons in #0c495d" }).waitFor();
  await first.getByLabel("Choose a colour").fill("#7a1fa2");
  await page.getByRole("img", { name: "A page of Shop, with buttons in #7a1fa2" }).waitFor();
  expect(await first.getByLabel("Colour of buttons").inputValue()).toBe("#7a1fa2");
  const tenant = page.getByRole("region", { name: "This tenant" });
  const more = page.getByRole("region", { name: "Where people find more" });
  await tenant.getByLabel("Subtitle").fill("All that turns");
  await more.getByLabel("Address for questions").fill("help@engines.example");
  await more.getByLabel("Privacy policy").fill("http://engines.example/privacy");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await more.getByText("Enter an address that begins with https://").waitFor();
  await more.getByLabel("Privacy policy").fill("https://engines.example/privacy");
  await save(page);
  const hosted = await page.context().newPage();
  await hosted.goto(`${BASE}login/sign-up`);
  await hosted.getByText("All that turns").waitFor();
  expect(await hosted.getByRole("link", { name: "Contact" }).getAttribute("href")).toBe("mailto:help@engines.example");
  expect(await hosted.getByRole("link", { name: "Privacy" }).getAttribute("href")).toBe("https://engines.example/privacy");
  await hosted.close();
  expect((await ask(page, "GET", "/policies/branding")).said).toMatchObject({
    spec: {
      displayName: "Engines",
      subtitle: "All that turns",
      color: "#0c495d",
      applications: [{ clientId: "shop", displayName: "Shop", color: "#7a1fa2", homeUrl: "https://shop.example" }],
    },
  });
  await page.getByRole("button", { name: "Remove Application 1" }).click();
  // As a new tenant has it, which is how the last stories look at it.
  await color.fill("#1864ab");
  await name.fill("");
  await tenant.getByLabel("Subtitle").fill("");
  await more.getByLabel("Address for questions").fill("");
  await more.getByLabel("Privacy policy").fill("");
  await save(page);
  await page.getByText("None has its own branding.").waitFor();
  await visit.end();
});

test("somebody is invited, listed, and the invitation withdrawn", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("users");
  await page.getByRole("button", { name: "Invite" }).click();
  await visit.arrive("users?invite=1");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail address").fill("nobody");
  await dialog.getByRole("button", { name: "Send invitation" }).click();
  await dialog.getByText("This does not look like an e-mail address.").waitFor();
  await dialog.getByLabel("E-mail address").fill(GUEST);
  await dialog.getByLabel("Language of the mail").selectOption("zh");
  const roles = dialog.getByRole("combobox", { name: "Roles" }).or(dialog.getByRole("textbox", { name: "Roles" })).first();
  await roles.click();
  await page.getByRole("listbox", { name: "Roles" }).getByRole("option", { name: /Mail manager/ }).click();
  await page.keyboard.press("Tab");
  expect(await visit.flaws()).toEqual([]);
  await dialog.getByRole("button", { name: "Send invitation" }).click();
  await page.getByText(`An invitation is on its way to ${GUEST}`).waitFor();
  await visit.arrive("users");
  await page.getByRole("link", { name: "Invitations" }).click();
  await visit.arrive("invitations");
  const row = page.getByRole("row").filter({ hasText: GUEST });
  await row.getByText("Mail manager").waitFor();
  await row.getByRole("button", { name: "Withdraw" }).click();
  await dialog.getByText(`The link that was mailed to ${GUEST} will not work any more.`).waitFor();
  await dialog.getByRole("button", { name: "Withdraw" }).click();
  await page.getByText(`The invitation of ${GUEST} is withdrawn`).waitFor();
  await row.waitFor({ state: "detached" });

  const problem = { title: "Internal error", status: 500, detail: "Out of order.", code: "internal", requestId: "r-inv" };
  await page.route("**/apis/console/v1alpha1/invitations?*", (route) =>
    route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) }),
  );
  await page.reload();
  await page.getByRole("alert").getByText("r-inv").waitFor();
  await page.unroute("**/apis/console/v1alpha1/invitations?*");
  await page.getByRole("button", { name: "Try again" }).click();
  // Unless other stories invited somebody before.
  await page.getByText("Nobody is invited").or(page.getByRole("table", { name: "Open invitations" })).waitFor();
  await visit.end(REFUSED(500));
});

test("an auditor sees the policies, and changes none", async () => {
  const visit = await Visit.begin(browser, { storageState: auditor });
  const { page } = visit;
  await visit.open("");
  const links = page.getByRole("navigation").getByRole("link");
  await page.getByRole("navigation").getByRole("link", { name: "Policies" }).waitFor();
  expect(await links.allTextContents()).toContain("Policies");
  expect(await page.getByRole("button", { name: "Invite" }).count()).toBe(0);
  expect(await page.getByRole("link", { name: "Invitations" }).count()).toBe(0);
  await page.getByRole("navigation").getByRole("link", { name: "Policies" }).click();
  await page.getByText("Your roles let you see this, not change it.").waitFor();
  for (const tab of ["Passwords", "Sign-up", "Sessions", "Limits", "CAPTCHA", "Branding", "Sign-in methods", "Notifications"]) {
    await page.getByRole("tab", { name: tab }).click();
    const panel = page.getByRole("tabpanel", { name: tab });
    await panel.locator("form").waitFor();
    const open = await panel.locator("input:enabled, select:enabled, textarea:enabled").evaluateAll((inputs) =>
      // Whom the preview is shown for changes nothing.
      inputs.filter((input) => input.closest('[aria-label="Preview"]') === null).map((input) => input.outerHTML),
    );
    expect(open.filter((input) => !input.includes('type="hidden"'))).toEqual([]);
    expect(await panel.getByRole("button", { name: /Save|Discard|Add|Defaults|Replace|Remove/ }).count()).toBe(0);
  }
  await visit.open("invitations");
  await page.getByText("Not for this account").waitFor();
  await visit.end();
});

test("whoever reads Chinese has all of it from the first page on, and nobody else fetches it", async () => {
  const visit = await Visit.begin(browser, { storageState: owner, locale: "zh-CN" });
  const { page } = visit;
  await visit.open("policies?tab=limits");
  await visit.heading("策略");
  await page.getByRole("group", { name: "一个地址，一种用途" }).getByLabel("时间范围：单位").waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
  expect(await visit.flaws()).toEqual([]);
  await visit.screenshot("chinese-limits");
  await visit.end();

  const other = await Visit.begin(browser, { storageState: owner });
  const fetched: string[] = [];
  other.page.on("request", (request) => fetched.push(new URL(request.url()).pathname));
  await other.open("policies?tab=limits");
  await other.page.locator("form").waitFor();
  expect(fetched.filter((path) => /\/zh-[^/]+\.js$/.test(path))).toEqual([]);
  await other.end();
});

test.each(LOOKS)("every policy fits and is accessible: %s", async (look, options) => {
  for (const [who, state] of [["owner", owner], ["auditor", auditor]] as const) {
    const visit = await Visit.begin(browser, { ...options, storageState: state });
    const { page } = visit;
    for (const tab of ["passwords", "sign-up", "sessions", "limits", "captcha", "branding", "authentication", "cross-origin", "files"]) {
      await visit.open(`policies?tab=${tab}`);
      await page.locator("form").waitFor();
      if (who === "owner" && tab === "passwords") {
        await page.getByRole("radio", { name: "Your own rules" }).check();
        await addTag(page, "Your own words", "acme");
      }
      if (who === "owner" && tab === "captcha") await page.getByLabel("Provider").selectOption("turnstile");
      if (who === "owner" && tab === "sign-up") {
        await addTag(page, "Accepted domains", "example.org");
      }
      await visit.judge(`${look}-${who}-${tab}`);
    }
    if (who === "owner") {
      expect((await ask(page, "POST", "/invitations", { spec: { email: `${look}-${GUEST}` } })).status).toBe(200);
      for (const [name, path] of [["invitations", "invitations"], ["invite", "invitations?create=1"]] as const) {
        await visit.open(path);
        await page.getByText(`${look}-${GUEST}`).waitFor();
        if (name === "invite") await page.getByRole("dialog").getByRole("textbox").first().waitFor();
        await visit.judge(`${look}-${who}-${name}`);
      }
    }
    await visit.end();
  }
});
