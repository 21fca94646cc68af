/** Bytes as WebCrypto takes them. */
type Bytes = Uint8Array<ArrayBuffer>;

export type Claims = Record<string, unknown>;

/** A signed JSON Web Token, read but not checked. */
export interface Jwt {
  header: Claims;
  claims: Claims;
  /** What the signature is of. */
  signed: string;
  signature: Bytes;
}

/** A public key as the server publishes it (RFC 7517). */
export interface Jwk extends JsonWebKey {
  kid?: string;
}

/** What came of checking a signature. */
export type Verdict = "valid" | "wrong" | "no-key" | "unsupported";

const utf8 = new TextEncoder();

/** Bytes in base64url, without padding (RFC 4648 §5). */
export function toBase64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64url(text: string): Bytes {
  if (!/^[\w-]*$/.test(text)) throw new Error("not base64url");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function objectIn(part: string): Claims {
  const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(fromBase64url(part)));
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not an object");
  return value as Claims;
}

/** Reads a token; undefined if it is none that is signed (RFC 7515 §7.1). */
export function decode(token: string): Jwt | undefined {
  const [header, claims, signature, ...more] = token.split(".");
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0) return undefined;
  try {
    return {
      header: objectIn(header),
      claims: objectIn(claims),
      signed: `${header}.${claims}`,
      signature: fromBase64url(signature),
    };
  } catch {
    return undefined;
  }
}

interface Algorithm {
  key: RsaHashedImportParams | EcKeyImportParams | { name: "Ed25519" };
  verify: AlgorithmIdentifier | EcdsaParams;
  kty: string;
  /** What `at_hash` is made with. */
  hash: "SHA-256" | "SHA-512";
}

const ALGORITHMS: Partial<Record<string, Algorithm>> = {
  RS256: { key: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, verify: "RSASSA-PKCS1-v1_5", kty: "RSA", hash: "SHA-256" },
  ES256: { key: { name: "ECDSA", namedCurve: "P-256" }, verify: { name: "ECDSA", hash: "SHA-256" }, kty: "EC", hash: "SHA-256" },
  EdDSA: { key: { name: "Ed25519" }, verify: "Ed25519", kty: "OKP", hash: "SHA-512" },
};

const algorithmOf = ({ header }: Jwt): Algorithm | undefined =>
  typeof header.alg === "string" && Object.hasOwn(ALGORITHMS, header.alg) ? ALGORITHMS[header.alg] : undefined;

/** Whether one of these keys signed a token: the one that its header names. */
export async function verify(jwt: Jwt, keys: readonly Jwk[]): Promise<Verdict> {
  const algorithm = algorithmOf(jwt);
  if (algorithm === undefined) return "unsupported";
  const jwk = keys.find((key) => key.kid === jwt.header.kid && key.kty === algorithm.kty);
  if (jwk === undefined) return "no-key";
  try {
    const { kty, n, e, crv, x, y } = jwk;
    const key = await crypto.subtle.importKey("jwk", { kty, n, e, crv, x, y }, algorithm.key, false, ["verify"]);
    const valid = await crypto.subtle.verify(algorithm.verify, key, jwt.signature, utf8.encode(jwt.signed));
    return valid ? "valid" : "wrong";
  } catch (error) {
    // Older browsers know no Ed25519.
    if (error instanceof DOMException && error.name === "NotSupportedError") return "unsupported";
    throw error;
  }
}

/** The half of the hash of an access token that an ID token has (OpenID Connect Core §3.1.3.6). */
export async function atHash(jwt: Jwt, accessToken: string): Promise<string | undefined> {
  const algorithm = algorithmOf(jwt);
  if (algorithm === undefined) return undefined;
  const hash = new Uint8Array(await crypto.subtle.digest(algorithm.hash, utf8.encode(accessToken)));
  return toBase64url(hash.subarray(0, hash.length / 2));
}

/** `code_challenge` of a verifier (RFC 7636 §4.2). */
export async function challengeOf(verifier: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(verifier))));
}

/** A value that nobody guesses: 256 bits. */
export const random = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(32)));
