import type { Browser, BrowserContextOptions } from "playwright-core";
import { expect } from "vitest";
import { relay, report } from "../relay";
import { Visit } from "../support";
import { ask } from "./acme";
import { Album } from "./album";

type State = BrowserContextOptions["storageState"];

interface Message {
  metadata: { name: string };
  spec: { to: string; subject: string; text: string; html: string };
  status: { state: string };
}
interface Messages {
  items: Message[];
}

const REFUSED = "no.such.person@globex.example";
const [BACK, ANGRY, LATE, FINE] = ["former.employee@globex.example", "no-thanks@initech.example", "holiday@initech.example", "jane@globex.example"] as const;

async function invite(email: string): Promise<string> {
  await ask("POST", "/invitations", { spec: { email } });
  const selector = encodeURIComponent(`spec.to=${email}`);
  const newest = async () => (await ask<Messages>("GET", `/messages?fieldSelector=${selector}`)).items[0];
  await expect.poll(async () => (await newest())?.status.state ?? "none").toMatch(/^(sent|failed)$/);
  return (await newest())?.metadata.name ?? "";
}

async function makeSenders(port: number): Promise<void> {
  const from = { fromAddress: "no-reply@acme.example", fromName: "Acme", envelopeDomain: "bounces.acme.example" };
  const main = { displayName: "Main relay", host: "localhost", port, encryption: "none", ...from };
  const spare = { displayName: "Spare relay", host: "localhost", port: 587, encryption: "starttls", ...from, perDay: 2000 };
  await ask("POST", "/senders", { metadata: { name: "main" }, spec: main });
  await ask("POST", "/senders", { metadata: { name: "spare" }, spec: spare });
  await ask("POST", "/senders/main/dkim-keys", { algorithm: "ed25519" });
}

/** Without a sender, messages are kept. */
async function mailbox(visit: Visit, album: Album): Promise<void> {
  const { page } = visit;
  await visit.open("messages");
  await visit.heading("Mailbox");
  await page.getByRole("table", { name: "Messages" }).getByRole("link").first().waitFor();
  await album.take(page, "mailbox", "Without a mail server: messages are kept in the mailbox");
  await page.getByRole("row").filter({ hasText: "emmy@acme.example" }).getByRole("link").last().click();
  await page.getByRole("dialog").locator("iframe").waitFor();
  await page.getByRole("dialog").getByRole("tab", { name: "HTML" }).scrollIntoViewIfNeeded();
  await album.take(page, "mailbox-message", "A message that is kept");
}

async function senders(visit: Visit, album: Album): Promise<string> {
  const { page } = visit;
  await visit.open("senders");
  const main = page.getByRole("region", { name: "Main relay" });
  await main.waitFor();
  await album.take(page, "senders", "Senders in their order");
  await main.getByRole("button", { name: "Change" }).click();
  await page.getByRole("dialog").getByLabel("Host").waitFor();
  await album.glance(page, "sender", "Changing a sender");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  for (const [name, taken, what] of [["Main relay", "taken", "A sender is tried, step by step"], ["Spare relay", "not-taken", "A sender that is not reached"]] as const) {
    await page.getByRole("region", { name }).getByRole("button", { name: "Try" }).click();
    await page.getByRole("dialog").getByLabel("Address").fill("ada@acme.example");
    await page.getByRole("dialog").getByRole("button", { name: "Send a mail" }).click();
    await page.getByRole("dialog").getByRole("region", { name: "Steps of the delivery" }).waitFor();
    await album.glance(page, `sender-${taken}`, what);
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  await main.getByRole("button", { name: "Signatures (DKIM)" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Check the record" }).waitFor();
  await album.glance(page, "signatures", "The record of a key that signs mail (DKIM)");
  await page.keyboard.press("Escape");
  const back = page.getByRole("region", { name: "Mail that comes back" });
  await back.getByRole("button", { name: "Make a secret" }).click();
  const secret = (await back.locator("[data-shown-once]").textContent()) ?? "";
  await back.scrollIntoViewIfNeeded();
  await album.take(page, "bounce-secret", "Where mail providers report what came back; the secret is shown once");
  return secret;
}

async function log(visit: Visit, album: Album, names: Record<string, string>): Promise<void> {
  const { page } = visit;
  await visit.open("messages");
  await page.getByText("Came back", { exact: true }).filter({ visible: true }).first().waitFor();
  await album.take(page, "log", "The log: what was mailed, and what became of it");
  for (const [name, what] of [["bounced", "A message that came back"], ["complained", "A message that somebody complained of"], ["failed", "A message that was refused"]] as const) {
    await visit.open(`messages?message=${names[name]}`);
    await page.getByRole("dialog").getByRole("alert").waitFor();
    await album.take(page, `message-${name}`, what);
  }
  await visit.open("messages");
  await page.getByLabel("Why did no mail come?").fill(BACK);
  await page.getByRole("button", { name: "See why" }).click();
  await page.getByRole("dialog").getByText("Last messages").waitFor();
  await album.take(page, "why", "Why did no mail come?");
  await visit.open("undeliverable-addresses");
  await page.getByRole("table", { name: "Undeliverable addresses" }).waitFor();
  await album.take(page, "undeliverable", "Addresses that mail is kept from");
  await page.getByRole("row").filter({ hasText: BACK }).getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").waitFor();
  await album.glance(page, "undeliverable-removed", "One of them is removed");
}

async function templates(visit: Visit, album: Album): Promise<void> {
  const { page } = visit;
  const path = "/message-templates/verify_email/en";
  const { spec, metadata } = await ask<{ metadata: { version: number }; spec: Message["spec"] }>("GET", path);
  const own = { subject: "Your Acme account: one step left", text: spec.text, html: spec.html };
  await ask("PUT", path, { metadata: { version: metadata.version }, spec: own });
  await visit.open("templates");
  await page.getByText("Your own", { exact: true }).first().waitFor();
  await album.take(page, "templates", "What messages say, in each language");
  await visit.open("templates/verify_email/en");
  await page.getByRole("region", { name: "Preview" }).locator("iframe").waitFor();
  await album.take(page, "template", "A template, with the preview beside it");
}

/** Senders, what became of messages, and what they say. */
export async function mail(browser: Browser, owner: State): Promise<void> {
  const album = new Album("mail", "Mail");
  const visit = await Visit.begin(browser, { storageState: owner });
  await mailbox(visit, album);
  const server = await relay((address) => address !== REFUSED);
  await makeSenders(server.port);
  const secret = await senders(visit, album);
  const [bounced, complained, late] = [await invite(BACK), await invite(ANGRY), await invite(LATE)];
  const failed = await invite(REFUSED);
  await invite(FINE);
  const said = { status: "5.1.1", diagnostic: "550 5.1.1 The email account that you tried to reach does not exist" };
  await report(secret, [
    { messageId: bounced, kind: "bounce", ...said },
    { messageId: complained, kind: "complaint" },
    { messageId: late, kind: "delay", status: "4.2.2", diagnostic: "452 4.2.2 The recipient's inbox is out of storage space" },
  ]);
  await log(visit, album, { bounced, complained, failed });
  await templates(visit, album);
  await visit.end(/status of 400 /);
  const phone = (path: string, name: string, what: string, text: string) =>
    album.phone(browser, owner, `console/${path}`, name, what, (page) => page.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor());
  await phone("messages", "log", "The log: what was mailed, and what became of it", "Came back");
  await phone("senders", "senders", "Senders in their order", "Main relay");
  await phone("undeliverable-addresses", "undeliverable", "Addresses that mail is kept from", BACK);
  await server.close();
}
