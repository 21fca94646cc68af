import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { relay, report } from "./relay";
import { BASE, launch, LOOKS, OWNER, ownerToken, PHONE, Visit } from "./support";

type State = BrowserContextOptions["storageState"];

const suffix = Date.now().toString(36);
const API = `${BASE}apis/console/v1alpha1`;
const SENDER = `bounces-${suffix}`;
/** Whom nobody has at the relay, and whose mail comes back, is complained of and is late. */
const [REFUSED, BACK, ANGRY, LATE] = ["refused", "back", "angry", "late"].map((who) => `${who}-${suffix}@example.org`) as [string, string, string, string];
const WORDS = "550 5.1.1 The email account that you tried to reach does not exist";

let browser: Browser;
let owner: State;
let token: string;
let server: { port: number; close: () => Promise<void> };
/** The names of messages by their addresses. */
const messages = new Map<string, string>();

/** Changes something as the owner, by the API. */
async function act(method: "POST" | "DELETE", path: string, sent?: unknown): Promise<void> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const answer = await fetch(API + path, { method, headers, body: sent === undefined ? undefined : JSON.stringify(sent) });
  expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
}

interface Item {
  metadata: { name: string };
  spec: { email?: string };
  status: { state: string };
}

/** What of these is to be found as the owner. */
async function list(path: string): Promise<Item[]> {
  const answer = await fetch(API + path, { headers: { authorization: `Bearer ${token}` } });
  return ((await answer.json()) as { items: Item[] }).items;
}

/** Invites somebody, and waits until the relay answered. Answers the state of the message. */
async function invite(email: string): Promise<string | undefined> {
  await act("POST", "/invitations", { spec: { email } });
  const selector = encodeURIComponent(`spec.to=${email}`);
  const newest = async () => (await list(`/messages?fieldSelector=${selector}`))[0];
  await expect.poll(async () => (await newest())?.status.state ?? "none").toMatch(/^(sent|failed)$/);
  const message = await newest();
  messages.set(email, message?.metadata.name ?? "");
  return message?.status.state;
}

beforeAll(async () => {
  browser = await launch();
  token = await ownerToken(BASE);
  server = await relay((address) => address !== REFUSED);
  const spec = { displayName: "Relay", host: "localhost", port: server.port, encryption: "none", fromAddress: "no-reply@example.com" };
  await act("POST", "/senders", { metadata: { name: SENDER }, spec });
  const visit = await Visit.begin(browser);
  await visit.open("senders");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Senders");
  owner = await visit.page.context().storageState();
  await visit.end(/status of 401 /);
});

afterAll(async () => {
  await browser?.close();
  // The mail of other stories is kept in the mailbox.
  await act("DELETE", `/senders/${SENDER}`);
  for (const { metadata, spec } of await list("/invitations")) {
    if (messages.has(spec.email ?? "")) await act("DELETE", `/invitations/${metadata.name}`);
  }
  await server?.close();
});

test("a relay takes mail, or refuses it for good", async () => {
  for (const email of [BACK, ANGRY, LATE]) expect(await invite(email)).toBe("sent");
  expect(await invite(REFUSED)).toBe("failed");
});

const panel = (page: Page) => page.getByRole("region", { name: "Mail that comes back" });

