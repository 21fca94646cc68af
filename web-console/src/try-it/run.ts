import { accessTokenChecks, callbackChecks, idTokenChecks, same, type Check } from "./checks";
import { decode, type Claims, type Jwk, type Jwt } from "./jwt";
import type { Metadata, Trial } from "./trial";

export type RequestName = "discovery" | "jwks" | "token" | "userinfo" | "refresh" | "revoke" | "introspect";

/** A request of the application, and its answer. */
export interface Exchange {
  kind: "exchange";
  name: RequestName;
  /** When it left and how long it took, in milliseconds. */
  at: number;
  took: number;
  method: string;
  url: string;
  /** As they are shown: without the secret. */
  headers: [string, string][];
  form: [string, string][];
  /** Absent if no answer came. */
  answer?: { status: number; headers: [string, string][]; body: unknown };
  checks: Check[];
}

/** What the browser came back with. */
export interface Callback {
  kind: "callback";
  at: number;
  pairs: [string, string][];
  checks: Check[];
}

export type Step = Callback | Exchange;

/** A token of the application, with what its checks say. */
export interface Token {
  jwt: Jwt;
  checks: Check[];
}

/** The tokens that an application has. */
export interface Tokens {
  access: string;
  refresh?: string;
  id?: string;
  accessToken?: Token;
  idToken?: Token;
}

export interface Outcome {
  trial?: Trial;
  steps: Step[];
  metadata?: Metadata;
  tokens?: Tokens;
  /** Why it ended before there were tokens. */
  end?: "no-trial" | "refused" | "mismatch" | "no-code" | "failed";
}

const SHOWN = ["content-type", "cache-control", "www-authenticate", "retry-after", "x-request-id"];
const HIDDEN = "••••••••";

/** A header or parameter as it is shown. */
function hidden(key: string, value: string): [string, string] {
  if (key === "client_secret") return [key, HIDDEN];
  return [key, value.startsWith("Basic ") ? `Basic ${HIDDEN}` : value];
}

/** Sends a request as an application does: without the cookies of this browser. */
async function send(
  name: RequestName,
  url: string,
  { method = "GET", headers = {}, form }: { method?: string; headers?: Record<string, string>; form?: URLSearchParams } = {},
): Promise<Exchange> {
  const at = Date.now();
  const began = performance.now();
  const exchange: Exchange = {
    kind: "exchange",
    name,
    at,
    took: 0,
    method,
    url,
    headers: Object.entries(headers).map(([key, value]) => hidden(key, value)),
    form: [...(form ?? [])].map(([key, value]) => hidden(key, value)),
    checks: [],
  };
  try {
    // A body of this type is sent as a form (RFC 6749 §4.1.3).
    const response = await fetch(url, { method, headers, body: form, credentials: "omit", cache: "no-store", redirect: "error" });
    const text = await response.text();
    const had = SHOWN.flatMap((key): [string, string][] => {
      const value = response.headers.get(key);
      return value === null ? [] : [[key, value]];
    });
    exchange.answer = { status: response.status, headers: had, body: parsed(text) };
  } catch {
    // No answer came: the step says so.
  }
  exchange.took = performance.now() - began;
  return exchange;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const isGood = ({ answer }: Exchange): boolean => answer !== undefined && answer.status < 300;
const bodyOf = <T>({ answer }: Exchange): T => (answer?.body ?? {}) as T;

/** A text as forms have it, which each half of Basic is in as well. */
const encoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);

/** What an application sends besides to prove who it is (RFC 6749 §2.3.1). */
function proof({ asked, secret = "" }: Trial): { headers: Record<string, string>; form: Record<string, string> } {
  const id = asked.client_id ?? "";
  if (asked.proof !== "client_secret_basic") {
    return { headers: {}, form: { client_id: id, ...(asked.proof === "client_secret_post" && { client_secret: secret }) } };
  }
  return { headers: { Authorization: `Basic ${btoa(`${encoded(id)}:${encoded(secret)}`)}` }, form: {} };
}

function post(name: RequestName, url: string, trial: Trial, values: Record<string, string>): Promise<Exchange> {
  const { headers, form } = proof(trial);
  return send(name, url, { method: "POST", headers, form: new URLSearchParams({ ...values, ...form }) });
}

async function keysOf({ jwks_uri }: Metadata): Promise<{ step: Exchange; keys: Jwk[] }> {
  const step = await send("jwks", jwks_uri);
  return { step, keys: bodyOf<{ keys?: Jwk[] }>(step).keys ?? [] };
}

interface Answer {
  access_token?: string;
  refresh_token?: string;
  id_token?: string;
}

