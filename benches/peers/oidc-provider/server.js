// oidc-provider with its own storage in memory, for the load bench: three applications for themselves whose tokens
// are signed with one algorithm each. What is not said here is its default.
import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const { LISTEN } = process.env;
const ALGORITHMS = ["EdDSA", "ES256", "RS256"];
const ISSUER = `http://${LISTEN}`;

const keys = await Promise.all(
  ALGORITHMS.map(async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    return { ...(await exportJWK(privateKey)), alg, use: "sig", kid: alg };
  }),
);
const provider = new Provider(ISSUER, {
  jwks: { keys },
  clients: [...ALGORITHMS, "opaque"].map((alg) => ({
    client_id: `machine-${alg}`,
    client_secret: "a-secret-for-the-bench",
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
  })),
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
const handle = provider.callback();
const [host, port] = LISTEN.split(":");
createServer((request, response) => {
  if (request.url !== "/healthz") return handle(request, response);
  return response.end("ok");
}).listen(Number(port), host);
