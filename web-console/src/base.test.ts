import { expect, test } from "vitest";
import { apiPath, consolePath, ownFile, ownFileAt, ownPicture, systemPath, tenantPath } from "./base";

test.each([
  ["https://id.example/console/", "/console", "/apis/console/v1alpha1"],
  ["https://id.example/t/acme/console/", "/t/acme/console", "/t/acme/apis/console/v1alpha1"],
  ["http://127.0.0.1:8080/console/", "/console", "/apis/console/v1alpha1"],
  ["https://id.example/t/console/console/", "/t/console/console", "/t/console/apis/console/v1alpha1"],
  ["https://id.example/login/t/acme/console/?q=1#x", "/login/t/acme/console", "/login/t/acme/apis/console/v1alpha1"],
])("%s is served at %s and asks %s", (base, console, api) => {
  expect(consolePath(base)).toBe(console);
  expect(apiPath(base)).toBe(api);
});

test("the tenant's own pages are beside the console", () => {
  expect(tenantPath("https://id.example/t/acme/console/")).toBe("/t/acme");
  expect(tenantPath("https://id.example/console/")).toBe("");
  expect(systemPath("https://id.example/console/")).toBe("/apis/system/v1alpha1");
});

test("pictures are shown only from the server's own store", () => {
  const base = "https://id.example/t/acme/console/";
  const own = "/t/acme/apis/console/v1alpha1/avatars/avt_1";
  expect(ownPicture(`https://id.example${own}`, base)).toBe(own);
  expect(ownPicture(own, base)).toBe(own);
  for (const strange of ["https://evil.example/a.png", "//evil.example/a.png", "/t/acme/other", "javascript:1", "http://[", undefined]) {
    expect(ownPicture(strange, base)).toBeUndefined();
  }
});

test("a file of the tenant is named by its path below the tenant's base", () => {
  const base = "https://id.example/t/acme/console/";
  expect(ownFile("https://id.example/t/acme/files/ab12/logo.png", base)).toBe("/files/ab12/logo.png");
  expect(ownFileAt("/files/ab12/logo.png", base)).toBe("/t/acme/files/ab12/logo.png");
  for (const strange of ["https://evil.example/t/acme/files/ab12/a.png", "https://id.example/t/other/files/ab12/a.png", "http://["]) {
    expect(ownFile(strange, base)).toBeUndefined();
  }
  expect(ownFileAt("https://cdn.example/a.png", base)).toBeUndefined();
});
