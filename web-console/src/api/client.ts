import createClient, { type Middleware } from "openapi-fetch";
import { apiPath, systemPath, tenantPath, type API, type SYSTEM } from "../base";
import { remembering } from "./calls";
import { currentLanguage } from "../i18n/language";
import { ProblemError, readProblem, secondsOf } from "./problem";
import type { Metadata } from "../try-it/trial";
import type { paths } from "./schema";
import type { paths as systemPaths } from "./system";

/** A document's paths, as seen from the group's own base. */
type Below<Base extends string, Paths> = { [P in keyof Paths as P extends `${Base}${infer Rest}` ? Rest : never]: Paths[P] };

const spoken: Middleware = {
  onRequest({ request }) {
    // The server's own words (problems, mails) follow the language chosen here, not the browser's.
    request.headers.set("Accept-Language", currentLanguage());
    request.headers.set("Accept", "application/json, application/problem+json");
    return request;
  },
};

/** The console group of this tenant; the session cookie is the browser's own business. */
export const api = createClient<Below<typeof API, paths>>({ baseUrl: apiPath(document.baseURI), credentials: "same-origin" });

/** The system group, which the default tenant has beside it. */
export const system = createClient<Below<typeof SYSTEM, systemPaths>>({ baseUrl: systemPath(document.baseURI), credentials: "same-origin" });

for (const group of [api, system]) group.use(spoken, remembering);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer that succeeded; anything else is thrown as a {@link ProblemError}. */
export async function body<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) {
    const problem = readProblem(response.status, error, response.headers.get("x-request-id"));
    throw new ProblemError({ ...problem, retryAfter: secondsOf(response.headers.get("retry-after")) });
  }
  return data as T;
}

/** What the tenant publishes about itself as an issuer of tokens (OpenID Connect Discovery). */
export async function published(signal: AbortSignal): Promise<Metadata> {
  const response = await fetch(`${tenantPath(document.baseURI)}/.well-known/openid-configuration`, { signal });
  const said: unknown = await response.json().catch(() => undefined);
  return body(Promise.resolve({ data: said as Metadata, error: said, response }));
}
