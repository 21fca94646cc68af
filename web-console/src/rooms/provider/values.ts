import type { ProviderConfig, ProviderEdit } from "../../api/types";

const several = (text: string) => text.split(/[\s,]+/).filter((word) => word !== "");

/** What is decided about a provider as a form shows it: what is not said is empty. */
export function valuesOf({ spec }: ProviderConfig) {
  return {
    displayName: spec.displayName,
    priority: spec.priority as number | string,
    issuer: spec.issuer ?? "",
    authorizeUrl: spec.authorizeUrl ?? "",
    tokenUrl: spec.tokenUrl ?? "",
    userinfoUrl: spec.userinfoUrl ?? "",
    claimSub: spec.claims.sub ?? "",
    claimEmail: spec.claims.email ?? "",
    claimName: spec.claims.name ?? "",
    claimLogin: spec.claims.preferredUsername ?? "",
    appleTeamId: spec.appleTeamId ?? "",
    appleKeyId: spec.appleKeyId ?? "",
    msTenant: spec.msTenant ?? "",
    upstreams: spec.upstreams.join(" "),
    clientId: spec.clientId,
    clientSecret: "",
    authMethod: spec.authMethod,
    scopes: spec.scopes.join(" "),
    signIn: spec.signIn,
    signUp: spec.signUp,
    link: spec.link,
    emailTrust: spec.emailTrust,
    domains: spec.domains.join(" "),
  };
}

export type Values = ReturnType<typeof valuesOf>;

const said = (text: string) => (text.trim() === "" ? undefined : text.trim());
/** What is empty is taken away. */
const saidOrNone = (text: string) => said(text) ?? null;

/** What a form says, as a merge patch. A secret that is not typed stays. */
export function patchOf(values: Values): ProviderEdit {
  // A key in a file has lines.
  const clientSecret = values.clientSecret.replace(/[\r\n]+/g, "");
  return {
    displayName: values.displayName.trim(),
    priority: Number(values.priority),
    issuer: saidOrNone(values.issuer),
    authorizeUrl: saidOrNone(values.authorizeUrl),
    tokenUrl: saidOrNone(values.tokenUrl),
    userinfoUrl: saidOrNone(values.userinfoUrl),
    claims: {
      sub: said(values.claimSub),
      email: said(values.claimEmail),
      name: said(values.claimName),
      preferredUsername: said(values.claimLogin),
    },
    appleTeamId: saidOrNone(values.appleTeamId),
    appleKeyId: saidOrNone(values.appleKeyId),
    msTenant: saidOrNone(values.msTenant),
    upstreams: several(values.upstreams),
    clientId: values.clientId.trim(),
    clientSecret: clientSecret === "" ? undefined : clientSecret,
    authMethod: values.authMethod,
    scopes: several(values.scopes),
    signIn: values.signIn,
    signUp: values.signUp,
    link: values.link,
    emailTrust: values.emailTrust,
    domains: several(values.domains),
  };
}
