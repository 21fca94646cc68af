import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BASE, launch, OWNER, Visit } from "./support";

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
