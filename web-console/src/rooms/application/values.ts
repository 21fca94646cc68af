import type { Application, ApplicationEdit } from "../../api/types";
import type { Seconds } from "../../parts/duration-input";
import { numbered } from "../../parts/rows";

export const GRANTS = [
  "authorization_code",
  "refresh_token",
  "client_credentials",
  "urn:ietf:params:oauth:grant-type:device_code",
  "urn:ietf:params:oauth:grant-type:token-exchange",
] as const satisfies Application["spec"]["grants"];
export const AUTH_METHODS = ["none", "client_secret_basic", "client_secret_post"] as const satisfies Application["spec"]["authMethods"];
export const ROTATIONS = ["auto", "always", "never"] as const satisfies Application["spec"]["rotation"][];
export const SUBJECT_TYPES = ["public", "pairwise"] as const satisfies Application["spec"]["subjectType"][];
/** Scopes that tell who signed in, and the one with which somebody stays signed in. */
export const STANDARD_SCOPES = ["openid", "profile", "email", "phone", "address", "roles", "offline_access"];
/** What a claim can say, besides a label. */
export const CLAIM_SOURCES = ["roles", "name", "preferred_username", "email", "picture", "locale", "phone_number"];

const TEXTS = ["color", "logoUrl", "homeUrl", "policyUrl", "termsUrl"] as const;
const TIMES = ["accessTokenSeconds", "idTokenSeconds", "refreshIdleSeconds", "refreshAbsoluteSeconds"] as const;

/** The settings of an application as a form shows them: what is not said is empty. */
export function settingsOf({ spec }: Application) {
  const { displayName, description, firstParty, grants, authMethods, requirePkce, rotation } = spec;
  const { subjectType, idTokenAlg, accessTokenAlg, claimsInIdToken } = spec;
  return {
    displayName,
    description,
    firstParty,
    grants,
    authMethods,
    requirePkce,
    rotation,
    subjectType,
    idTokenAlg,
    accessTokenAlg,
    claimsInIdToken,
    color: spec.color ?? "",
    logoUrl: spec.logoUrl ?? "",
    homeUrl: spec.homeUrl ?? "",
    policyUrl: spec.policyUrl ?? "",
    termsUrl: spec.termsUrl ?? "",
    accessTokenSeconds: spec.accessTokenSeconds ?? ("" as Seconds),
    idTokenSeconds: spec.idTokenSeconds ?? ("" as Seconds),
    refreshIdleSeconds: spec.refreshIdleSeconds ?? ("" as Seconds),
    refreshAbsoluteSeconds: spec.refreshAbsoluteSeconds ?? ("" as Seconds),
  };
}

export type Settings = ReturnType<typeof settingsOf>;

/** The settings as a merge patch: what is empty is null. */
export function settingsPatch(values: Settings): ApplicationEdit {
  const texts = TEXTS.map((name) => [name, values[name].trim() === "" ? null : values[name].trim()]);
  const times = TIMES.map((name) => [name, values[name] === "" ? null : values[name]]);
  return {
    ...values,
    displayName: values.displayName.trim(),
    description: values.description.trim(),
    ...(Object.fromEntries(texts) as Record<(typeof TEXTS)[number], string | null>),
    ...(Object.fromEntries(times) as Record<(typeof TIMES)[number], number | null>),
  };
}

/** What an application may ask for, as a form shows it. */
export function requestsOf({ spec }: Application) {
  return {
    scopes: spec.scopes,
    audiences: numbered(spec.audiences.map(({ audience, scopes = [] }) => ({ audience, scopes }))),
    claims: numbered(
      spec.claims.map(({ claim, source, form = "array", inIdToken = false, inAccessToken = false, inUserinfo = false }) => ({
        claim,
        source,
        form,
        inIdToken,
        inAccessToken,
        inUserinfo,
      })),
    ),
  };
}

export type Requests = ReturnType<typeof requestsOf>;

/** What an application may ask for, as the API reads it: without the numbers of rows. */
export function requestsPatch({ scopes, audiences, claims }: Requests): ApplicationEdit {
  return {
    scopes,
    audiences: audiences.map(({ audience, scopes: named }) => ({ audience, scopes: named })),
    claims: claims.map(({ claim, source, form, inIdToken, inAccessToken, inUserinfo }) => ({
      claim: claim.trim(),
      source: source.trim(),
      form,
      inIdToken,
      inAccessToken,
      inUserinfo,
    })),
  };
}
