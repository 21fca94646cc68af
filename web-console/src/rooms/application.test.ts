import { expect, test } from "vitest";
import type { Application, ResourceServer } from "../api/types";
import { patchOf, valuesOf } from "./api/values";
import { snippetsFor } from "./application/snippets";
import { requestsOf, requestsPatch, settingsOf, settingsPatch } from "./application/values";

const metadata = { name: "shop", labels: {}, annotations: {}, version: 3, creationTimestamp: "2026-11-28T09:30:00Z" };

const SHOP: Application = {
  apiVersion: "v1alpha1",
  kind: "Application",
  metadata,
  spec: {
    displayName: "Shop",
    description: "",
    homeUrl: "https://shop.example.com",
    firstParty: false,
    grants: ["authorization_code", "refresh_token"],
    authMethods: ["client_secret_basic", "client_secret_post"],
    requirePkce: true,
    rotation: "auto",
    subjectType: "public",
    idTokenAlg: "RS256",
    accessTokenAlg: "EdDSA",
    claimsInIdToken: false,
    accessTokenSeconds: 300,
    redirectUris: ["https://shop.example.com/callback"],
    postLogoutRedirectUris: [],
    allowedOrigins: [],
    scopes: ["openid", "email"],
    audiences: [{ audience: "https://orders.example.com", scopes: ["orders:read"] }],
    roles: [],
    accessRoles: [],
    claims: [{ claim: "groups", source: "roles", form: "text", inIdToken: true, inAccessToken: false, inUserinfo: false }],
  },
  status: { preset: "web-server", origin: "console", public: false, disabled: false },
};
const ISSUER = "https://id.example.com/t/acme";
const as = (spec: Partial<Application["spec"]>): Application => ({ ...SHOP, spec: { ...SHOP.spec, ...spec } });

test("settings that are emptied are taken away, and the others stay as they are", () => {
  const patch = settingsPatch({ ...settingsOf(SHOP), homeUrl: " ", accessTokenSeconds: "", displayName: " The shop " });
  expect(patch).toMatchObject({ displayName: "The shop", homeUrl: null, color: null, accessTokenSeconds: null, rotation: "auto" });
  expect(settingsPatch(settingsOf(SHOP))).toMatchObject({ homeUrl: "https://shop.example.com", accessTokenSeconds: 300 });
  // Addresses, scopes and roles are other parts of the page.
  expect(patch).not.toHaveProperty("redirectUris");
});

test("what an application may ask for comes back from its form as it was", () => {
  const { scopes, audiences, claims } = SHOP.spec;
  expect(requestsPatch(requestsOf(SHOP))).toEqual({ scopes, audiences, claims });
});

test("an API comes back from its form as it was, without descriptions that are empty", () => {
  const server: ResourceServer = {
    apiVersion: "v1alpha1",
    kind: "ResourceServer",
    metadata,
    spec: {
      audience: "https://orders.example.com",
      displayName: "Orders",
      accessTokenAlg: "ES256",
      scopes: [{ scope: "orders:read", description: { en: "See your orders" }, public: true }],
    },
  };
  expect(JSON.parse(JSON.stringify(patchOf(valuesOf(server))))).toEqual({
    displayName: "Orders",
    accessTokenAlg: "ES256",
    accessTokenSeconds: null,
    scopes: server.spec.scopes,
  });
});

test("snippets are of the ways to tokens that an application has, with its own values", () => {
  const [node, python] = snippetsFor(SHOP, ISSUER);
  expect(snippetsFor(SHOP, ISSUER)).toHaveLength(2);
  expect(node?.code).toContain(`new URL("${ISSUER}")`);
  expect(node?.code).toContain("client.ClientSecretPost(process.env.CLIENT_SECRET)");
  expect(node?.code).not.toContain("allowInsecureRequests");
  expect(python?.code).toContain(`server_metadata_url="${ISSUER}/.well-known/openid-configuration"`);
  expect(python?.code).toContain('redirect("https://shop.example.com/callback")');
  expect(snippetsFor(as({ grants: [] }), ISSUER)).toEqual([]);
});

test("an application without a secret is shown none, and plain http is said to the library", () => {
  const [node, python] = snippetsFor(as({ authMethods: ["none"] }), "http://127.0.0.1:8080");
  expect(node?.code).toMatch(/= client\.None\(\);[^]*undefined, proof, \{ execute: \[client\.allowInsecureRequests\] \}/);
  for (const snippet of [node, python]) expect(snippet?.code).not.toContain("SECRET");
});

test("a program asks for a token of its API, and no word of it ends the shell's quotes", () => {
  const grants: Application["spec"]["grants"] = ["client_credentials"];
  const [curl] = snippetsFor(as({ grants }), ISSUER);
  expect(curl?.code.split(" \\\n")).toEqual([
    `curl '${ISSUER}/oauth2/token'`,
    `  --user 'shop':"$CLIENT_SECRET"`,
    "  --data-urlencode grant_type=client_credentials",
    "  --data-urlencode resource='https://orders.example.com'",
    "  --data-urlencode scope='orders:read'",
  ]);
  const [quoted] = snippetsFor(as({ grants, audiences: [{ audience: "https://a.example/'; rm", scopes: [] }] }), ISSUER);
  expect(quoted?.code).toContain(`resource='https://a.example/'\\''; rm'`);
  expect(quoted?.code).not.toContain("scope=");
});

test("a gateway is shown its own settings, and the page that tries an application is no address of its own", () => {
  const tried = `${ISSUER}/console/try-it/callback`;
  const status = { ...SHOP.status, preset: "gateway" as const };
  const gateway = { ...as({ redirectUris: [tried, "https://shop.example.com/callback"] }), status };
  const [apache, higress] = snippetsFor(gateway, ISSUER);
  expect(apache?.code).toContain(`OIDCProviderMetadataURL "${ISSUER}/.well-known/openid-configuration"`);
  expect(apache?.code).toContain('OIDCRedirectURI "https://shop.example.com/callback"');
  expect(apache?.code).toContain('OIDCClientSecret "${CLIENT_SECRET}"');
  expect(higress?.code).toContain(`oidc_issuer_url: "${ISSUER}"`);
  expect(higress?.code).toContain('client_id: "shop"');
  for (const { code } of snippetsFor({ ...as({ redirectUris: [tried] }), status }, ISSUER)) expect(code).not.toContain(tried);
});
