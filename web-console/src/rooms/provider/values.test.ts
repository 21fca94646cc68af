import { expect, test } from "vitest";
import type { ProviderConfig } from "../../api/types";
import { patchOf, valuesOf } from "./values";

const provider = {
  spec: {
    kind: "oidc", displayName: "Corp", priority: 0, clientId: "rp", scopes: ["openid", "email"], authMethod: "post",
    signIn: true, signUp: "policy", link: "confirm", emailTrust: "never", domains: ["example.com"], claims: {}, upstreams: [],
  },
} as unknown as ProviderConfig;

test("a form that nobody touched says what is decided, and leaves the secret", () => {
  const patch = patchOf(valuesOf(provider));
  expect(patch).toMatchObject({ displayName: "Corp", scopes: ["openid", "email"], domains: ["example.com"] });
  expect(patch.clientSecret).toBeUndefined();
  expect(patch.issuer).toBeNull();
});

test("words are told apart by blanks and commas", () => {
  const patch = patchOf({ ...valuesOf(provider), domains: " example.com, .example.org\n", clientSecret: "s" });
  expect(patch.domains).toEqual(["example.com", ".example.org"]);
  expect(patch.clientSecret).toBe("s");
});

test("a key is sent in one line", () => {
  const patch = patchOf({ ...valuesOf(provider), clientSecret: "-----BEGIN PRIVATE KEY-----\nMIG\r\nTAg\n-----END PRIVATE KEY-----\n" });
  expect(patch.clientSecret).toBe("-----BEGIN PRIVATE KEY-----MIGTAg-----END PRIVATE KEY-----");
});
