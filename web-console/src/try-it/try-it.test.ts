import { webcrypto } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { callbackChecks, idTokenChecks, accessTokenChecks, type Check } from "./checks";
import { atHash, challengeOf, decode, toBase64url, verify, type Claims, type Jwk, type Jwt } from "./jwt";
import { begin, type Metadata, type Trial } from "./trial";

const ISSUER = "https://id.example.com/t/acme";
const METADATA = { issuer: ISSUER, authorization_endpoint: `${ISSUER}/oauth2/authorize` } as Metadata;
const NOW = Date.parse("2026-11-28T09:30:00Z");

const ALGORITHMS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
};
type Alg = keyof typeof ALGORITHMS;
const ALGS = Object.keys(ALGORITHMS) as Alg[];

const pairs = new Map<Alg, webcrypto.CryptoKeyPair>();
let keys: Jwk[];

const encode = (value: unknown): string => toBase64url(new TextEncoder().encode(JSON.stringify(value)));

async function sign(alg: Alg, header: Claims, claims: Claims): Promise<Jwt> {
  const signed = `${encode({ alg, kid: alg, ...header })}.${encode(claims)}`;
  const key = pairs.get(alg)!.privateKey;
  const signature = await webcrypto.subtle.sign(ALGORITHMS[alg], key, new TextEncoder().encode(signed));
  return decode(`${signed}.${toBase64url(new Uint8Array(signature))}`)!;
}

beforeAll(async () => {
  keys = await Promise.all(
    ALGS.map(async (alg) => {
      const pair = (await webcrypto.subtle.generateKey(ALGORITHMS[alg], true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
      pairs.set(alg, pair);
      return { ...(await webcrypto.subtle.exportKey("jwk", pair.publicKey)), alg: undefined, kid: alg } as Jwk;
    }),
  );
});

const failed = (checks: Check[]): string[] => checks.filter(({ ok }) => !ok).map(({ name }) => name);

describe("a signature", () => {
  test.each(ALGS)("of %s is right with the key that the header names, and with no other", async (alg) => {
    const jwt = await sign(alg, {}, { sub: "ada" });
    expect(await verify(jwt, keys)).toBe("valid");
    expect(await verify({ ...jwt, signed: `${jwt.signed}x` }, keys)).toBe("wrong");
    const others = keys.filter(({ kid }) => kid !== alg);
    expect(await verify(jwt, others)).toBe("no-key");
    // A key of another kind that claims the name is not tried.
    expect(await verify(jwt, others.map((key) => Object.assign({}, key, { kid: alg })))).toBe("no-key");
  });

  test("of an algorithm that needs no key, or a shared one, is none", async () => {
    for (const alg of ["none", "HS256", "constructor"]) {
      const jwt = decode(`${encode({ alg, kid: "RS256" })}.${encode({ sub: "ada" })}.`);
      expect(await verify(jwt!, keys)).toBe("unsupported");
    }
  });
});

test("what is no signed token is not read as one", () => {
  for (const text of ["", "a.b", "a.b.c", `${encode({})}.${encode([])}.x`, `${encode({})}.${encode({})}.x.y`, "a+b.c.d"]) {
    expect(decode(text), text).toBeUndefined();
  }
});

test("a challenge is the one of RFC 7636 appendix B", async () => {
  expect(await challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
});

test("a request has what was chosen, and new secrets each time", async () => {
  const asked = { client_id: "shop", scope: "openid api", resource: "https://a.example https://b.example", max_age: "60" };
  const [one, two] = [await begin(asked, METADATA), await begin(asked, METADATA)];
  const query = new URL(one.url).searchParams;
  expect(Object.fromEntries(query)).toMatchObject({
    response_type: "code",
    client_id: "shop",
    redirect_uri: `${ISSUER}/console/try-it/callback`,
    scope: "openid api",
    state: one.state,
    nonce: one.nonce,
    code_challenge: await challengeOf(one.verifier),
    code_challenge_method: "S256",
    max_age: "60",
  });
  expect(query.getAll("resource")).toEqual(["https://a.example", "https://b.example"]);
  expect(query.has("prompt")).toBe(false);
  expect(one.url).not.toContain(one.verifier);
  expect(new Set([one.state, one.nonce, one.verifier, two.state, two.nonce, two.verifier]).size).toBe(6);
});

describe("checks", () => {
  const trial = { asked: { client_id: "shop", max_age: "60" }, issuer: ISSUER, state: "s-1", nonce: "n-1", at: NOW } as Trial;
  const seconds = NOW / 1000;

  test("of an answer compare state and issuer", () => {
    const iss = `iss=${encodeURIComponent(ISSUER)}`;
    for (const [query, wrong] of [
      [`state=s-1&${iss}`, []],
      [`state=s-2&${iss}`, ["state"]],
      ["state=s-1&iss=https://id.example.com", ["iss"]],
      ["code=x", ["state", "iss"]],
    ] as const) {
      expect(failed(callbackChecks(trial, new URLSearchParams(query))), query).toEqual(wrong);
    }
  });

  test("of an ID token fail alone for what is wrong", async () => {
    const good: Claims = { iss: ISSUER, sub: "u", aud: "shop", exp: seconds + 300, iat: seconds, nonce: "n-1", auth_time: seconds };
    const of = async (more: Claims, accessToken = "token") => {
      const plain = await sign("ES256", {}, good);
      const jwt = await sign("ES256", {}, { ...good, at_hash: await atHash(plain, "token"), ...more });
      return failed(await idTokenChecks(jwt, { trial, keys, accessToken, now: NOW }));
    };
    expect(await of({})).toEqual([]);
    expect(await of({ aud: ["shop"], azp: "shop" })).toEqual([]);
    expect(await of({}, "another token")).toEqual(["at_hash"]);
    for (const [wrong, name] of [
      [{ iss: "https://id.example.com" }, "iss"],
      [{ aud: "other" }, "aud"],
      [{ aud: ["shop", "other"] }, "azp"],
      [{ azp: "other" }, "azp"],
      [{ exp: seconds - 61 }, "exp"],
      [{ exp: "2099" }, "exp"],
      [{ iat: seconds + 61 }, "iat"],
      [{ nonce: "n-2" }, "nonce"],
      [{ nonce: undefined }, "nonce"],
      [{ auth_time: seconds - 121 }, "auth_time"],
      [{ auth_time: undefined }, "auth_time"],
    ] as const) {
      expect(await of(wrong), JSON.stringify(wrong)).toEqual([name]);
    }
  });

  test("of a renewed ID token compare who it is of, and need no nonce", async () => {
    const claims: Claims = { iss: ISSUER, sub: "u", aud: "shop", exp: seconds + 300, iat: seconds };
    const plain = await sign("EdDSA", {}, claims);
    const jwt = await sign("EdDSA", {}, { ...claims, at_hash: await atHash(plain, "token") });
    const of = async (before: Claims) => failed(await idTokenChecks(jwt, { trial, keys, accessToken: "token", now: NOW, before }));
    expect(await of({ sub: "u" })).toEqual([]);
    expect(await of({ sub: "v" })).toEqual(["sub"]);
  });

  test("of an access token do not take an ID token for one", async () => {
    const claims = { iss: ISSUER, client_id: "shop", exp: seconds + 300 };
    const of = async (header: Claims) =>
      failed(await accessTokenChecks(await sign("EdDSA", header, claims), { trial, keys, now: NOW }));
    expect(await of({ typ: "at+jwt" })).toEqual([]);
    expect(await of({ typ: "JWT" })).toEqual(["typ"]);
  });
});
