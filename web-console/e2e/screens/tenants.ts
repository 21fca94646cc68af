import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { nameServer } from "../dns";
import { BASE, OWNER, TENANT, Visit } from "../support";
import { ask, signIn } from "./acme";
import { Album } from "./album";

type State = BrowserContextOptions["storageState"];

const SYSTEM = `${BASE}apis/system/v1alpha1`;
const TENANTS: [name: string, displayName: string][] = [
  ["globex", "Globex Corporation"],
  ["initech", "Initech"],
  ["umbrella", "Umbrella"],
  ["hooli", "Hooli"],
];
const DOMAIN = "login.acme.test";

async function found(): Promise<void> {
  for (const [name, displayName] of TENANTS) {
    const spec = { displayName, owner: { email: `owner@${name}.example` }, quotas: { users: 1000, attachmentBytes: 1_073_741_824 } };
    await ask("POST", "/tenants", { metadata: { name }, spec }, SYSTEM);
  }
  await ask("POST", "/tenants/initech/suspend", { reason: "Unpaid since October" }, SYSTEM);
  await ask("DELETE", "/tenants/umbrella?confirm=umbrella", undefined, SYSTEM);
}

const listed = (page: Page) => page.getByRole("link", { name: "Initech", exact: true }).waitFor();

/** What operators see, in the default tenant. */
async function operators(visit: Visit, album: Album): Promise<void> {
  const { page } = visit;
  const take = async (path: string, name: string, what: string, ready: () => Promise<void>) => {
    await visit.open(path);
    await ready();
    await album.take(page, name, what);
  };
  await take("tenants", "list", "Tenants of the instance", () => listed(page));
  await visit.open("tenants?create=1");
  await page.getByRole("dialog").getByRole("button", { name: "Quotas" }).waitFor();
  await album.glance(page, "founded", "Founding a tenant: its owner is invited by mail");
  await take("tenants/globex", "tenant", "A tenant", () => page.getByRole("heading", { name: "First owner" }).waitFor());
  await take("tenants/initech", "suspended", "A tenant that is suspended", () => page.getByText("Reason: Unpaid since October").waitFor());
  await take("tenants/globex?tab=quotas", "quotas", "What a tenant may have at most, and has", () => page.getByText("0 of 1,000 used").waitFor());
  await take("instance-settings", "instance-settings", "What the instance decides for all tenants", () => page.getByRole("textbox", { name: "Help" }).waitFor());
}

/** Proves a domain of the tenant at a path, and looks at what would follow if addresses began with it. */
async function prove(page: Page, visit: Visit, album: Album, texts: Map<string, string>): Promise<void> {
  await visit.open("domains?create=1");
  await signIn(page, OWNER.name, OWNER.password);
  await page.getByRole("dialog").getByLabel("Domain").fill(DOMAIN);
  await page.keyboard.press("Enter");
  const proof = page.getByRole("region", { name: "Proof" });
  await proof.getByRole("button", { name: "Verify" }).click();
  await proof.getByText("The record was not found").waitFor();
  await album.take(page, "unproven", "A domain that is not proven yet, and what name servers say");
  const [name, value] = await proof.locator("pre").allTextContents();
  texts.set(name ?? "", value ?? "");
  await proof.getByRole("button", { name: "Verify" }).click();
  await proof.getByText("The record is there: the domain is yours").waitFor();
  await album.take(page, "proven", "A domain that is proven");
  await page.getByRole("button", { name: "Make canonical" }).click();
  await page.getByRole("dialog").getByText("Redirect URIs to be registered").waitFor();
  await album.glance(page, "move", "What depends on the address of a tenant, before it changes");
}

/** Tenants, and domains of their own. */
export async function tenants(browser: Browser, owner: State): Promise<void> {
  const album = new Album("tenants", "Tenants and domains");
  const texts = new Map<string, string>();
  const server = await nameServer(texts);
  await found();
  const office = await Visit.begin(browser, { storageState: owner });
  await operators(office, album);
  const there = await Visit.begin(browser, {}, TENANT);
  await prove(there.page, there, album, texts);
  await there.end(/status of 40[01] /);
  await office.open("tenant-domains");
  await office.page.getByText(DOMAIN).first().waitFor();
  await album.take(office.page, "domains", "Domains of all tenants");
  await office.end();
  await album.phone(browser, owner, "console/tenants", "list", "Tenants of the instance", listed);
  await server.close();
}
