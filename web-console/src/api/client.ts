import createClient from "openapi-fetch";
import { apiPath, tenantPath, type API } from "../base";
import { currentLanguage } from "../i18n/language";
import { ProblemError, readProblem, secondsOf } from "./problem";
import type { Metadata } from "../try-it/trial";
import type { paths } from "./schema";

/** The document's paths, as seen from the group's own base. */
type Paths = { [P in keyof paths as P extends `${typeof API}${infer Rest}` ? Rest : never]: paths[P] };

/** The console group of this tenant; the session cookie is the browser's own business. */
export const api = createClient<Paths>({ baseUrl: apiPath(document.baseURI), credentials: "same-origin" });

api.use({
  onRequest({ request }) {
    // The server's own words (problems, mails) follow the language chosen here, not the browser's.
    request.headers.set("Accept-Language", currentLanguage());
    request.headers.set("Accept", "application/json, application/problem+json");
    return request;
  },
});

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
