import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BASE, launch, OWNER, Visit } from "./support";

const suffix = Date.now().toString(36);
const API = `${BASE}apis/console/v1alpha1`;
const PASSWORD = "seven quiet otters read maps";
const NAME = `mira-${suffix}`;
const SHOP = `news-${suffix}`;
const CALLBACK = `https://${SHOP}.example.com/callback`;
/** RFC 7636 appendix B. */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const REFUSED = (status: number) => new RegExp(`the server responded with a status of ${status} `);

let browser: Browser;

async function make(page: Page, path: string, sent: unknown): Promise<void> {
  const status = await page.evaluate(
    async ([url, text]) => {
      const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: text };
      return (await fetch(url, init)).status;
    },
    [API + path, JSON.stringify(sent)] as const,
  );
  expect(status).toBe(200);
}

beforeAll(async () => {
  browser = await launch();
  const visit = await Visit.begin(browser);
  await visit.open("");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Users");
  const user = { name: NAME, email: `${NAME}@example.org`, displayName: NAME, password: PASSWORD, mustChangePassword: false };
  await make(visit.page, "/users", user);
  const spec = { displayName: "The news", redirectUris: [CALLBACK], scopes: ["openid", "email"] };
  await make(visit.page, "/applications", { preset: "native", metadata: { name: SHOP }, spec });
  await visit.end(REFUSED(401));
});
afterAll(() => browser?.close());

test("people see what an application may do for them, and end it", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  // Nothing is at the address of the application.
  await page.route(`${CALLBACK}?*`, (route) => route.fulfill({ contentType: "text/plain", body: "back" }));
  const asked = new URLSearchParams({
    client_id: SHOP,
    redirect_uri: CALLBACK,
    response_type: "code",
    scope: "openid email",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
  });
  await page.goto(`${BASE}oauth2/authorize?${asked}`);
  await visit.signIn(NAME, PASSWORD);
  await page.getByRole("heading", { level: 1, name: "The news asks for access" }).waitFor();
  await page.getByText("See your e-mail address").waitFor();
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await page.waitForURL(`${CALLBACK}?*`);
  const code = new URL(page.url()).searchParams.get("code") ?? "";
  const form = { grant_type: "authorization_code", client_id: SHOP, code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const answer = await page.request.post(`${BASE}oauth2/token`, { form });
  expect(answer.status()).toBe(200);
  const token = ((await answer.json()) as { refresh_token: string }).refresh_token;

  await visit.open("account");
  const panel = page.getByRole("region", { name: "Applications" });
  await panel.getByText("The news").waitFor();
  await panel.getByText("may: email, openid").waitFor();
  expect(await visit.flaws()).toEqual([]);
  await panel.getByRole("button", { name: "End", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("The news is signed out at once").waitFor();
  await dialog.getByRole("button", { name: "End", exact: true }).click();
  await panel.getByText("No application.").waitFor();
  const again = { grant_type: "refresh_token", client_id: SHOP, refresh_token: token };
  const refused = await page.request.post(`${BASE}oauth2/token`, { form: again });
  expect([refused.status(), ((await refused.json()) as { error: string }).error]).toEqual([400, "invalid_grant"]);
  await visit.end(REFUSED(401));
});
