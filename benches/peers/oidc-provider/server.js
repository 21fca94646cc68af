// oidc-provider with a storage in memory, for the load bench: three applications for themselves whose tokens are
// signed with one algorithm each, and one without a secret whose refresh tokens are replaced when they are used.
// `/seed` gives one of these, as if somebody had signed in. What is not said here is its default.
import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const { LISTEN } = process.env;
const ALGORITHMS = ["EdDSA", "ES256", "RS256"];
const ISSUER = `http://${LISTEN}`;

// Its own storage forgets whatever comes after the first thousand: this one is as quick, and keeps all.
const stored = new Map();
class Memory {
  constructor(kind) {
    this.kind = kind;
  }
  async upsert(id, payload) {
    stored.set(`${this.kind}:${id}`, payload);
  }
  async find(id) {
    return stored.get(`${this.kind}:${id}`);
  }
  async consume(id) {
    (await this.find(id)).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    stored.delete(`${this.kind}:${id}`);
  }
}

const keys = await Promise.all(
  ALGORITHMS.map(async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    return { ...(await exportJWK(privateKey)), alg, use: "sig", kid: alg };
  }),
);
const provider = new Provider(ISSUER, {
  adapter: Memory,
  jwks: { keys },
  clients: [
    ...[...ALGORITHMS, "opaque"].map((alg) => ({
      client_id: `machine-${alg}`,
      client_secret: "a-secret-for-the-bench",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    })),
    {
      client_id: "page",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: ["https://bench.example/callback"],
      id_token_signed_response_alg: "EdDSA",
    },
  ],
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  rotateRefreshToken: true,
  enabledJWA: { idTokenSigningAlgValues: ALGORITHMS },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        scope: "read",
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: new URL(resource).searchParams.get("alg") } },
      }),
    },
  },
});
let people = 0;
async function seed() {
  people += 1;
  const grant = new provider.Grant({ accountId: `person-${people}`, clientId: "page" });
  grant.addOIDCScope("openid offline_access");
  const token = new provider.RefreshToken({
    accountId: grant.accountId,
    authTime: Math.floor(Date.now() / 1000),
    client: await provider.Client.find("page"),
    grantId: await grant.save(),
    gty: "authorization_code",
    scope: "openid offline_access",
  });
  return { refresh_token: await token.save() };
}
const handle = provider.callback();
const [host, port] = LISTEN.split(":");
createServer((request, response) => {
  if (request.url === "/healthz") return response.end("ok");
  if (request.url !== "/seed") return handle(request, response);
  return seed().then((given) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(given));
  });
}).listen(Number(port), host);
