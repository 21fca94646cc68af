/** Where this console is served, e.g. `/t/acme/console` from `https://id.example/t/acme/console/`; no slash at the end. */
export function consolePath(baseURI: string): string {
  return new URL(".", baseURI).pathname.replace(/\/+$/, "");
}

/** The whole address of this console, e.g. `https://id.example/t/acme/console`. */
export const consoleAddress = (baseURI: string): string => new URL(baseURI).origin + consolePath(baseURI);

/** The console group below a tenant's base. */
export const API = "/apis/console/v1alpha1";

/** The path of the console group's API beside this console, e.g. `/t/acme/apis/console/v1alpha1`. */
export function apiPath(baseURI: string): string {
  return tenantPath(baseURI) + API;
}

/** The system group: only the default tenant has it. */
export const SYSTEM = "/apis/system/v1alpha1";

/** The path of the system group's API beside this console. */
export function systemPath(baseURI: string): string {
  return tenantPath(baseURI) + SYSTEM;
}

/** The path of the tenant itself, e.g. `/t/acme`; empty at the root of a host. */
export function tenantPath(baseURI: string): string {
  return consolePath(baseURI).replace(/\/console$/, "");
}

/**
 * The address of a picture if this server keeps it. Strangers' pictures would tell strangers who is looking; the
 * page's policy refuses them as well.
 */
export function ownPicture(avatar: string | undefined, baseURI: string): string | undefined {
  if (avatar === undefined || !URL.canParse(avatar, baseURI)) return undefined;
  const { origin, pathname } = new URL(avatar, baseURI);
  const ours = origin === new URL(baseURI).origin && pathname.startsWith(`${apiPath(baseURI)}/avatars/`);
  return ours ? pathname : undefined;
}

/** The path of a file of the tenant below its base, e.g. `/files/ab…/logo.png`, if its address is one of this server. */
export function ownFile(address: string, baseURI: string): string | undefined {
  if (!URL.canParse(address, baseURI)) return undefined;
  const { origin, pathname } = new URL(address, baseURI);
  const base = tenantPath(baseURI);
  const ours = origin === new URL(baseURI).origin && pathname.startsWith(`${base}/files/`);
  return ours ? pathname.slice(base.length) : undefined;
}

/** Where this page finds a file of the tenant, by its path below the tenant's base. */
export function ownFileAt(path: string, baseURI: string): string | undefined {
  return path.startsWith("/files/") ? tenantPath(baseURI) + path : undefined;
}
