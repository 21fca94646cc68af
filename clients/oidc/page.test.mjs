// `oidc-client-ts` in Chromium: a page of another site signs its visitor in, renews, and signs them out.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { tenants } from "./tenants.mjs";

const LIBRARY = new URL("node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js", import.meta.url);

/** What the page has of its own: the settings of the library, and the end of a sign-in that came back to it. */
const html = (authority, origin) => `<!doctype html>
<title>A page</title>
<script src="/library.js"></script>
<script>
const manager = new oidc.UserManager({
  authority: ${JSON.stringify(authority)},
  client_id: "page",
  redirect_uri: "${origin}/",
  post_logout_redirect_uri: "${origin}/",
  scope: "openid profile email offline_access",
  loadUserInfo: true,
  automaticSilentRenew: false,
});
const answer = new URLSearchParams(location.search);
const comes = async () => {
  if (answer.has("code")) return manager.signinCallback().then(() => "Signed in");
  if (answer.has("state")) return manager.signoutCallback().then(() => "Signed out");
  return "Ready";
};
comes().then((title) => { document.title = title; });
</script>`;

async function serve(authority, origin) {
  const library = await readFile(LIBRARY);
  const server = createServer((request, response) => {
    const [type, body] = request.url === "/library.js" ? ["text/javascript", library] : ["text/html", html(authority, origin)];
    response.setHeader("content-type", type);
    response.end(body);
  });
  await new Promise((ready) => server.listen(new URL(origin).port, "localhost", ready));
  return server;
}

let browser;
before(async () => {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args });
});
after(() => browser?.close());

for (const { issuer, person, page: origin } of tenants) {
  test(`${issuer}: a page of another site signs in, renews and signs out`, async () => {
    const server = await serve(issuer, origin);
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    const becomes = (title) => page.waitForFunction((wanted) => document.title === wanted, title);
    try {
      await page.goto(origin);
      await becomes("Ready");
      await page.evaluate(() => void manager.signinRedirect());
      await page.getByLabel("User name or e-mail address").fill(person.name);
      await page.locator("input[type=password]").fill(person.password);
      await page.locator("input[type=password]").press("Enter");
      await becomes("Signed in");
      const user = await page.evaluate(() => manager.getUser());
      assert.equal(user.profile.email, person.email, "userinfo was read from this origin");

      const renewed = await page.evaluate(() => manager.signinSilent());
      assert.notEqual(renewed.access_token, user.access_token);
      assert.notEqual(renewed.refresh_token, user.refresh_token, "it is replaced each time");
      assert.equal(renewed.profile.sub, user.profile.sub);

      await page.evaluate(() => void manager.signoutRedirect({ state: "bye" }));
      await becomes("Signed out");
      assert.equal(await page.evaluate(() => manager.getUser()), null);
      const ended = await page.evaluate(async ({ authority, token }) => {
        const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: token, client_id: "page" });
        const answer = await fetch(`${authority}/oauth2/token`, { method: "POST", body: form });
        return [answer.status, (await answer.json()).error];
      }, { authority: issuer, token: renewed.refresh_token });
      assert.deepEqual(ended, [400, "invalid_grant"], "signing out ended it, and a page may read why");
      assert.deepEqual(complaints, ["Failed to load resource: the server responded with a status of 400 (Bad Request)"]);
    } finally {
      await context.close();
      server.close();
    }
  });
}
