import { atHash, verify, type Claims, type Jwk, type Jwt, type Verdict } from "./jwt";
import type { Trial } from "./trial";

/** Seconds by which clocks may differ. */
const LEEWAY = 60;

/** One thing that an application has to check, and what came of it. */
export interface Check {
  /** A claim or a parameter; `signature` and `format` besides. */
  name: string;
  ok: boolean;
  expected?: string;
  found?: string;
  /** Of a signature. */
  verdict?: Verdict;
}

const shown = (value: unknown): string | undefined =>
  value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);

/** Whether a value is the one that was expected. */
export function same(name: string, expected: unknown, found: unknown): Check {
  return { name, ok: found === expected && found !== undefined, expected: shown(expected), found: shown(found) };
}

/** What came back in the address (RFC 6749 §10.12, RFC 9207 §2.4). */
export function callbackChecks(trial: Trial, answer: URLSearchParams): Check[] {
  const value = (name: string) => answer.get(name) ?? undefined;
  return [same("state", trial.state, value("state")), same("iss", trial.issuer, value("iss"))];
}

async function signature(jwt: Jwt, keys: readonly Jwk[]): Promise<Check> {
  const verdict = await verify(jwt, keys);
  return { name: "signature", ok: verdict === "valid", verdict, found: `${shown(jwt.header.alg)}, ${shown(jwt.header.kid)}` };
}

const time = (claims: Claims, name: string): number =>
  typeof claims[name] === "number" ? claims[name] : Number.NaN;

function audience(clientId: string, claims: Claims): Check {
  const all = [claims.aud].flat();
  return { name: "aud", ok: all.includes(clientId), expected: clientId, found: shown(claims.aud) };
}

/** What an application checks of an ID token (OpenID Connect Core §3.1.3.7); a renewed one is compared with the first. */
export async function idTokenChecks(
  jwt: Jwt,
  { trial, keys, accessToken, now, before }: {
    trial: Trial;
    keys: readonly Jwk[];
    accessToken: string;
    /** In milliseconds. */
    now: number;
    /** The claims of the ID token that this one takes the place of (§12.2). */
    before?: Claims;
  },
): Promise<Check[]> {
  const { claims } = jwt;
  const clientId = trial.asked.client_id ?? "";
  const seconds = now / 1000;
  const several = Array.isArray(claims.aud) && claims.aud.length > 1;
  const checks = [
    await signature(jwt, keys),
    same("iss", trial.issuer, claims.iss),
    audience(clientId, claims),
    // Only needed where several are meant; if it is there, it is the application.
    ...(several || claims.azp !== undefined ? [same("azp", clientId, claims.azp)] : []),
    { name: "exp", ok: time(claims, "exp") > seconds - LEEWAY, found: shown(claims.exp) },
    { name: "iat", ok: time(claims, "iat") <= seconds + LEEWAY, found: shown(claims.iat) },
  ];
  if (before === undefined || claims.nonce !== undefined) checks.push(same("nonce", trial.nonce, claims.nonce));
  if (before !== undefined) checks.push(same("sub", before.sub, claims.sub));
  checks.push(same("at_hash", await atHash(jwt, accessToken), claims.at_hash));
  const most = Number(trial.asked.max_age || Number.NaN);
  if (!Number.isNaN(most) && before === undefined) {
    const age = (trial.at || now) / 1000 - time(claims, "auth_time");
    checks.push({ name: "auth_time", ok: age <= most + LEEWAY, found: shown(claims.auth_time) });
  }
  return checks;
}

/** What an API checks of an access token (RFC 9068 §4), but for its own audience. */
export async function accessTokenChecks(
  jwt: Jwt,
  { trial, keys, now }: { trial: Trial; keys: readonly Jwk[]; now: number },
): Promise<Check[]> {
  const { header, claims } = jwt;
  return [
    await signature(jwt, keys),
    same("typ", "at+jwt", header.typ),
    same("iss", trial.issuer, claims.iss),
    same("client_id", trial.asked.client_id, claims.client_id),
    { name: "exp", ok: time(claims, "exp") > now / 1000 - LEEWAY, found: shown(claims.exp) },
  ];
}
