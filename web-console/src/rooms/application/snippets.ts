import type { Application } from "../../api/types";
import { callbackOf } from "../../try-it/trial";

export interface Snippet {
  id: string;
  /** What it is for: names of libraries and programs, which are the same in every language. */
  name: string;
  code: string;
}

export const discoveryOf = (issuer: string): string => `${issuer}/.well-known/openid-configuration`;

/** A text as a shell reads it word for word. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** What one library needs to know of an application. */
interface Values {
  issuer: string;
  clientId: string;
  redirectUri: string;
  scope: string;
  authMethods: Application["spec"]["authMethods"];
}

function openidClient({ issuer, clientId, redirectUri, scope, authMethods }: Values): string {
  const proof = authMethods.includes("none")
    ? "client.None()"
    : `client.${authMethods.includes("client_secret_post") ? "ClientSecretPost" : "ClientSecretBasic"}(process.env.CLIENT_SECRET)`;
  // The library talks to nothing but https, unless it is told to.
  const options = issuer.startsWith("http:") ? ", { execute: [client.allowInsecureRequests] }" : "";
  return `import * as client from "openid-client";

const issuer = new URL(${JSON.stringify(issuer)});
const proof = ${proof};
const config = await client.discovery(issuer, ${JSON.stringify(clientId)}, undefined, proof${options});

// Before: send the browser to this address, and keep verifier and state in its session.
const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: ${JSON.stringify(redirectUri)},
  scope: ${JSON.stringify(scope)},
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
});

// After: \`callback\` is the URL that the browser came back to.
const tokens = await client.authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier, expectedState: state });
console.log(tokens.claims());
`;
}

function authlib({ issuer, clientId, redirectUri, scope, authMethods }: Values): string {
  const method = authMethods.includes("none") ? "none" : (authMethods[0] ?? "client_secret_basic");
  const kwargs = { scope, code_challenge_method: "S256", token_endpoint_auth_method: method };
  const secret = method === "none" ? "" : '    client_secret=os.environ["CLIENT_SECRET"],\n';
  return `import os
from authlib.integrations.flask_client import OAuth

oauth = OAuth(app)
oauth.register(
    "tenantry",
    server_metadata_url=${JSON.stringify(discoveryOf(issuer))},
    client_id=${JSON.stringify(clientId)},
${secret}    client_kwargs=${JSON.stringify(kwargs)},
)


@app.get("/login")
def login():
    return oauth.tenantry.authorize_redirect(${JSON.stringify(redirectUri)})


@app.get("/callback")
def callback():
    token = oauth.tenantry.authorize_access_token()
    return token["userinfo"]
`;
}

/** A text as YAML and Apache read it word for word: both know the quotes of JSON. */
const text = (value: string): string => JSON.stringify(value);

function apache({ issuer, clientId, redirectUri, scope, authMethods }: Values): string {
  const method = authMethods.includes("client_secret_basic") ? "client_secret_basic" : "client_secret_post";
  return `OIDCProviderMetadataURL ${text(discoveryOf(issuer))}
OIDCClientID ${text(clientId)}
OIDCClientSecret "\${CLIENT_SECRET}"
OIDCProviderTokenEndpointAuth ${method}
OIDCCryptoPassphrase "\${PASSPHRASE}"
OIDCRedirectURI ${text(redirectUri)}
OIDCScope ${text(scope)}
OIDCPKCEMethod S256
OIDCCookieSameSite On
OIDCRemoteUserClaim preferred_username
OIDCPassClaimsAs headers

<Location />
    AuthType openid-connect
    Require valid-user
</Location>
`;
}

function higress({ issuer, clientId, redirectUri, scope }: Values): string {
  return `oidc_issuer_url: ${text(issuer)}
redirect_url: ${text(redirectUri)}
client_id: ${text(clientId)}
client_secret: the secret that was shown once
scope: ${text(scope)}
# python3 -c 'import os, base64; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'
cookie_secret: 32 random bytes in base64
cookie_samesite: lax
cookie_refresh: 5m
# The service source of Higress that leads to this server.
service_name: tenantry.dns
service_port: 443
pass_authorization_header: true
`;
}

function curl({ issuer, clientId, authMethods }: Values, { scopes, audiences }: Application["spec"]): string {
  const [first] = audiences;
  const scope = (first?.scopes ?? scopes.filter((name) => name.includes(":"))).join(" ");
  const proof = authMethods.includes("client_secret_basic")
    ? [`  --user ${quoted(clientId)}:"$CLIENT_SECRET"`]
    : [`  --data-urlencode client_id=${quoted(clientId)}`, '  --data-urlencode client_secret="$CLIENT_SECRET"'];
  return [
    `curl ${quoted(`${issuer}/oauth2/token`)}`,
    ...proof,
    "  --data-urlencode grant_type=client_credentials",
    ...(first === undefined ? [] : [`  --data-urlencode resource=${quoted(first.audience)}`]),
    ...(scope === "" ? [] : [`  --data-urlencode scope=${quoted(scope)}`]),
  ].join(" \\\n");
}

/** What connects an application, with the values of the tenant filled in. */
export function snippetsFor({ metadata, spec, status }: Application, issuer: string): Snippet[] {
  const values = {
    issuer,
    clientId: metadata.name,
    // The page that tries an application is no address of its own.
    redirectUri: spec.redirectUris.find((uri) => uri !== callbackOf(issuer)) ?? "https://application.example.com/callback",
    scope: spec.scopes.join(" "),
    authMethods: spec.authMethods,
  };
  const snippets: Snippet[] = [];
  if (status.preset === "gateway") {
    snippets.push({ id: "apache", name: "Apache (mod_auth_openidc)", code: apache(values) });
    snippets.push({ id: "higress", name: "Higress (oidc)", code: higress(values) });
  }
  if (spec.grants.includes("authorization_code")) {
    snippets.push({ id: "openid-client", name: "openid-client (Node.js)", code: openidClient(values) });
    snippets.push({ id: "authlib", name: "Authlib (Python)", code: authlib(values) });
  }
  if (spec.grants.includes("client_credentials")) snippets.push({ id: "curl", name: "curl", code: curl(values, spec) });
  return snippets;
}
