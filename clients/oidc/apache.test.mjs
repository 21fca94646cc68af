// Apache, as docs/gateways configures it: mod_auth_openidc signs people in, mod_oauth2 lets tokens through.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as client from "openid-client";
import { withApache } from "./apache.mjs";
import { Person } from "./person.mjs";
import { tenants } from "./tenants.mjs";

for (const { issuer, person: ada, applications, api, proxy } of tenants) {
  test(`${issuer}: mod_auth_openidc signs people in, says who they are, renews, and signs them out`, async () => {
    const { client_id, client_secret } = applications.proxy;
    const words = { ISSUER: issuer, CLIENT_ID: client_id, CLIENT_SECRET: client_secret, SELF: proxy };
    await withApache("apache-sign-in.conf", words, async () => {
      const person = new Person(ada);
      const forged = { "OIDC-claim-email": "forged@example.test", "OIDC_CLAIM_sub": "somebody", "oidc_claim_admin": "yes" };
      const seen = JSON.parse((await person.open(`${proxy}/private/orders?page=2`, forged)).text);
      assert.deepEqual(person.pages, ["/login"]);
      assert.equal(seen.path, "/private/orders?page=2");
      assert.deepEqual([seen.oidc_claim_email, seen.oidc_claim_roles], [ada.email, "auditor,user"]);
      assert.match(seen.oidc_claim_sub, /^usr_/);
      assert.equal("oidc_claim_admin" in seen, false);
      assert.equal((await person.open(`${proxy}/private/audit/`)).status, 200);
      assert.equal((await person.open(`${proxy}/private/admin/`)).status, 401);

      const renew = new URLSearchParams({ refresh: `${proxy}/private/renewed`, access_token: seen.oidc_access_token });
      const renewed = JSON.parse((await person.open(`${proxy}/private/callback?${renew}`)).text);
      assert.equal(renewed.path, "/private/renewed");
      assert.notEqual(renewed.oidc_access_token, seen.oidc_access_token);

      const leave = new URLSearchParams({ logout: `${proxy}/bye` });
      const left = JSON.parse((await person.open(`${proxy}/private/callback?${leave}`)).text);
      assert.equal(left.path.split("?")[0], "/bye");
      assert.deepEqual(person.pages, ["/login"], "nothing was asked since");
      await person.open(`${proxy}/private/orders`);
      assert.deepEqual(person.pages, ["/login", "/login"], "signed out here and there");
    });
  });

  test(`${issuer}: mod_auth_openidc is told of a session that ended here, and ends its own`, async () => {
    const { client_id, client_secret } = applications.proxy;
    const words = { ISSUER: issuer, CLIENT_ID: client_id, CLIENT_SECRET: client_secret, SELF: proxy };
    await withApache("apache-sign-in.conf", words, async () => {
      const [person, other] = [new Person(ada), new Person(ada)];
      for (const one of [person, other]) {
        await one.open(`${proxy}/private/orders`);
        await one.open(`${proxy}/private/orders`);
        assert.deepEqual(one.pages, ["/login"]);
      }
      assert.equal((await person.open(`${issuer}/oauth2/logout`)).status, 200);
      const pages = person.pages.length;
      for (const end = Date.now() + 10_000; person.pages.length === pages && Date.now() < end; ) {
        assert.equal((await person.open(`${proxy}/private/orders`)).status, 200);
      }
      assert.deepEqual(person.pages, ["/login", "/login/sign-out", "/login"]);
      await other.open(`${proxy}/private/orders`);
      assert.deepEqual(other.pages, ["/login"], "another session goes on");
    });
  });

  test(`${issuer}: mod_oauth2 lets tokens of an API through, by the keys and by asking`, async () => {
    const words = { ISSUER: issuer, AUDIENCE: api.audience, API_ID: api.client_id, API_SECRET: api.client_secret, SELF: proxy };
    await withApache("apache-api.conf", words, async () => {
      const options = { execute: [client.allowInsecureRequests] };
      const discover = ({ client_id, client_secret }) =>
        client.discovery(new URL(issuer), client_id, client_secret, undefined, options);
      const caller = await discover(applications.caller);
      const issue = async () => (await client.clientCredentialsGrant(caller, { resource: api.audience })).access_token;
      const get = async (path, token) => {
        const answer = await fetch(`${proxy}/${path}/orders`, { headers: token && { authorization: `Bearer ${token}` } });
        return answer.ok ? (await answer.json()).oauth2_claim_client_id : answer.status;
      };
      const [good, revoked] = [await issue(), await issue()];
      await client.tokenRevocation(caller, revoked);
      const other = await client.clientCredentialsGrant(await discover(applications.job));
      assert.deepEqual([await get("by-keys", good), await get("by-asking", good)], ["caller", "caller"]);
      assert.deepEqual([await get("by-keys", revoked), await get("by-asking", revoked)], ["caller", 401], "only who asks knows");
      for (const path of ["by-keys", "by-asking"]) {
        assert.equal(await get(path, undefined), 401);
        assert.equal(await get(path, other.access_token), 401, "a token for something else");
      }
    });
  });
}