/** Reads and checks the tokens of an answer. */
async function read(trial: Trial, answer: Answer, keys: Jwk[], before?: Tokens): Promise<Tokens | undefined> {
  const { access_token: access, refresh_token, id_token: id } = answer;
  if (access === undefined) return undefined;
  const now = Date.now();
  const accessJwt = decode(access);
  const idJwt = id === undefined ? undefined : decode(id);
  const first = before?.idToken?.jwt.claims;
  return {
    access,
    refresh: refresh_token ?? before?.refresh,
    id: id ?? before?.id,
    accessToken: accessJwt && { jwt: accessJwt, checks: await accessTokenChecks(accessJwt, { trial, keys, now }) },
    idToken:
      idJwt === undefined
        ? before?.idToken
        : { jwt: idJwt, checks: await idTokenChecks(idJwt, { trial, keys, accessToken: access, now, before: first }) },
  };
}

/** Asks who signed in, and compares them with the ID token (OpenID Connect Core §5.3.2). */
export async function askUserinfo({ userinfo_endpoint }: Metadata, tokens: Tokens): Promise<Exchange> {
  const step = await send("userinfo", userinfo_endpoint, { headers: { Authorization: `Bearer ${tokens.access}` } });
  const sub = tokens.idToken?.jwt.claims.sub;
  if (isGood(step) && sub !== undefined) step.checks.push(same("sub", sub, bodyOf<Claims>(step).sub));
  return step;
}

/** Ends what was begun: checks what came back, exchanges the code, and checks what comes for it. */
export async function complete(trial: Trial | undefined, answer: URLSearchParams): Promise<Outcome> {
  const back: Callback = { kind: "callback", at: Date.now(), pairs: [...answer], checks: [] };
  if (trial === undefined) return { steps: [back], end: "no-trial" };
  back.checks = callbackChecks(trial, answer);
  const steps: Step[] = [back];
  // Whoever made this answer is not known to be the server that was asked: nothing of it is used (RFC 9700 §4.4, §4.7).
  if (!back.checks.every(({ ok }) => ok)) return { trial, steps, end: "mismatch" };
  if (answer.has("error")) return { trial, steps, end: "refused" };
  const code = answer.get("code");
  if (code === null) return { trial, steps, end: "no-code" };

  const discovery = await send("discovery", `${trial.issuer}/.well-known/openid-configuration`);
  steps.push(discovery);
  const metadata = bodyOf<Metadata>(discovery);
  discovery.checks.push(same("issuer", trial.issuer, metadata.issuer));
  if (!isGood(discovery) || metadata.issuer !== trial.issuer) return { trial, steps, end: "failed" };

  const token = await post("token", metadata.token_endpoint, trial, {
    grant_type: "authorization_code",
    code,
    redirect_uri: trial.redirectUri,
    code_verifier: trial.verifier,
  });
  steps.push(token);
  if (!isGood(token)) return { trial, metadata, steps, end: "failed" };
  const { step, keys } = await keysOf(metadata);
  steps.push(step);
  const tokens = await read(trial, bodyOf<Answer>(token), keys);
  if (tokens === undefined) return { trial, metadata, steps, end: "failed" };
  // A token for APIs that were named opens nothing here.
  const audiences = [tokens.accessToken?.jwt.claims.aud ?? metadata.userinfo_endpoint].flat();
  if (tokens.id !== undefined && audiences.includes(metadata.userinfo_endpoint)) steps.push(await askUserinfo(metadata, tokens));
  return { trial, metadata, steps, tokens };
}

/** Gets new tokens for the refresh token; the old ones stay if that is refused. */
export async function renew(trial: Trial, metadata: Metadata, tokens: Tokens): Promise<{ steps: Step[]; tokens: Tokens }> {
  const step = await post("refresh", metadata.token_endpoint, trial, {
    grant_type: "refresh_token",
    refresh_token: tokens.refresh ?? "",
  });
  if (!isGood(step)) return { steps: [step], tokens };
  const { step: jwks, keys } = await keysOf(metadata);
  return { steps: [step, jwks], tokens: (await read(trial, bodyOf<Answer>(step), keys, tokens)) ?? tokens };
}

/** Gives back what keeps it signed in, or the access token if nothing does. */
export function revoke(trial: Trial, metadata: Metadata, tokens: Tokens): Promise<Exchange> {
  return post("revoke", metadata.revocation_endpoint, trial, { token: tokens.refresh ?? tokens.access });
}

/** Asks what the access token is worth. */
export function introspect(trial: Trial, metadata: Metadata, tokens: Tokens): Promise<Exchange> {
  return post("introspect", metadata.introspection_endpoint, trial, { token: tokens.access });
}

/** Where somebody signs out (OpenID Connect RP-Initiated Logout §2). */
export function signOutUrl(metadata: Metadata, tokens: Tokens): string {
  return `${metadata.end_session_endpoint}?${new URLSearchParams({ id_token_hint: tokens.id ?? "" })}`;
}
