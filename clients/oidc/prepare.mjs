// Makes what every client here needs, in the default tenant and in one below a path, and writes what each of them
// must know into the file that OIDC_TENANTS names.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { freePort } from "./ports.mjs";

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}: these programs drive a running server`);
  return value;
}

const BASE = setting("E2E_URL");
const OWNER = { username: setting("E2E_USER"), password: setting("E2E_PASSWORD") };
const API = "https://api.example";

/** The commands work beside the server, on its data. */
function command(args) {
  const env = { ...process.env, TENANTRY_DATA_DIR: setting("E2E_DATA"), TENANTRY_PUBLIC_URL: BASE };
  return execFileSync(setting("E2E_BINARY"), args, { env, encoding: "utf8" });
}

/** Applications by name: the preset, and what is not as that has it. */
const applications = ({ page, proxy }) => ({
  // Of somebody else, so that people are asked.
  web: ["web-server", { scopes: ["openid", "profile", "email", "roles", "offline_access"] }],
  es256: ["web-server", { idTokenAlg: "ES256", accessTokenAlg: "ES256", firstParty: true }],
  eddsa: ["web-server", { idTokenAlg: "EdDSA", subjectType: "pairwise", firstParty: true }],
  native: ["native", { firstParty: true }],
  // A site of its own: `localhost` is not `127.0.0.1`.
  page: ["single-page", { firstParty: true, redirectUris: [`${page}/`], postLogoutRedirectUris: [`${page}/`] }],
  proxy: [
    "gateway",
    {
      firstParty: true,
      redirectUris: [`${proxy}/private/callback`],
      postLogoutRedirectUris: [`${proxy}/bye`],
      backchannelLogoutUri: `${proxy}/private/callback?logout=backchannel`,
    },
  ],
  caller: ["machine", { audiences: [{ audience: API, scopes: ["orders:read"] }] }],
});

async function prepare(issuer, tenant, places) {
  const call = async (path, body, token) => {
    const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
    if (token) headers.authorization = `Bearer ${token}`;
    const answer = await fetch(`${issuer}/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const { accessToken } = await call("v1/login", OWNER);
  const make = (path, body) => call(`apis/console/v1alpha1/${path}`, body, accessToken);

  const person = { name: "ada", password: "a phrase that Ada made up", email: "ada@example.test" };
  await make("users", { ...person, displayName: "Ada Lovelace", mustChangePassword: false, roles: ["auditor"] });
  const scopes = [{ scope: "orders:read", description: { en: "Read orders" } }];
  const api = await make("resource-servers", {
    // What verifies tokens by keys in many proxies knows no EdDSA.
    spec: { audience: API, displayName: "Orders", accessTokenAlg: "ES256", scopes },
  });
  const asker = api.metadata.name;
  const { spec } = await make(`resource-servers/${asker}/secrets`, {});

  const known = {};
  for (const [name, [preset, more]] of Object.entries(applications(places))) {
    const addresses = {
      redirectUris: ["http://127.0.0.1/callback"],
      postLogoutRedirectUris: ["http://127.0.0.1/bye"],
    };
    const rest = preset === "machine" ? more : { ...addresses, ...more };
    const made = await make("applications", { preset, metadata: { name }, spec: rest });
    const secret = made.status.public ? undefined : (await make(`applications/${name}/secrets`, {})).spec.secret;
    known[name] = { client_id: name, client_secret: secret };
  }
  const said = command(["application", "create", "--tenant", tenant, "--preset", "machine", "--role", "auditor", "job"]);
  known.job = { client_id: "job", client_secret: /secret is (\S+)/.exec(said)[1] };
  return { issuer, person, applications: known, api: { audience: API, client_id: asker, client_secret: spec.secret }, ...places };
}

const tenants = [];
for (const [tenant, base] of [["default", BASE], ["acme", setting("E2E_TENANT_URL")]]) {
  const places = {
    page: `http://localhost:${await freePort()}`,
    proxy: `http://127.0.0.1:${await freePort()}`,
    first: `http://localhost:${await freePort()}`,
  };
  tenants.push(await prepare(base, tenant, places));
}
writeFileSync(setting("OIDC_TENANTS"), JSON.stringify(tenants));
