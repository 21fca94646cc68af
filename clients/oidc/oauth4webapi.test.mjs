// `oauth4webapi`, which checks each answer of the protocol by itself: metadata in both forms, `iss`, hashes, headers.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as oauth from "oauth4webapi";
import { Person } from "./person.mjs";
import { CALLBACK, tenants } from "./tenants.mjs";

const http = { [oauth.allowInsecureRequests]: true };

async function discover(issuer, algorithm) {
  const url = new URL(issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { algorithm, ...http }));
}

for (const { issuer, person: ada, applications, api } of tenants) {
  test(`${issuer}: the metadata is the same in either form, and each endpoint does what it announces`, async () => {
    const server = await discover(issuer, "oidc");
    assert.deepEqual(await discover(issuer, "oauth2"), server);

    const client = { client_id: applications.web.client_id };
    const proof = oauth.ClientSecretBasic(applications.web.client_secret);
    const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
    const address = new URL(server.authorization_endpoint);
    address.search = new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: CALLBACK,
      response_type: "code",
      scope: "openid email",
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      max_age: "600",
    });
    const back = await new Person(ada).go(address, CALLBACK);
    assert.equal(back.searchParams.get("iss"), issuer);

    const given = oauth.validateAuthResponse(server, client, back, state);
    const answer = await oauth.authorizationCodeGrantRequest(server, client, proof, given, CALLBACK, verifier, http);
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
      expectedNonce: nonce,
      maxAge: 600,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, answer, http);
    const { sub } = oauth.getValidatedIdTokenClaims(tokens);

    const known = await oauth.userInfoRequest(server, client, tokens.access_token, http);
    assert.equal((await oauth.processUserInfoResponse(server, client, sub, known)).email, ada.email);

    const renewed = await oauth.refreshTokenGrantRequest(server, client, proof, tokens.refresh_token, http);
    const more = await oauth.processRefreshTokenResponse(server, client, renewed);
    const asked = await oauth.introspectionRequest(server, client, proof, more.access_token, http);
    assert.equal((await oauth.processIntrospectionResponse(server, client, asked)).sub, sub);

    await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, proof, more.access_token, http));
    const gone = await oauth.introspectionRequest(server, client, proof, more.access_token, http);
    assert.deepEqual(await oauth.processIntrospectionResponse(server, client, gone), { active: false });
  });

  test(`${issuer}: an API verifies tokens by the keys alone`, async () => {
    const server = await discover(issuer, "oauth2");
    const client = { client_id: applications.caller.client_id };
    const proof = oauth.ClientSecretPost(applications.caller.client_secret);
    const wanted = { resource: api.audience };
    const answer = await oauth.clientCredentialsGrantRequest(server, client, proof, wanted, http);
    const { access_token } = await oauth.processClientCredentialsResponse(server, client, answer);
    const request = new Request(`${api.audience}/orders`, { headers: { authorization: `Bearer ${access_token}` } });
    const claims = await oauth.validateJwtAccessToken(server, request, api.audience, http);
    assert.deepEqual([claims.client_id, claims.sub, claims.scope], ["caller", "caller", "orders:read"]);
    await assert.rejects(oauth.validateJwtAccessToken(server, request, issuer, http), /aud/);
  });

  test(`${issuer}: who refuses is told by the answer, which says who it is from`, async () => {
    const server = await discover(issuer, "oidc");
    const client = { client_id: applications.native.client_id };
    const address = new URL(server.authorization_endpoint);
    const state = oauth.generateRandomState();
    address.search = new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: CALLBACK,
      response_type: "code",
      scope: "openid",
      state,
    });
    const back = await new Person(ada).go(address, CALLBACK);
    const refused = () => oauth.validateAuthResponse(server, client, back, state);
    assert.throws(refused, { error: "invalid_request" }, "without PKCE");
  });
}
