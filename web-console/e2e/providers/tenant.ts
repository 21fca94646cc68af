import { ownerToken, TENANT } from "../support";
import { DOMAIN } from "./oidc";
import type { Elsewhere } from "./local";

const PASSWORD = "four tired foxes count stars";

/** A tenant of ours as the provider of another one: people are asked, for the application is somebody else's. */
export async function tenant(suffix: string): Promise<Elsewhere> {
  const bearer = await ownerToken(TENANT);
  const make = async (method: "POST" | "PUT", path: string, sent: unknown) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${bearer}` };
    const answer = await fetch(`${TENANT}apis/console/v1alpha1/${path}`, { method, headers, body: JSON.stringify(sent) });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
    return answer.json() as Promise<{ spec: { secret: string } }>;
  };
  /** Who has an account there, with an address that is proven. */
  const known = new Set<string>();
  const know = async (name: string) => {
    const email = `${name}@${DOMAIN}`;
    await make("POST", "users", { name, email, displayName: "Ada Lovelace", password: PASSWORD, mustChangePassword: false });
    await make("PUT", `users/${name}/email`, { email, verified: true });
    known.add(name);
  };
  return {
    base: TENANT.replace(/\/$/, ""),
    register: async (redirectUri) => {
      const name = `rp-${suffix}`;
      const spec = { displayName: "The other tenant", redirectUris: [redirectUri], scopes: ["openid", "profile", "email"] };
      await make("POST", "applications", { preset: "web-server", metadata: { name }, spec });
      const { secret } = (await make("POST", `applications/${name}/secrets`, { spec: {} })).spec;
      return { "Client ID": name, "Client secret": secret };
    },
    agree: async (page, login) => {
      const isNew = !known.has(login);
      if (isNew) await know(login);
      // The page of the other tenant looks the same.
      await page.waitForURL((url) => url.href.startsWith(`${TENANT}login?`));
      await page.getByLabel("User name or e-mail address").fill(login);
      await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      // It is asked once, and remembered.
      if (isNew) await page.getByRole("button", { name: "Allow", exact: true }).click();
    },
    close: async () => {},
  };
}
