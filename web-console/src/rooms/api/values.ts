import type { ResourceServer, ResourceServerEdit } from "../../api/types";
import type { Seconds } from "../../parts/duration-input";
import { numbered } from "../../parts/rows";

/** What is decided about an API as a form shows it: what is not said is empty. */
export function valuesOf({ spec }: ResourceServer) {
  const { displayName, accessTokenAlg, scopes } = spec;
  return {
    displayName,
    accessTokenAlg,
    accessTokenSeconds: spec.accessTokenSeconds ?? ("" as Seconds),
    scopes: numbered(
      scopes.map(({ scope, description, public: isPublic = false }) => ({
        scope,
        description: { en: description?.en ?? "", zh: description?.zh ?? "" },
        public: isPublic,
      })),
    ),
  };
}

export type Values = ReturnType<typeof valuesOf>;

/** What a form says, as a merge patch. */
export function patchOf({ displayName, accessTokenAlg, accessTokenSeconds, scopes }: Values): ResourceServerEdit {
  return {
    displayName: displayName.trim(),
    accessTokenAlg,
    accessTokenSeconds: accessTokenSeconds === "" ? null : accessTokenSeconds,
    scopes: scopes.map(({ scope, description, public: isPublic }) => ({
      scope: scope.trim(),
      description: {
        en: description.en.trim() === "" ? undefined : description.en.trim(),
        zh: description.zh.trim() === "" ? undefined : description.zh.trim(),
      },
      public: isPublic,
    })),
  };
}
