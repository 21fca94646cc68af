import { createHash, generateKeyPairSync, randomUUID, verify, type KeyObject } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { Provider, type Configuration, type JWK } from "oidc-provider";
import type { Page } from "playwright-core";
import { listen, token, type Elsewhere, type Serve } from "./local";

/** What a provider says of somebody with this login. */
type Claims = (login: string) => Record<string, unknown>;

/** The domain whose addresses these providers give out. */
export const DOMAIN = "corp.example";
/** The directory that Microsoft has for everybody here. */
const DIRECTORY = "72f988bf-86f1-41af-91ab-2d7cd011db47";

function configuration(claims: Claims, inIdToken: boolean): Configuration {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig" } as JWK] },
    cookies: { keys: [token("")] },
    claims: {
      openid: ["sub", "tid", "oid", "hd", "xms_edov"],
      email: ["email", "email_verified"],
      profile: ["name", "preferred_username"],
    },
    // As the specification has it, what scopes ask for is told by userinfo alone.
    conformIdTokenClaims: !inIdToken,
    features: { registration: { enabled: true } },
    findAccount: (_, login) => ({ accountId: login, claims: () => ({ sub: login, ...claims(login) }) }),
  };
}

/** Registers a client dynamically (RFC 7591), as somebody does who looks after the provider. */
async function register(base: string, redirectUri: string, method: string): Promise<Record<"client_id" | "client_secret", string>> {
  const answer = await fetch(`${base}/reg`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ redirect_uris: [redirectUri], token_endpoint_auth_method: method }),
  });
  if (answer.status !== 201) throw new Error(`nothing was registered: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<"client_id" | "client_secret", string>;
}

/** The same, as what a form of the console is to be given. */
function registering(base: string, method: "client_secret_basic" | "client_secret_post"): Elsewhere["register"] {
  return async (redirectUri) => {
    const made = await register(base, redirectUri, method);
    return { "Client ID": made.client_id, "Client secret": made.client_secret };
  };
}

/** The pages of oidc-provider: one asks who somebody is, the next what an application may know. */
async function agree(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder("Enter any login").fill(login);
  await page.getByPlaceholder("and password").fill("whatever");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("heading", { name: "Authorize" }).waitFor();
  await page.getByRole("button", { name: "Continue" }).click();
}

/** A GUID that an account has, the same each time. */
function guid(login: string): string {
  const hash = createHash("sha256").update(login).digest("hex");
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join("-");
}

const profile: Claims = (login) => ({ name: "Ada Lovelace", preferred_username: login, email: `${login}@${DOMAIN}` });
const PLAIN: Claims = (login) => ({ ...profile(login), email_verified: true });
const GOOGLE: Claims = (login) => ({ ...PLAIN(login), hd: DOMAIN });
const MICROSOFT: Claims = (login) => ({ ...profile(login), tid: DIRECTORY, oid: guid(login), xms_edov: true });
const APPLE: Claims = (login) => ({ email: `${login}@${DOMAIN}`, email_verified: "true" });

/** OpenID Connect and nothing else: the secret goes by HTTP Basic, and userinfo has the address. */
export async function plain(): Promise<Elsewhere> {
  const server = await listen((base) => new Provider(base, configuration(PLAIN, false)).callback());
  return { ...server, agree, register: registering(server.base, "client_secret_basic") };
}

/** As Google: the ID token has everything, and `hd` says that the domain gave out the address. */
export async function google(): Promise<Elsewhere> {
  const server = await listen((base) => new Provider(base, configuration(GOOGLE, true)).callback());
  return { ...server, agree, register: registering(server.base, "client_secret_post") };
}

/** As Microsoft: metadata for all directories name the issuer `{tenantid}`, and tokens that of the person's. */
export async function microsoft(): Promise<Elsewhere> {
  const path = `/${DIRECTORY}/v2.0`;
  const server = await listen((base): Serve => {
    const provider = new Provider(base + path, configuration(MICROSOFT, true)).callback();
    return async (request, response) => {
      if (request.url === "/common/v2.0/.well-known/openid-configuration") {
        const said = await fetch(`${base}${path}/.well-known/openid-configuration`);
        const issuer = `${base}/{tenantid}/v2.0`;
        response.setHeader("content-type", "application/json");
        return response.end(JSON.stringify({ ...((await said.json()) as object), issuer }));
      }
      // As a router does below which another one is mounted.
      return provider(Object.assign(request, { originalUrl: request.url, url: request.url?.slice(path.length) }), response);
    };
  });
  return { ...server, agree, register: registering(server.base + path, "client_secret_post") };
}

interface Team {
  id: string;
  keyId: string;
  key: KeyObject;
  /** What oidc-provider knows the application by. */
  secret: string;
}

/** What is in a part of a token. */
const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString() || "{}") as Record<string, unknown>;

/** Whether a client secret is a token that the team signed for this application a moment ago. */
function isBy(team: Team, secret: string, clientId: string, issuer: string): boolean {
  const [header = "", payload = "", signature = ""] = secret.split(".");
  const { iss, sub, aud, exp } = read(payload);
  const now = Date.now() / 1000;
  const isFresh = typeof exp === "number" && exp > now && exp < now + 15_777_000;
  const isOurs = iss === team.id && sub === clientId && aud === issuer && read(header).kid === team.keyId;
  const key = { key: team.key, dsaEncoding: "ieee-p1363" } as const;
  return isFresh && isOurs && verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"));
}

/**
 * As Apple: it comes back by a form that another site posts, which has the name of a person the first time and never
 * again; the client secret is a token that the team's key signed.
 */
export async function apple(): Promise<Elsewhere> {
  const teams = new Map<string, Team>();
  const seen = new Set<string>();

  /** Puts what oidc-provider knows in the place of what the team signed. */
  const check = async (request: IncomingMessage, issuer: string) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    const { client_id = "", client_secret = "" } = form;
    const team = teams.get(client_id);
    const secret = team !== undefined && isBy(team, client_secret, client_id, issuer) ? team.secret : "";
    Object.assign(request, { body: { ...form, client_secret: secret } });
  };

  const server = await listen((base): Serve => {
    const provider = new Provider(base, configuration(APPLE, true));
    provider.use(async (ctx, next) => {
      await next();
      const login = ctx.oidc?.session?.accountId;
      if (login === undefined || typeof ctx.body !== "string" || !ctx.body.includes('name="code"') || seen.has(login)) return;
      seen.add(login);
      const user = JSON.stringify({ name: { firstName: "Ada", lastName: "Lovelace" }, email: `${login}@${DOMAIN}` });
      ctx.body = ctx.body.replace("</form>", `<input type="hidden" name="user" value="${user.replaceAll('"', "&quot;")}"></form>`);
    });
    const serve = provider.callback();
    return async (request, response) => {
      if (request.url === "/token") await check(request, base);
      return serve(request, response);
    };
  });
  return {
    ...server,
    agree,
    register: async (redirectUri) => {
      const made = await register(server.base, redirectUri, "client_secret_post");
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const [id, keyId] = [token("T", 5).slice(0, 10).toUpperCase(), token("K", 5).slice(0, 10).toUpperCase()];
      teams.set(made.client_id, { id, keyId, key: publicKey, secret: made.client_secret });
      const file = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
      return { "Team ID": id, "Key ID": keyId, "Client ID": made.client_id, "Key (.p8)": file };
    },
  };
}
