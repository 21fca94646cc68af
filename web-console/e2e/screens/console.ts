import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { BASE, Visit } from "../support";
import { DASHBOARD, paintings, SHOP } from "./acme";
import { Album } from "./album";

type State = BrowserContextOptions["storageState"];
/** A page: its address, what it is called, what it shows, and what is there when it is. */
type Shown = [path: string, name: string, what: string, ready: (page: Page) => Locator];

const text = (words: string | RegExp) => (page: Page) => page.getByText(words).filter({ visible: true }).first();
const heading = (name: string) => (page: Page) => page.getByRole("heading", { name }).first();
const form = (page: Page) => page.getByRole("tabpanel").locator("form").first();

const RIGHTS: Shown[] = [
  ["overview", "overview", "Numbers of a tenant, and what happened of late", (page) => page.getByRole("img", { name: /^Sign-ins/ })],
  ["users", "users", "Users", (page) => page.getByRole("link", { name: "radia" })],
  ["users?create=1", "user-made", "Making a user", (page) => page.getByRole("dialog").getByRole("textbox").first()],
  ["users/grace", "user", "A user: the profile", heading("Profile")],
  ["users/grace?tab=access", "user-access", "A user: roles, and all that they permit", text("Permitted")],
  ["users/katherine?tab=access&why=users:delete", "user-why", "Why a user may not do something", (page) => page.getByRole("dialog").getByText("Denied")],
  ["users/grace?tab=sign-in", "user-sign-in", "A user: how they sign in", (page) => page.getByRole("button", { name: "Delete user" })],
  ["users/sophie?tab=sessions", "user-sessions", "A user: accounts elsewhere and sessions", (page) => page.getByRole("region", { name: "Accounts elsewhere" }).getByText("Acme Corp").first()],
  ["users/grace?tab=history", "user-history", "A user: what was done to them", text("users:create")],
  ["invitations", "invitations", "Invitations", (page) => page.getByRole("table", { name: "Open invitations" })],
  ["roles", "roles", "Roles", (page) => page.getByRole("link", { name: /Shop manager/ })],
  ["roles?view=matrix", "roles-matrix", "Roles and what they permit, as a table", (page) => page.getByRole("table", { name: "Matrix" })],
  ["roles/shop-manager", "role", "A role of one's own, with its rules", (page) => page.getByRole("group", { name: "Rule 1" })],
  ["roles/support?tab=permissions", "role-permissions", "All that a role permits", text("messages")],
  ["explainer?user=katherine&resource=users&verb=delete", "explainer", "Who may do what, and why", text("What would permit it")],
];

const APPLICATIONS: Shown[] = [
  ["applications", "applications", "Applications", (page) => page.getByRole("link", { name: "The shop" })],
  ["applications?create=1", "application-made", "Making an application of a preset", (page) => page.getByRole("dialog").getByRole("radio").first()],
  [`applications/${SHOP}`, "application", "An application", heading("Look")],
  [`applications/${SHOP}?tab=addresses`, "application-addresses", "An application: its addresses", text("https://shop.acme.example/callback")],
  [`applications/${SHOP}?tab=scopes`, "application-scopes", "An application: what it may ask for, and claims", heading("Claims")],
  [`applications/${SHOP}?tab=access`, "application-access", "An application: who may sign in to it", heading("Who may sign in")],
  [`applications/${SHOP}?tab=connect`, "application-connect", "An application: what to paste into a library", (page) => page.getByRole("group", { name: /Apache|Node/ }).first()],
  [`applications/${DASHBOARD}?tab=try`, "application-try", "An application: trying a sign-in", (page) => page.locator("[data-registered=true]")],
  ["apis", "apis", "APIs that trust the tenant's tokens", (page) => page.getByRole("link", { name: "Orders" })],
  ["keys", "keys", "Keys that sign tokens", (page) => page.getByRole("table", { name: "Signing keys" })],
  ["sign-in-methods", "sign-in-methods", "Sign-in methods: the providers", (page) => page.getByRole("table", { name: "Providers" }).getByText("Enabled").first()],
  ["sign-in-methods?create=1", "sign-in-method-made", "Adding a provider", (page) => page.getByRole("dialog").getByLabel("Kind")],
  ["sign-in-methods/corp", "sign-in-method", "A provider that speaks OpenID Connect", text("Enabled")],
  ["sign-in-methods/apple", "sign-in-method-apple", "Apple as a provider", text("Enabled")],
];

const POLICIES = {
  passwords: "passwords",
  "sign-up": "sign-up",
  sessions: "sessions",
  "signing-keys": "signing keys",
  backups: "backups by themselves",
  limits: "limits",
  captcha: "CAPTCHA",
  branding: "branding, with a preview",
  authentication: "sign-in methods",
  "cross-origin": "calls from pages of other sites",
};

const isDialog = (path: string) => /create=|why=/.test(path);

