import type { Browser, Page } from "playwright-core";
import { BASE, mailed, Visit } from "../support";
import { CALLBACK, NEWS, PASSWORD, signIn, type Elsewheres } from "./acme";
import { Album } from "./album";

const LOGIN = `${BASE}login`;
/** Whoever signs in there stays there. */
const HERE = `${LOGIN}?return_to=${encodeURIComponent(new URL(LOGIN).pathname)}`;
/** RFC 7636 appendix B. */
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name }).waitFor();
const link = (address: string, path: string) => mailed(address, new RegExp(`http\\S+/login/${path}\\?token=\\S+`));
/** A code as it stands in a mail. */
const code = async (address: string) => (await mailed(address, /^ {4}\d{6}$/m)).trim();

/** Somebody at the pages to sign in, who needs no font from elsewhere. */
async function begin(browser: Browser): Promise<Visit> {
  const visit = await Visit.begin(browser);
  await visit.page.route("https://fonts.googleapis.com/**", (route) => route.fulfill({ contentType: "text/css", body: "" }));
  return visit;
}

async function signUp(page: Page, album: Album): Promise<void> {
  await page.goto(LOGIN);
  await heading(page, "Sign in");
  await album.take(page, "sign-in", "The page to sign in, with providers");
  await signIn(page, "ada", "not the password");
  await page.getByRole("alert").waitFor();
  await album.glance(page, "sign-in-refused", "A wrong password");
  await page.goto(`${LOGIN}/sign-up`);
  await album.take(page, "sign-up", "Making an account");
  await page.getByLabel("User name").fill("emmy");
  await page.getByLabel("E-mail address").fill("emmy@acme.example");
  await page.getByLabel("Display name").fill("Emmy Noether");
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByRole("alert").waitFor();
  await album.glance(page, "sign-up-refused", "A password that is too short");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create an account" }).click();
  await heading(page, "Check your mail");
  await album.glance(page, "sign-up-code", "The code that was mailed");
  await page.goto(await link("emmy@acme.example", "verify"));
  await page.getByRole("button", { name: "Yes, verify this address" }).waitFor();
  await album.take(page, "verify", "The link in the mail: the address is proven by a click, not by a visit");
  await page.getByRole("button", { name: "Yes, verify this address" }).click();
  await page.waitForURL((url) => url.pathname.includes("/console/"));
  await page.context().clearCookies();
}

async function recover(page: Page, album: Album): Promise<void> {
  await page.goto(`${LOGIN}/forgot`);
  await album.take(page, "forgot", "A password is forgotten");
  await page.getByLabel("E-mail address").fill("emmy@acme.example");
  await page.getByRole("button", { name: "Send the mail" }).click();
  await heading(page, "Check your mail");
  await page.goto(await link("emmy@acme.example", "reset"));
  await album.take(page, "reset", "Choosing another password");
  await page.getByLabel("New password").fill(PASSWORD.toUpperCase());
  await page.getByRole("button", { name: "Save the new password" }).click();
  await heading(page, "Your password is changed");
}

async function consent(page: Page, album: Album): Promise<void> {
  const asked = { client_id: NEWS, redirect_uri: CALLBACK, response_type: "code", scope: "openid profile email" };
  const query = new URLSearchParams({ ...asked, code_challenge: CHALLENGE, code_challenge_method: "S256" });
  await page.route(`${CALLBACK}?*`, (route) => route.fulfill({ contentType: "text/plain", body: "back" }));
  await page.goto(`${BASE}oauth2/authorize?${query}`);
  await signIn(page, "grace");
  await heading(page, "The news asks for access");
  await album.take(page, "consent", "What an application asks for");
  await page.goto(LOGIN);
  await album.take(page, "signed-in", "Somebody who is signed in already");
  await page.goto(`${LOGIN}/password`);
  await album.glance(page, "password", "Changing one's password");
  await page.goto(`${LOGIN}/sign-out`);
  await album.take(page, "sign-out", "Signing out");
  query.set("redirect_uri", "https://elsewhere.example/");
  await page.goto(`${BASE}oauth2/authorize?${query}`);
  await heading(page, "This sign-in cannot go on");
  await album.glance(page, "application-refused", "A request of an application that is not as it must be");
}

/** Who signs up by a provider, and where. */
const GUESTS = [
  ["google", "Google", "rosalind", "Rosalind Franklin"],
  ["microsoft", "Microsoft", "wu", "Wu Chien-shiung"],
  ["github", "GitHub", "octavia", "Octavia Hill"],
] as const;

async function elsewhere(page: Page, album: Album, elsewheres: Elsewheres): Promise<void> {
  const leave = async (shown: string) => {
    await page.context().clearCookies();
    await page.goto(HERE);
    await page.getByRole("link", { name: `Continue with ${shown}` }).click();
  };
  await leave("Acme Corp");
  await elsewheres.corp.agree(page, "sophie");
  await heading(page, "Create an account");
  await page.getByLabel("Display name").fill("Sophie Germain");
  await album.take(page, "provider-sign-up", "Making an account of what a provider says");
  await page.getByLabel("User name").fill("sophie");
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByText("You are signed in as sophie.").waitFor();
  for (const [name, shown, login, displayName] of GUESTS) {
    await leave(shown);
    await elsewheres[name].agree(page, login);
    await heading(page, "Create an account");
    await page.getByLabel("User name").fill(login);
    await page.getByLabel("Display name").fill(displayName);
    await page.getByRole("button", { name: "Create an account" }).click();
    await page.getByText(/You are signed in as/).waitFor();
  }
  await leave("Facebook");
  await elsewheres.facebook.agree(page, "emmy");
  await heading(page, "Your e-mail address");
  await album.take(page, "provider-address", "A provider that says nothing of the address which could be relied on");
  await page.getByRole("button", { name: "Mail me a code" }).click();
  await heading(page, "Enter the code");
  await album.glance(page, "provider-code", "The code that proves the address");
}

/** Somebody who has an account already. */
async function takeOver(page: Page, album: Album, elsewheres: Elsewheres): Promise<void> {
  await page.context().clearCookies();
  await page.goto(HERE);
  await page.getByRole("link", { name: "Continue with Acme Corp" }).click();
  await elsewheres.corp.agree(page, "hypatia");
  await heading(page, "Is this your account?");
  await album.take(page, "provider-confirm", "An account that has the same address is joined by a code to it");
  await page.getByRole("button", { name: "Mail me a code" }).click();
  await heading(page, "Enter the code");
  await page.getByLabel("Code").fill(await code("hypatia@corp.example"));
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByText("You are signed in as hypatia.").waitFor();
}

/** What everybody sees, before anybody is an administrator. */
export async function hosted(browser: Browser, elsewheres: Elsewheres): Promise<void> {
  const album = new Album("hosted", "Pages to sign in", true);
  const visit = await begin(browser);
  const { page } = visit;
  await signUp(page, album);
  await recover(page, album);
  await elsewhere(page, album, elsewheres);
  await takeOver(page, album, elsewheres);
  await page.context().clearCookies();
  await consent(page, album);
  await page.context().clearCookies();
  await page.goto(`${LOGIN}?lang=zh`);
  await album.glance(page, "chinese", "The page to sign in, in Chinese");
  await visit.end(/status of 4(00|01|04) /);
  await album.phone(browser, undefined, "login", "sign-in", "The page to sign in, with providers", (phone) => heading(phone, "Sign in"));
  await album.phone(browser, undefined, "login/sign-up", "sign-up", "Making an account", (phone) => heading(phone, "Create an account"));
}