test("the secret that reports are signed by is shown once, and is made anew while the one before is still good", async () => {
  const visit = await Visit.begin(browser, { storageState: owner, permissions: ["clipboard-read", "clipboard-write"] });
  const { page } = visit;
  await visit.open("senders");
  await panel(page).getByText("No secret yet: no reports are taken.").waitFor();
  await panel(page).getByRole("button", { name: "Make a secret" }).click();
  const shown = panel(page).locator("[data-shown-once]");
  const first = (await shown.textContent()) ?? "";
  expect(first.length).toBeGreaterThan(30);
  await panel(page).getByRole("button", { name: "Copy", exact: true }).click();
  await panel(page).getByRole("button", { name: "Copied" }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(first);
  expect(await visit.flaws()).toEqual([]);

  await page.reload();
  await panel(page).getByRole("button", { name: "Make another secret" }).waitFor();
  expect(await page.content()).not.toContain(first);
  await panel(page).getByRole("button", { name: "Make another secret" }).click();
  await panel(page).getByText("The one before is good until").waitFor();
  const second = (await shown.textContent()) ?? "";
  expect(second).not.toBe(first);

  const status = { status: "5.1.1", diagnostic: WORDS };
  expect(await report(first, [{ messageId: messages.get(BACK), kind: "bounce", ...status }])).toBe(202);
  expect(await report(second, [{ messageId: messages.get(ANGRY), kind: "complaint" }])).toBe(202);
  expect(await report(second, [{ messageId: messages.get(LATE), kind: "delay", status: "4.2.2" }])).toBe(202);
  expect(await report("guessed", [{ messageId: messages.get(LATE), kind: "bounce", ...status }])).toBe(401);

  await panel(page).getByRole("button", { name: "Take no reports" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take no reports" }).click();
  await panel(page).getByText("No secret yet: no reports are taken.").waitFor();
  expect(await shown.count()).toBe(0);
  expect(await report(second, [{ messageId: messages.get(LATE), kind: "bounce", ...status }])).toBe(401);
  await visit.end();
});

test("the log says what came back, who complained and what is late", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("messages");
  const table = page.getByRole("table", { name: "Messages" });
  await page.getByRole("combobox", { name: "State" }).selectOption("Came back");
  await visit.arrive("messages?state=bounced");
  const row = (address: string) => table.getByRole("row").filter({ hasText: address });
  await row(BACK).getByText("Came back", { exact: true }).waitFor();
  await expect.poll(() => row(ANGRY).count()).toBe(0);
  await row(BACK).getByRole("link").click();
  const details = page.getByRole("dialog");
  const told = details.getByRole("alert").filter({ hasText: "It came back" });
  await told.getByText(`5.1.1 · ${WORDS}`).waitFor();
  await details.getByRole("button", { name: "Send again" }).waitFor();

  await visit.open(`messages?state=complained&message=${messages.get(ANGRY)}`);
  await details.getByRole("alert").filter({ hasText: "Whoever got it complains of it" }).waitFor();
  await details.getByText("Complained of", { exact: true }).waitFor();
  expect(await details.getByRole("button", { name: "Send again" }).count()).toBe(0);

  // It may arrive all the same.
  await visit.open(`messages?message=${messages.get(LATE)}`);
  await details.getByRole("alert").filter({ hasText: "It is not delivered yet" }).getByText("4.2.2").waitFor();
  await details.getByText("Sent", { exact: true }).first().waitFor();
  await visit.end();
});

test("why no mail came is told of an address, and leads to the message", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("messages");
  const why = async (address: string) => {
    await page.getByLabel("Why did no mail come?").fill(address);
    await page.getByRole("button", { name: "See why" }).click();
    return page.getByRole("dialog", { name: `Mail to ${address}` });
  };
  const blocked = await why(BACK);
  await blocked.getByText("Mail to it was refused or came back, and fails at once").waitFor();
  await blocked.getByText("Keeps mail from it").first().waitFor();
  await blocked.getByText(WORDS).first().waitFor();
  await visit.arrive(`messages?why=${encodeURIComponent(BACK)}`);
  await blocked.getByRole("link", { name: "The message" }).first().click();
  await visit.arrive(`messages?message=${messages.get(BACK)}`);
  await page.getByRole("dialog").getByRole("alert").filter({ hasText: "It came back" }).waitFor();
  await page.keyboard.press("Escape");
  await visit.arrive("messages");

  const angry = await why(ANGRY);
  await angry.getByText("Its owner complained, and gets only what they ask for").waitFor();
  await page.keyboard.press("Escape");
  const late = await why(LATE);
  await late.getByText("The mail server took the last message").waitFor();
  await late.getByText("Nothing keeps mail from this address.").waitFor();
  await page.keyboard.press("Escape");
  const stranger = await why(`nobody-${suffix}@example.org`);
  await stranger.getByText("No message to this address was asked for in 30 days").waitFor();
  await visit.end();
});

test.each([...LOOKS, ["360px-dark", { ...PHONE, colorScheme: "dark" }] as const])("pages of mail that comes back fit and are accessible: %s", async (look, options) => {
  const visit = await Visit.begin(browser, { ...options, storageState: owner });
  const { page } = visit;
  const alert = (title: string) => page.getByRole("dialog").getByRole("alert").filter({ hasText: title }).waitFor();
  await visit.judgeAll(`${look}-bounces`, [
    ["secret", "senders", () => panel(page).waitFor()],
    ["log", "messages", () => page.getByText("Came back", { exact: true }).filter({ visible: true }).first().waitFor()],
    ["bounced", `messages?message=${messages.get(BACK)}`, () => alert("It came back")],
    ["complained", `messages?message=${messages.get(ANGRY)}`, () => alert("Whoever got it complains of it")],
    ["late", `messages?message=${messages.get(LATE)}`, () => alert("It is not delivered yet")],
    ["why", `messages?why=${BACK}`, () => page.getByRole("dialog").getByText("Last messages").waitFor()],
    ["undeliverable", "undeliverable-addresses", () => page.getByRole("main").getByText(BACK).waitFor()],
  ]);
  await visit.end();
});

test("undeliverable addresses are listed with the reason, and are sent to again when they are removed", async () => {
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await visit.open("undeliverable-addresses");
  const table = page.getByRole("table", { name: "Undeliverable addresses" });
  const reasons = { [REFUSED]: "A mail server refuses it", [BACK]: "Mail came back", [ANGRY]: "Complained: gets only what is asked for" };
  for (const [address, reason] of Object.entries(reasons)) {
    const row = table.getByRole("row").filter({ hasText: address });
    await row.getByText(reason).waitFor();
    await row.getByRole("link", { name: "The message" }).waitFor();
  }
  expect(await table.getByRole("row").filter({ hasText: LATE }).count()).toBe(0);
  for (const address of Object.keys(reasons)) {
    const row = table.getByRole("row").filter({ hasText: address });
    await row.getByRole("button", { name: "Remove" }).click();
    const dialog = page.getByRole("dialog", { name: `Remove ${address}?` });
    await dialog.getByText(`The next message to ${address} is sent`).waitFor();
    await dialog.getByRole("button", { name: "Remove" }).click();
    await page.getByText(`Mail to ${address} is sent again.`).waitFor();
    await row.waitFor({ state: "detached" });
  }
  await page.getByText("No undeliverable address").waitFor();
  await visit.open(`messages?why=${BACK}`);
  await page.getByRole("dialog").getByText("The last message came back").waitFor();
  expect(await page.getByRole("dialog").getByText("fails at once").count()).toBe(0);
  await visit.end();
});
