import { challengeOf, random } from "./jwt";

/** How an application proves who it is, as far as a page can. */
export const PROOFS = ["none", "client_secret_basic", "client_secret_post"] as const;
export type Proof = (typeof PROOFS)[number];

export const PROMPTS = ["login", "select_account", "consent", "create", "none"] as const;
export type Prompt = (typeof PROMPTS)[number];

/** What is tried, as the address of the page has it: nothing of it is secret. */
export interface Asked {
  client_id?: string;
  proof?: Proof;
  scope?: string;
  /** Audiences, with blanks between. */
  resource?: string;
  prompt?: Prompt;
  max_age?: string;
  login_hint?: string;
}

/** What a browser has to know again when somebody comes back. */
export interface Trial {
  asked: Asked;
  issuer: string;
  redirectUri: string;
  state: string;
  nonce: string;
  verifier: string;
  /** The whole request. */
  url: string;
  /** When it left, in milliseconds. */
  at: number;
  secret?: string;
}

/** What the tenant publishes about itself, as far as it is used here (OpenID Connect Discovery §3). */
export interface Metadata {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  userinfo_endpoint: string;
  jwks_uri: string;
  revocation_endpoint: string;
  introspection_endpoint: string;
  end_session_endpoint: string;
}

const KEY = "try-it";

/** Where people come back to, below the issuer. */
export const callbackOf = (issuer: string): string => `${issuer}/console/try-it/callback`;

/** Makes a request, with everything in it that protects it. */
export async function begin(asked: Asked, metadata: Metadata): Promise<Trial> {
  const redirectUri = callbackOf(metadata.issuer);
  const [state, nonce, verifier] = [random(), random(), random()];
  const pairs = new URLSearchParams({
    response_type: "code",
    client_id: asked.client_id ?? "",
    redirect_uri: redirectUri,
    scope: asked.scope ?? "",
    state,
    nonce,
    code_challenge: await challengeOf(verifier),
    code_challenge_method: "S256",
  });
  for (const audience of (asked.resource ?? "").split(" ")) if (audience !== "") pairs.append("resource", audience);
  for (const name of ["prompt", "max_age", "login_hint"] as const) {
    const value = asked[name];
    if (value !== undefined && value !== "") pairs.set(name, value);
  }
  const url = `${metadata.authorization_endpoint}?${pairs}`;
  return { asked, issuer: metadata.issuer, redirectUri, state, nonce, verifier, url, at: 0 };
}

/** Keeps what was begun in this tab until somebody comes back. */
export function keep(trial: Trial): void {
  sessionStorage.setItem(KEY, JSON.stringify(trial));
}

/** What was begun in this tab, which it forgets: an answer is for one request, and a secret stays nowhere. */
export function take(): Trial | undefined {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return kept === null ? undefined : (JSON.parse(kept) as Trial);
}
