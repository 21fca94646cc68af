import { expect, test } from "vitest";
import type { Call } from "../api/calls";
import { concealed, curlOf, typescriptOf } from "./snippets";

const list: Call = {
  method: "GET",
  baseUrl: "/t/acme/apis/console/v1alpha1",
  template: "/users",
  address: "https://id.example/t/acme/apis/console/v1alpha1/users?keyword=o%27hara",
  params: { query: { keyword: "o'hara", role: undefined } },
};

const change: Call = {
  method: "PATCH",
  baseUrl: "/apis/system/v1alpha1",
  template: "/settings/{name}",
  address: "https://id.example/apis/system/v1alpha1/settings/mail",
  params: { path: { name: "mail" }, header: { "If-Match": '"3"' } },
  contentType: "application/merge-patch+json",
  sent: { spec: { note: "it's" } },
};

test("a call is written for a command line, with a token of one's own", () => {
  expect(curlOf(list)).toBe(
    `curl 'https://id.example/t/acme/apis/console/v1alpha1/users?keyword=o%27hara' \\\n  -H "Authorization: Bearer $TOKEN"`,
  );
  expect(curlOf(change)).toBe(
    [
      "curl -X PATCH 'https://id.example/apis/system/v1alpha1/settings/mail'",
      '-H "Authorization: Bearer $TOKEN"',
      `-H 'If-Match: "3"'`,
      "-H 'Content-Type: application/merge-patch+json'",
      `--data '{"spec":{"note":"it'\\''s"}}'`,
    ].join(" \\\n  "),
  );
});

test("a form that was sent takes a file of one's own", () => {
  const form = { ...list, method: "POST", contentType: "multipart/form-data; boundary=x" };
  expect(curlOf(form)).toMatch(/-F file=@FILE$/);
  expect(curlOf(form)).not.toContain("Content-Type");
});

test("a call is written for a program, by the address and the document of its group", () => {
  const read = typescriptOf(list);
  expect(read).toContain("https://id.example/t/acme/openapi/console.v1alpha1.json");
  expect(read).toContain('baseUrl: "https://id.example/t/acme",');
  expect(read).toContain('await api.GET("/apis/console/v1alpha1/users", {\n  "params": {\n    "query": {\n      "keyword": "o\'hara"\n    }\n  }\n});');
  const written = typescriptOf(change);
  expect(written).toContain('api.PATCH("/apis/system/v1alpha1/settings/{name}", {');
  expect(written).toContain('"Content-Type": "application/merge-patch+json"');
  expect(typescriptOf({ ...list, params: {} })).toContain('api.GET("/apis/console/v1alpha1/users");');
});

test("no secret is shown", () => {
  const sent = {
    password: "a", spec: { newPassword: "b", clientSecret: "c", codeInSubject: true, siteKey: "public", recoveryCodes: ["d"] }, code: "123456", tokens: [{ token: "e" }],
  };
  expect(concealed(sent)).toEqual({
    password: "$PASSWORD", spec: { newPassword: "$NEW_PASSWORD", clientSecret: "$CLIENT_SECRET", codeInSubject: true, siteKey: "public", recoveryCodes: ["$RECOVERY_CODES"] }, code: "$CODE", tokens: [{ token: "$TOKEN" }],
  });
});
