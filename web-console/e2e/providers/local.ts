import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Page } from "playwright-core";

/** Somewhere else that people have accounts: a server of this machine that speaks as its maker does. */
export interface Elsewhere {
  /** Its issuer, or the base of its pages. */
  base: string;
  /** Registers a redirect URI there. Answers what a form of the console is to be given, by the labels of its fields. */
  register: (redirectUri: string) => Promise<Record<string, string>>;
  /** Signs in there by clicks and agrees to what is asked. */
  agree: (page: Page, login: string) => Promise<void>;
  close: () => Promise<void>;
}

export type Serve = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Serves on a free port. `localhost` is another site than the server under test, which is at `127.0.0.1`. */
export async function listen(make: (base: string) => Serve | Promise<Serve>): Promise<Pick<Elsewhere, "base" | "close">> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `http://localhost:${(server.address() as AddressInfo).port}`;
  server.on("request", await make(base));
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return { base, close };
}

/** An answer of a server: JSON, a form, a page, or where the browser goes on. */
export type Answer = { status?: number; json: unknown } | { form: Record<string, string> } | { status?: number; html: string } | { to: string };

/** The type of an answer, and its text. */
function written(said: Exclude<Answer, { to: string }>): [string, string] {
  if ("json" in said) return ["application/json", JSON.stringify(said.json)];
  if ("form" in said) return ["application/x-www-form-urlencoded", new URLSearchParams(said.form).toString()];
  return ["text/html", said.html];
}

/** What a request asks for, with the parameters of its address and of its form. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  form: URLSearchParams;
  headers: IncomingMessage["headers"];
  /** The access token that came with it. */
  bearer: string;
}

/** Serves what is answered to each request. */
export function answering(answer: (asked: Asked) => Answer): Serve {
  return async (request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const { headers, method = "GET" } = request;
    const form = new URLSearchParams(method === "POST" ? await text(request) : "");
    const bearer = headers.authorization?.replace(/^Bearer /, "") ?? "";
    const said = answer({ method, path: url.pathname, query: url.searchParams, form, headers, bearer });
    if ("to" in said) return response.writeHead(302, { location: said.to }).end();
    const [type, body] = written(said);
    const status = "status" in said ? said.status : undefined;
    return response.writeHead(status ?? 200, { "content-type": `${type}; charset=utf-8` }).end(body);
  };
}

/** A page with a form that comes back to the address it is at; its fields are called by their labels. */
export function asks(title: string, fields: Record<string, string>, button: string): Answer {
  const head = `<meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,">`;
  const inputs = Object.entries(fields).map(([label, name]) => `<label>${label} <input name="${name}"></label>`);
  const form = `<form method="post">${inputs.join("")}<button type="submit">${button}</button></form>`;
  return { html: `<!doctype html><html lang="en"><head>${head}</head><body><h1>${title}</h1>${form}</body></html>` };
}

export const token = (prefix: string, bytes = 18) => prefix + randomBytes(bytes).toString("hex");

/** Whether a verifier of PKCE belongs to what the request had (RFC 7636 §4.6). */
export function fits(query: URLSearchParams, verifier: string | null): boolean {
  const challenge = query.get("code_challenge");
  if (challenge === null) return true;
  return createHash("sha256").update(verifier ?? "").digest("base64url") === challenge;
}

/** A number that an account has, the same each time. */
export const numberOf = (login: string) => createHash("sha256").update(login).digest().readUIntBE(0, 5);
