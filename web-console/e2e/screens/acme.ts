import type { Browser, Page } from "playwright-core";
import { facebook } from "../providers/facebook";
import { github } from "../providers/github";
import type { Elsewhere } from "../providers/local";
import { apple, DOMAIN, google, microsoft, plain } from "../providers/oidc";
import { BASE, OWNER, ownerToken } from "../support";

export const API = `${BASE}apis/console/v1alpha1`;
export const PASSWORD = "seven quiet otters read maps";
export const SHOP = "shop";
export const DASHBOARD = "dashboard";
export const NEWS = "news";
/** Nothing is there: whoever arrives is answered by the browser. */
export const CALLBACK = "https://news.acme.example/callback";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

let token: Promise<string> | undefined;

/** Asks the API, or another group of it, as the owner. */
export async function ask<T = unknown>(method: Method, path: string, sent?: unknown, group = API): Promise<T> {
  const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const headers = { "content-type": type, authorization: `Bearer ${await (token ??= ownerToken(BASE))}` };
  const body = sent === undefined ? {} : { body: JSON.stringify(sent) };
  const answer = await fetch(group + path, { method, headers, ...body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answers ${answer.status}: ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

const PEOPLE: [name: string, displayName: string, role?: string][] = [
  ["grace", "Grace Hopper", "user-manager"],
  ["katherine", "Katherine Johnson", "auditor"],
  ["alan", "Alan Turing", "support"],
  ["hedy", "Hedy Lamarr"],
  ["margaret", "Margaret Hamilton", "mail-manager"],
  ["linus", "Linus Bergström"],
  ["barbara", "Barbara Liskov"],
  ["tim", "Tim O’Reilly"],
  ["mary", "Mary Jackson"],
  ["donald", "Donald Kim"],
  ["radia", "Radia Perlman"],
  ["yukihiro", "松本 行弘"],
  ["hypatia", "Hypatia"],
];
/** Who has an address of a provider's domain. */
const ELSEWHERE = "hypatia";
/** Whose addresses are not proven, and who is shut out. */
const [UNPROVEN, DISABLED] = [["tim", "donald"], "linus"] as const;

/** Signs somebody in, or fails to, as an application does that asks for passwords itself. */
function logIn(username: string, password: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${BASE}v1/login`, { method: "POST", headers, body: JSON.stringify({ username, password }) });
}

async function makePeople(): Promise<void> {
  await ask("PATCH", `/users/${OWNER.name}`, { spec: { displayName: "Ada Lovelace" } });
  await ask("PUT", `/users/${OWNER.name}/email`, { email: "ada@acme.example", verified: true });
  for (const [name, displayName, role] of PEOPLE) {
    const email = `${name}@${name === ELSEWHERE ? DOMAIN : "acme.example"}`;
    await ask("POST", "/users", { name, email, displayName, password: PASSWORD, mustChangePassword: false });
    if (!(UNPROVEN as readonly string[]).includes(name)) await ask("PUT", `/users/${name}/email`, { email, verified: true });
    if (role !== undefined) await ask("POST", `/users/${name}/permissions`, { roles: [role] });
    await logIn(name, PASSWORD);
    if (name === "alan") await logIn(name, "enigma");
  }
  await ask("POST", `/users/${DISABLED}/disable`);
}

async function makeApplications(): Promise<void> {
  const scopes = [
    { scope: "orders:read", description: { en: "See your orders", zh: "查看您的订单" }, public: true },
    { scope: "orders:write", description: { en: "Change your orders", zh: "更改您的订单" } },
  ];
  await ask("POST", "/resource-servers", { spec: { audience: "https://orders.acme.example", displayName: "Orders", scopes } });
  await ask("POST", "/resource-servers", { spec: { audience: "https://stock.acme.example", displayName: "Stock" } });
  const audiences = [{ audience: "https://orders.acme.example", scopes: ["orders:read"] }];
  const make = (preset: string, name: string, spec: object) => ask("POST", "/applications", { preset, metadata: { name }, spec });
  const redirectUris = ["https://shop.acme.example/callback"];
  const homeUrl = "https://shop.acme.example/";
  await make("web-server", SHOP, { displayName: "The shop", description: "Where people buy", homeUrl, firstParty: true, redirectUris, audiences, color: "#b5471b" });
  await make("native", NEWS, { displayName: "The news", description: "A reader for phones", redirectUris: [CALLBACK], scopes: ["openid", "profile", "email"] });
  const tried = ["https://dashboard.acme.example/", `${BASE}console/try-it/callback`];
  await make("single-page", DASHBOARD, { displayName: "Dashboard", description: "Numbers of the day", firstParty: true, redirectUris: tried });
  await make("machine", "nightly", { displayName: "Nightly import" });
  await make("gateway", "intranet", { displayName: "Intranet", redirectUris: ["https://intranet.acme.example/oauth2/callback"] });
  await ask("POST", `/applications/${SHOP}/secrets`, { spec: {} });
}

async function makeRole(): Promise<void> {
  const spec = { displayName: "Shop manager", description: "Looks after those who buy", inherits: ["support"] };
  const rules = [
    { resources: ["users"], verbs: ["list", "get", "update"], effect: "allow" },
    { resources: ["users"], verbs: ["delete"], effect: "deny" },
  ];
  await ask("POST", "/roles", { metadata: { name: "shop-manager" }, spec, rules });
  await ask("POST", "/users/mary/permissions", { roles: ["shop-manager"] });
}

/** How what was registered elsewhere is called here. */
const FIELDS: Record<string, string> = {
  "Client ID": "clientId",
  "Client secret": "clientSecret",
  "Key (.p8)": "clientSecret",
  "Team ID": "appleTeamId",
  "Key ID": "appleKeyId",
  Server: "issuer",
};

const MAKERS = { google, microsoft, apple, github, facebook } as const;

async function makeProvider(kind: keyof typeof MAKERS | "oidc", name: string, displayName: string, start: () => Promise<Elsewhere>): Promise<Elsewhere> {
  const elsewhere = await start();
  const issuer = { issuer: elsewhere.base };
  await ask("POST", "/auth-provider-configs", { metadata: { name }, spec: { kind, displayName, ...(kind === "oidc" && issuer) } });
  const given = Object.entries(await elsewhere.register(`${BASE}login/with/${name}/callback`));
  const registered = Object.fromEntries(given.map(([label, value]) => [FIELDS[label] ?? label, value.replace(/\n+/g, "")]));
  const trust = kind === "oidc" ? { emailTrust: "claim", domains: [DOMAIN], authMethod: "basic" } : {};
  await ask("PATCH", `/auth-provider-configs/${name}`, { spec: { ...issuer, ...registered, ...trust } });
  await ask("PUT", `/auth-providers/${name}/enable`);
  return elsewhere;
}

/** Where people have accounts besides, by the names that providers have here. */
export type Elsewheres = Record<keyof typeof MAKERS | "corp", Elsewhere>;

async function makeProviders(): Promise<Elsewheres> {
  const made: Partial<Elsewheres> = {};
  made.corp = await makeProvider("oidc", "corp", "Acme Corp", plain);
  const titles = { google: "Google", microsoft: "Microsoft", apple: "Apple", github: "GitHub", facebook: "Facebook" };
  for (const name of Object.keys(MAKERS) as (keyof typeof MAKERS)[]) {
    made[name] = await makeProvider(name, name, titles[name], MAKERS[name]);
  }
  return made as Elsewheres;
}

/** Pictures of nothing in particular, as files. */
export async function paintings(browser: Browser): Promise<{ name: string; mimeType: string; buffer: Buffer }[]> {
  const page = await browser.newPage({ viewport: { width: 480, height: 320 } });
  const paint = async (name: string, css: string, text: string) => {
    await page.setContent(`<body style="margin:0;height:100vh;display:grid;place-items:center;font:700 64px system-ui;color:#fff;background:${css}">${text}`);
    return { name, mimeType: "image/png", buffer: await page.screenshot() };
  };
  const painted = [
    await paint("acme-logo.png", "#155a71", "Acme"),
    await paint("summer-sale.png", "linear-gradient(135deg,#f4a261,#e76f51)", "−20 %"),
    await paint("mountains.png", "linear-gradient(#9cc4e4 45%,#5b7f95 45% 70%,#31493c 70%)", ""),
    await paint("harbour.png", "radial-gradient(circle at 70% 30%,#ffe8a3 12%,#ef8354 13% 40%,#2d3a5a 41%)", ""),
  ];
  await page.close();
  return painted;
}

/** Fills a server with what a firm of this name would have. */
export async function acme(): Promise<Elsewheres> {
  await makePeople();
  const site = "https://acme.example/";
  const links = { homeUrl: site, contactEmail: "help@acme.example", termsUrl: `${site}terms`, privacyUrl: `${site}privacy` };
  const spec = { displayName: "Acme", subtitle: "One account for all we make", color: "#155a71", ...links };
  const { metadata } = await ask<{ metadata: { version: number } }>("GET", "/policies/branding");
  await ask("PUT", "/policies/branding", { metadata: { version: metadata.version }, spec });
  await makeRole();
  await makeApplications();
  return makeProviders();
}

/** Signs in on the page to sign in. */
export async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("User name or e-mail address").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}
