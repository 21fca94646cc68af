import type { ProviderConfig, ProviderEdit } from "../../api/types";

const several = (text: string) => text.split(/[\s,]+/).filter((word) => word !== "");

/** What is decided about a provider as a form shows it: what is not said is empty. */
export function valuesOf({ spec }: ProviderConfig) {
  return {
    displayName: spec.displayName,
    priority: spec.priority as number | string,
    issuer: spec.issuer ?? "",
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

/** What a form says, as a merge patch. A secret that is not typed stays. */
export function patchOf(values: Values): ProviderEdit {
  const { clientSecret, issuer } = values;
  return {
    displayName: values.displayName.trim(),
    priority: Number(values.priority),
    issuer: issuer.trim() === "" ? undefined : issuer.trim(),
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
