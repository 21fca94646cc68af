// `openid-client` signs people in, at every kind of application.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as client from "openid-client";
import { Person } from "./person.mjs";
import { BYE, CALLBACK, tenants } from "./tenants.mjs";

const EVERYTHING = "openid profile email roles offline_access";

async function discover(issuer, { client_id, client_secret }, { proof = client.ClientSecretBasic, alg, algorithm } = {}) {
  const metadata = alg && { id_token_signed_response_alg: alg };
  const shown = client_secret ? proof(client_secret) : client.None();
  const options = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks], algorithm };
  return client.discovery(new URL(issuer), client_id, metadata, shown, options);
}

/** Signs a person in, and returns what the application then has. */
async function signIn(config, person, { scope = "openid", redirect = CALLBACK, ...more } = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    scope,
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    ...more,
  });
  const back = await person.go(address, redirect);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  return client.authorizationCodeGrant(config, back, checks);
}

for (const { issuer, person: ada, applications, api } of tenants) {
  test(`${issuer}: a web application has all that the protocol has for it`, async () => {
    const person = new Person(ada);
    const config = await discover(issuer, applications.web);
    assert.equal(config.serverMetadata().issuer, issuer);
    const tokens = await signIn(config, person, { scope: EVERYTHING, prompt: "consent" });
    assert.deepEqual(person.pages, ["/login", "/login/consent"], "signs in, and is asked");
    assert.equal(tokens.scope, EVERYTHING);
    const { sub, sid } = tokens.claims();
    assert.ok(sid);

    const known = await client.fetchUserInfo(config, tokens.access_token, sub);
    assert.equal(known.preferred_username, ada.name);
    assert.equal(known.email, ada.email);
    assert.deepEqual(known.roles, ["auditor", "user"]);

    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal(renewed.claims().sub, sub);
    const told = await client.tokenIntrospection(config, renewed.access_token);
    assert.equal(told.active, true);
    assert.equal(told.username, ada.name);

    // Signed in already, and asked already.
    person.pages.length = 0;
    const again = await signIn(config, person, { scope: EVERYTHING, prompt: "none" });
    assert.equal(again.claims().sub, sub);
    assert.deepEqual(person.pages, []);

    await client.tokenRevocation(config, again.refresh_token);
    await assert.rejects(client.refreshTokenGrant(config, again.refresh_token), { error: "invalid_grant" });
    assert.equal((await client.tokenIntrospection(config, again.access_token)).active, false);
  });

  test(`${issuer}: signing out ends what the application has, and brings people back to it`, async () => {
    const person = new Person(ada);
    const config = await discover(issuer, applications.web, { proof: client.ClientSecretPost });
    const tokens = await signIn(config, person, { scope: "openid email" });
    const leave = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: BYE,
      state: "a:b/c",
    });
    assert.equal((await person.go(leave, BYE)).search, `?${new URLSearchParams({ state: "a:b/c" })}`);
    assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, false);
    await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
    const silent = signIn(config, person, { prompt: "none" });
    await assert.rejects(silent, (why) => why.cause.get("error") === "login_required");
  });

  test(`${issuer}: ID tokens are signed by what the application asked for`, async () => {
    const subjects = new Set();
    for (const [name, alg] of [["web", "RS256"], ["es256", "ES256"], ["eddsa", "EdDSA"]]) {
      const config = await discover(issuer, applications[name], { alg, algorithm: "oauth2" });
      const tokens = await signIn(config, new Person(ada));
      const header = JSON.parse(Buffer.from(tokens.id_token.split(".")[0], "base64url"));
      assert.equal(header.alg, alg);
      subjects.add(tokens.claims().sub);
    }
    assert.equal(subjects.size, 2, "one of them knows people by names of its own");
  });

  test(`${issuer}: a program on a device comes back to a port of its own, and renews with a token that changes`, async () => {
    const person = new Person(ada);
    const config = await discover(issuer, applications.native);
    const tokens = await signIn(config, person, { redirect: "http://127.0.0.1:49152/callback", scope: "openid profile" });
    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(renewed.refresh_token, tokens.refresh_token);
    const known = await client.fetchUserInfo(config, renewed.access_token, tokens.claims().sub);
    assert.equal(known.name, "Ada Lovelace");
  });

  test(`${issuer}: programs act for themselves, here and at an API`, async () => {
    const job = await discover(issuer, applications.job);
    const { access_token } = await client.clientCredentialsGrant(job);
    const users = new URL(`${issuer}/apis/console/v1alpha1/users`);
    const answer = await client.fetchProtectedResource(job, access_token, users, "GET");
    assert.equal(answer.status, 200);

    const caller = await discover(issuer, applications.caller);
    const tokens = await client.clientCredentialsGrant(caller, { resource: api.audience, scope: "orders:read" });
    const orders = await discover(issuer, api);
    const told = await client.tokenIntrospection(orders, tokens.access_token);
    assert.deepEqual([told.active, told.aud, told.scope], [true, [api.audience], "orders:read"]);
    await client.tokenRevocation(caller, tokens.access_token);
    assert.equal((await client.tokenIntrospection(orders, tokens.access_token)).active, false);
  });
}
