import { createHmac } from "node:crypto";
import { answering, asks, fits, listen, numberOf, token, type Answer, type Asked, type Elsewhere } from "./local";

const GRAPH = /^\/v\d+\.0(?=\/)/;

interface Registered {
  secret: string;
  redirectUri: string;
}
interface Agreed {
  login: string;
  query: URLSearchParams;
}

const refuse = (code: number, message: string, type = "OAuthException"): Answer => {
  return { status: 400, json: { error: { message, type, code, fbtrace_id: token("A", 6) } } };
};

/**
 * Facebook Login, as far as signing in needs it, with "Require app secret" on. There is no ID token, errors are objects,
 * and the address people come back to has `#_=_` at its end.
 */
export async function facebook(): Promise<Elsewhere> {
  const apps = new Map<string, Registered>();
  const codes = new Map<string, Agreed>();
  const tokens = new Map<string, Agreed & Registered>();

  const dialog = ({ method, query, form }: Asked): Answer => {
    const app = apps.get(query.get("client_id") ?? "");
    if (app === undefined) return { status: 400, html: "<title>Error</title>Invalid App ID" };
    if (query.get("redirect_uri") !== app.redirectUri) return { status: 400, html: "<title>Error</title>URL blocked" };
    if (method === "GET") return asks("Log in to Facebook", { "Email or phone number": "login" }, "Continue");
    const code = token("AQ", 40);
    codes.set(code, { login: form.get("login") ?? "", query });
    const back = new URLSearchParams({ code, state: query.get("state") ?? "" });
    return { to: `${app.redirectUri}?${back}#_=_` };
  };

  const redeem = ({ query, form }: Asked): Answer => {
    const find = (name: string) => form.get(name) ?? query.get(name) ?? "";
    const app = apps.get(find("client_id"));
    if (app === undefined) return refuse(101, "Error validating application. Cannot get application info due to a system error.");
    if (app.secret !== find("client_secret")) return refuse(1, "Error validating client secret.");
    const agreed = codes.get(find("code"));
    codes.delete(find("code"));
    if (agreed?.query.get("client_id") !== find("client_id") || !fits(agreed.query, find("code_verifier"))) {
      return refuse(100, "This authorization code has been used.");
    }
    if (app.redirectUri !== find("redirect_uri")) {
      return refuse(100, "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request");
    }
    const access_token = token("EAA", 40);
    tokens.set(access_token, { ...agreed, ...app });
    return { json: { access_token, token_type: "bearer", expires_in: 5_183_944 } };
  };

  const me = ({ query, bearer }: Asked): Answer => {
    const given = bearer || query.get("access_token") || "";
    const agreed = tokens.get(given);
    if (agreed === undefined) return refuse(190, "Invalid OAuth access token - Cannot parse access token");
    const proof = query.get("appsecret_proof");
    if (proof === null) return refuse(100, "API calls from the server require an appsecret_proof argument", "GraphMethodException");
    if (proof !== createHmac("sha256", agreed.secret).update(given).digest("hex")) {
      return refuse(100, "Invalid appsecret_proof provided in the API argument", "GraphMethodException");
    }
    const { login, query: asked } = agreed;
    const sees = asked.get("scope")?.split(/[ ,]/).includes("email");
    const all = { id: String(numberOf(login)), name: "Ada Lovelace", ...(sees && { email: `${login}@example.com` }) };
    const fields = (query.get("fields") ?? "id,name").split(",");
    return { json: Object.fromEntries(Object.entries(all).filter(([name]) => fields.includes(name))) };
  };

  const answer = (asked: Asked): Answer => {
    switch (asked.path.replace(GRAPH, "")) {
      case "/dialog/oauth":
        return dialog(asked);
      case "/oauth/access_token":
        return redeem(asked);
      case "/me":
        return me(asked);
      default:
        return refuse(2500, `Unknown path components: ${asked.path}`);
    }
  };

  const server = await listen(() => answering(answer));
  return {
    ...server,
    register: async (redirectUri) => {
      const [id, secret] = [String(numberOf(redirectUri)), token("", 16)];
      apps.set(id, { secret, redirectUri });
      return { "Client ID": id, "Client secret": secret };
    },
    agree: async (page, login) => {
      await page.getByLabel("Email or phone number").fill(login);
      await page.getByRole("button", { name: "Continue" }).click();
    },
  };
}
