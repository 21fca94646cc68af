import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BASE, launch, OWNER, TENANT, Visit } from "./support";

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

test("Swagger UI shows every group, and an operation can be tried with a token", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await page.goto(`${BASE}swagger-ui/`);
  const groups = page.locator("select#select");
  await page.getByText("ListUsers", { exact: true }).waitFor();
  expect(await groups.locator("option").allTextContents()).toEqual([
    "console.v1alpha1",
    "system.v1alpha1",
    "auth.v1",
    "gateway.v1",
    "oidc",
    "accounts",
    "verification",
  ]);
  await groups.selectOption({ label: "gateway.v1" });
  await page.getByText("SendEmailVerification", { exact: true }).waitFor();
  await groups.selectOption({ label: "auth.v1" });
  await page.getByText("VerifyMyEmail", { exact: true }).waitFor();

  const answer = await page.request.post(`${BASE}v1/login`, {
    data: { username: OWNER.name, password: OWNER.password },
  });
  const { accessToken } = await answer.json();
  await page.locator(".btn.authorize").click();
  const bearer = page.locator(".auth-container").filter({ hasText: "bearer" });
  await bearer.getByRole("textbox").fill(accessToken);
  await bearer.getByRole("button", { name: "Apply credentials" }).click();
  await page.locator(".btn-done").first().click();
  const operation = page.locator(".opblock").filter({ hasText: "GetMyEmail" });
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Execute" }).click();
  await operation.locator(".live-responses-table .response-col_status", { hasText: "200" }).waitFor();
  expect(await operation.locator(".live-responses-table").textContent()).toContain("isEmailVerified");
  await visit.end();
});

/** By the button *Authorize*, as whoever signs in on the tenant's page, in a window of its own. */
async function authorize(page: Page): Promise<void> {
  await page.locator(".btn.authorize").click();
  const oauth = page.locator(".auth-container").filter({ hasText: "oauth2" });
  expect(await oauth.getByLabel("client_id:").inputValue()).toBe("swagger-ui");
  const opened = page.waitForEvent("popup");
  await oauth.getByRole("button", { name: "Apply given OAuth2 credentials" }).click();
  const popup = await opened;
  await popup.getByLabel("User name or e-mail address").fill(OWNER.name);
  await popup.getByLabel("Password", { exact: true }).fill(OWNER.password);
  const closed = popup.waitForEvent("close");
  await popup.getByRole("button", { name: "Sign in" }).click();
  await closed;
  await oauth.getByRole("button", { name: "Remove authorization" }).waitFor();
  await page.locator(".btn-done").first().click();
}

test.each([
  ["the default tenant", BASE],
  ["a tenant at a path", TENANT],
])("Authorize in Swagger UI signs in on the tenant's page, and operations run as whoever did: %s", async (_, base) => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(`${base}apis/console/v1alpha1/users`)) sent.push(request.headers().authorization ?? "");
  });
  await page.goto(`${base}swagger-ui/`);
  await page.getByText("ListUsers", { exact: true }).waitFor();
  await authorize(page);
  // The sign-in left a session in this browser as well: the token is to do without it.
  await page.context().clearCookies();
  const operation = page.locator("#operations-Users-ListUsers");
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Execute" }).click();
  await operation.locator(".live-responses-table .response-col_status", { hasText: "200" }).waitFor();
  expect(sent.at(-1)).toMatch(/^Bearer ey/);
  await visit.end();
});

test("Swagger UI begins with what there is, and a first call is opened and works as it is", async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await page.goto(`${BASE}swagger-ui/`);
  await page.getByText("ListUsers", { exact: true }).waitFor();
  const start = page.locator("#start");
  await start.getByText("To sign in, press Authorize below").waitFor();
  expect(await start.getByRole("listitem").count()).toBe(12);
  await authorize(page);
  await start.getByRole("link", { name: "See who has an account" }).click();
  const operation = page.locator("#operations-Users-ListUsers");
  await operation.getByRole("button", { name: "Execute" }).click();
  await operation.locator(".live-responses-table .response-col_status", { hasText: "200" }).waitFor();
  expect(await operation.locator(".live-responses-table").textContent()).toContain("admin");

  await start.getByRole("link", { name: "gateway.v1", exact: true }).click();
  await page.getByText("SendEmailVerification", { exact: true }).waitFor();
  // From another group the link leads to the first one, and to the operation.
  await page.getByRole("link", { name: "Make a role for those who help" }).click();
  await page.locator("#operations-Roles-CreateRole").getByRole("button", { name: "Execute" }).waitFor();
  expect(await page.locator("#start").getAttribute("open")).toBeNull();
  await visit.end();
});

test("Swagger UI shows a person only what they may do, if they want that", async () => {
  const name = `plain-${Date.now().toString(36)}`;
  const password = "lighthouse oatmeal bicycle 7";
  const json = { "content-type": "application/json" };
  const made = await fetch(`${BASE}v1/register`, {
    method: "POST",
    headers: json,
    body: JSON.stringify({ username: name, email: `${name}@example.org`, password }),
  });
  expect(made.status).toBe(200);
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await page.goto(`${BASE}swagger-ui/`);
  await page.getByText("ListUsers", { exact: true }).waitFor();
  const only = page.getByLabel("Only what I may do");
  await only.click();
  await page.getByRole("status").getByText("Sign in first").waitFor();
  expect(await only.isChecked()).toBe(false);

  await page.goto(`${BASE}login`);
  await page.getByLabel("User name or e-mail address").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/console\//);
  await page.goto(`${BASE}swagger-ui/`);
  await page.getByText("ListUsers", { exact: true }).waitFor();
  await only.check();
  await page.getByText("ListUsers", { exact: true }).waitFor({ state: "detached" });
  await page.getByText("GetCurrentUserDetail", { exact: true }).waitFor();
  await only.uncheck();
  await page.getByText("ListUsers", { exact: true }).waitFor();
  await visit.end(/the server responded with a status of 401 /);
});
