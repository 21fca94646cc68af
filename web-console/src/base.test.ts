import { expect, test } from "vitest";
import { apiPath, consolePath } from "./base";

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
