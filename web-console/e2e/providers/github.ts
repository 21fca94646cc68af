import { answering, asks, fits, listen, numberOf, token, type Answer, type Asked, type Elsewhere } from "./local";

interface Registered {
  secret: string;
  callback: string;
}
interface Agreed {
  login: string;
  query: URLSearchParams;
}

/** Where addresses are to which no mail is delivered. */
const NOREPLY = "users.noreply.github.com";

/** Whether this is the callback, or an address below it. */
const isBelow = (wanted: URL, callback: URL) => wanted.origin === callback.origin && wanted.pathname.startsWith(callback.pathname);

/**
 * A GitHub Enterprise Server, as far as signing in needs it: tokens come form-encoded unless JSON is asked for, what is
 * wrong comes with status 200, and a call without `User-Agent` is refused.
 */
export async function github(): Promise<Elsewhere> {
  const apps = new Map<string, Registered>();
  const codes = new Map<string, Agreed>();
  const tokens = new Map<string, Agreed>();

  const authorize = ({ method, query, form }: Asked): Answer => {
    const app = apps.get(query.get("client_id") ?? "");
    if (app === undefined) return { status: 404, html: "<title>Page not found</title>" };
    const back = new URL(query.get("redirect_uri") ?? app.callback);
    const state = query.get("state") ?? "";
    if (!isBelow(back, new URL(app.callback))) {
      const said = { error: "redirect_uri_mismatch", error_description: "The redirect_uri MUST match", state };
      return { to: `${app.callback}?${new URLSearchParams(said)}` };
    }
    if (method === "GET") {
      return asks("Sign in to GitHub Enterprise", { "Username or email address": "login", Password: "password" }, "Authorize");
    }
    const code = token("", 10);
    codes.set(code, { login: form.get("login") ?? "", query });
    back.searchParams.set("code", code);
    back.searchParams.set("state", state);
    return { to: back.href };
  };

  const redeem = ({ form }: Asked): Record<string, string> => {
    const app = apps.get(form.get("client_id") ?? "");
    if (app === undefined || app.secret !== form.get("client_secret")) {
      const error_description = "The client_id and/or client_secret passed are incorrect.";
      return { error: "incorrect_client_credentials", error_description };
    }
    const code = form.get("code") ?? "";
    const agreed = codes.get(code);
    codes.delete(code);
    const { query } = agreed ?? {};
    if (agreed === undefined || query?.get("client_id") !== form.get("client_id") || !fits(agreed.query, form.get("code_verifier"))) {
      return { error: "bad_verification_code", error_description: "The code passed is incorrect or expired." };
    }
    if (agreed.query.get("redirect_uri") !== form.get("redirect_uri")) {
      return { error: "redirect_uri_mismatch", error_description: "The redirect_uri MUST match" };
    }
    const access_token = token("gho_");
    tokens.set(access_token, agreed);
    return { access_token, token_type: "bearer", scope: (agreed.query.get("scope") ?? "").split(" ").join(",") };
  };

  const api = ({ path, headers, bearer }: Asked): Answer => {
    if (!headers["user-agent"]) return { status: 403, html: "Request forbidden by administrative rules." };
    const agreed = tokens.get(bearer);
    if (agreed === undefined) return { status: 401, json: { message: "Bad credentials", status: "401" } };
    const { login, query } = agreed;
    const id = numberOf(login);
    if (path === "/api/v3/user") return { json: { login, id, name: null, email: null, type: "User" } };
    const sees = query.get("scope")?.split(" ").includes("user:email");
    if (path !== "/api/v3/user/emails" || !sees) return { status: 404, json: { message: "Not Found", status: "404" } };
    const own = { email: `${login}@example.com`, primary: true, verified: true, visibility: "private" };
    return { json: [{ email: `${id}+${login}@${NOREPLY}`, primary: false, verified: true, visibility: null }, own] };
  };

  const answer = (asked: Asked): Answer => {
    if (asked.path === "/login/oauth/authorize") return authorize(asked);
    if (asked.path !== "/login/oauth/access_token") return api(asked);
    if (asked.method !== "POST") return { status: 404, html: "<title>Page not found</title>" };
    const said = redeem(asked);
    return asked.headers.accept?.includes("application/json") ? { json: said } : { form: said };
  };

  const server = await listen(() => answering(answer));
  return {
    ...server,
    register: async (callback) => {
      const [id, secret] = [token("Ov23li", 7), token("", 20)];
      apps.set(id, { secret, callback });
      return { Server: server.base, "Client ID": id, "Client secret": secret };
    },
    agree: async (page, login) => {
      await page.getByLabel("Username or email address").fill(login);
      await page.getByLabel("Password").fill("whatever");
      await page.getByRole("button", { name: "Authorize" }).click();
    },
  };
}