async function show(visit: Visit, album: Album, pages: Shown[]): Promise<void> {
  for (const [path, name, what, ready] of pages) {
    await visit.open(path);
    await ready(visit.page).waitFor();
    if (isDialog(path)) await album.glance(visit.page, name, what);
    else await album.take(visit.page, name, what);
  }
}

/** What is seen only after a click. */
async function acts(visit: Visit, album: Album): Promise<void> {
  const { page } = visit;
  await visit.open(`applications/${SHOP}?tab=secrets`);
  await page.getByRole("button", { name: "Make a secret" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Make a secret" }).click();
  await page.locator("[data-shown-once]").waitFor();
  await album.glance(page, "application-secret", "A secret of an application is shown once");
  await visit.open("sign-in-methods/corp");
  await page.getByRole("button", { name: "Test" }).click();
  await page.getByRole("link", { name: "Begin the dry run" }).waitFor();
  await album.glance(page, "sign-in-method-tested", "A provider is tested");
  await page.goto(`${BASE}console/try-it?client_id=${DASHBOARD}&scope=openid+profile`);
  await page.getByRole("button", { name: "Go to the sign-in" }).click();
  await page.locator("[data-check=at_hash]").waitFor();
  await album.take(page, "application-tried", "A sign-in that was tried: every check of its tokens");
}

async function audit(visit: Visit, album: Album): Promise<void> {
  const { page } = visit;
  await visit.open("audit");
  await page.getByText("Trail intact").waitFor();
  await album.take(page, "audit", "The audit trail");
  await visit.open("audit?action=users:update");
  await page.getByRole("button", { name: "users:update" }).last().click();
  await page.getByRole("dialog").getByRole("row").first().waitFor();
  await album.glance(page, "audit-event", "What was changed, from what to what");
}

async function attachments(browser: Browser, visit: Visit, album: Album): Promise<void> {
  const { page } = visit;
  const texts = [
    { name: "handbook.txt", mimeType: "text/plain", buffer: Buffer.from("Welcome to Acme.\n".repeat(400)) },
    { name: "prices.csv", mimeType: "text/csv", buffer: Buffer.from("article,price\nanvil,120\n") },
  ];
  await visit.open("attachments");
  await visit.heading("Attachments");
  await page.locator("input[type=file]").setInputFiles([...(await paintings(browser)), ...texts]);
  const files = page.getByRole("list", { name: "Files" });
  for (const name of ["harbour.png", "prices.csv"]) await files.getByRole("link", { name }).waitFor();
  await visit.open("attachments");
  await files.getByRole("link", { name: "harbour.png" }).waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll("main img")].every((image) => (image as HTMLImageElement).naturalWidth > 0));
  await album.take(page, "attachments", "Attachments");
  await files.getByRole("link", { name: "harbour.png" }).click();
  await page.getByRole("dialog").getByRole("img", { name: "harbour.png" }).waitFor();
  await album.glance(page, "attachment", "A file, and who may see it");
  await visit.open("attachments?view=list");
  await page.getByRole("table", { name: "Files" }).waitFor();
  await album.take(page, "attachments-list", "Attachments, as a list");
}

async function backups(visit: Visit, album: Album): Promise<void> {
  const { page } = visit;
  await visit.open("backups");
  await visit.heading("Backups");
  await page.getByRole("button", { name: "Make a backup" }).first().click();
  const made = page.getByRole("table", { name: "Backups" }).getByRole("row").nth(1);
  await made.getByText("Ready").waitFor();
  await visit.open("backups");
  await made.getByText("Ready").waitFor();
  await album.take(page, "backups", "Backups");
  await made.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("dialog").getByText("Users who get more roles").waitFor();
  await album.glance(page, "restore", "What a restore would do, before it is done");
}

/** The rooms of the console. */
export async function rooms(browser: Browser, owner: State): Promise<void> {
  const album = new Album("console", "The console");
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await show(visit, album, [...RIGHTS, ...APPLICATIONS]);
  await acts(visit, album);
  const shown = Object.entries(POLICIES).map(([tab, what]): Shown => [`policies?tab=${tab}`, `policies-${tab}`, `Policies: ${what}`, form]);
  await show(visit, album, shown);
  await audit(visit, album);
  await attachments(browser, visit, album);
  await backups(visit, album);
  await page.goto(`${BASE}swagger-ui/`);
  await page.getByText("ListUsers", { exact: true }).waitFor();
  await album.glance(page, "swagger", "Every operation, in Swagger UI");
  await visit.end();
  for (const name of ["overview", "users", "applications", "sign-in-methods"]) {
    const [path, , what, ready] = [...RIGHTS, ...APPLICATIONS].find((one) => one[1] === name) as Shown;
    const isThere = name === "sign-in-methods" ? text("Acme Corp") : ready;
    await album.phone(browser, owner, `console/${path}`, name, what, (phone) => isThere(phone).waitFor());
  }
}
