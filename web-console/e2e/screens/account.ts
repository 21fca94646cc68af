import type { Browser, BrowserContextOptions } from "playwright-core";
import { BASE, Visit } from "../support";
import { ask, CALLBACK, NEWS, type Elsewheres } from "./acme";
import { Album } from "./album";

type State = BrowserContextOptions["storageState"];

/** RFC 7636 appendix B. */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** Lets an application do something for whoever is signed in. */
async function allow({ page }: Visit): Promise<void> {
  const asked = { client_id: NEWS, redirect_uri: CALLBACK, response_type: "code", scope: "openid profile email" };
  const query = new URLSearchParams({ ...asked, code_challenge: CHALLENGE, code_challenge_method: "S256" });
  await page.route(`${CALLBACK}?*`, (route) => route.fulfill({ contentType: "text/plain", body: "back" }));
  await page.goto(`${BASE}oauth2/authorize?${query}`);
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await page.waitForURL(`${CALLBACK}?*`);
  const code = new URL(page.url()).searchParams.get("code") ?? "";
  const form = { grant_type: "authorization_code", client_id: NEWS, code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  await page.request.post(`${BASE}oauth2/token`, { form });
}

/** What people see of their own account. */
export async function account(browser: Browser, owner: State, elsewheres: Elsewheres): Promise<void> {
  const album = new Album("account", "My account");
  const visit = await Visit.begin(browser, { storageState: owner });
  const { page } = visit;
  await page.route("https://fonts.googleapis.com/**", (route) => route.fulfill({ contentType: "text/css", body: "" }));
  await allow(visit);
  const region = page.getByRole("region", { name: "Accounts elsewhere" });
  for (const [name, shown, login] of [["corp", "Acme Corp", "a.lovelace"], ["github", "GitHub", "countess"]] as const) {
    await visit.open("account");
    await region.getByRole("link", { name: `Add ${shown}` }).click();
    await visit.heading(`Add ${shown}`);
    if (name === "corp") await album.glance(page, "add", "Adding an account elsewhere");
    await page.getByRole("button", { name: "Continue" }).click();
    await elsewheres[name].agree(page, login);
    await visit.arrive("account");
    await region.getByText(`at ${shown}`).first().waitFor();
  }
  await visit.open("account");
  await region.getByText("at GitHub").first().waitFor();
  await album.take(page, "profile", "My account");
  await region.evaluate((panel) => panel.scrollIntoView({ block: "center" }));
  await album.take(page, "identities", "Accounts elsewhere that one signs in with");
  await region.getByRole("button", { name: "Remove" }).first().click();
  await page.getByRole("dialog").waitFor();
  await album.glance(page, "identity-removed", "Removing one of them");
  await page.keyboard.press("Escape");
  await page.getByRole("region", { name: "Applications" }).scrollIntoViewIfNeeded();
  await album.take(page, "applications", "Applications that may do something for oneself, and sessions");
  await visit.end(/status of 401 /);
  await album.phone(browser, owner, "console/account", "profile", "My account", (phone) => phone.getByRole("heading", { name: "Sessions" }).waitFor());

  await ask("PUT", "/users/yukihiro/password", { password: "another seven otters read", mustChange: true });
  const newcomer = await Visit.begin(browser);
  const entered = await newcomer.page.request.post(`${BASE}apis/console/v1alpha1/sessions`, {
    data: { username: "yukihiro", password: "another seven otters read" },
    headers: { origin: new URL(BASE).origin },
  });
  if (!entered.ok()) throw new Error(`nobody signed in: ${await entered.text()}`);
  await newcomer.open("");
  await newcomer.heading("Choose a password");
  await album.glance(newcomer.page, "must-change", "A password that somebody else knows is changed first");
  await newcomer.end();
}
