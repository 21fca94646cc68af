import type { Role, RoleDraft, Rule } from "../../api/types";

/** A rule while it is edited; the id keeps its place in the list. */
export interface RuleDraft {
  id: number;
  resources: string[];
  verbs: string[];
  resourceNames: string[];
  effect: "allow" | "deny";
}

export interface RoleValues {
  name: string;
  displayName: string;
  description: string;
  inherits: string[];
  rules: RuleDraft[];
}

export function toRules(rules: readonly Rule[]): RuleDraft[] {
  return rules.map((rule, id) => ({
    id,
    resources: rule.resources,
    verbs: rule.verbs,
    resourceNames: rule.resourceNames ?? [],
    effect: rule.effect ?? "allow",
  }));
}

export const NO_ROLE: RoleValues = { name: "", displayName: "", description: "", inherits: [], rules: [] };

/** A role as a form shows it. */
export function valuesOf({ metadata, spec, rules }: Role): RoleValues {
  return {
    name: metadata.name,
    displayName: spec.displayName,
    description: spec.description,
    inherits: spec.inherits,
    rules: toRules(rules),
  };
}

/** A new role that begins with what another one says. */
export function duplicateOf(role: Role, displayName: string): RoleValues {
  return { ...valuesOf(role), name: `${role.metadata.name}-copy`.slice(-63), displayName: displayName.slice(0, 100) };
}

/** What a form says, as the API reads it. */
export function draftOf({ displayName, description, inherits, rules }: RoleValues): RoleDraft {
  return {
    spec: { displayName: displayName.trim(), description: description.trim(), inherits },
    rules: rules.map(({ resources, verbs, resourceNames, effect }) => ({ resources, verbs, resourceNames, effect })),
  };
}

/** The verbs that a rule on these resources can name. */
export function verbsOf(items: readonly { resource: string; verb: string }[], resources: readonly string[]): string[] {
  const meant = items.filter(({ resource }) => resources.includes("*") || resources.includes(resource));
  return [...new Set(meant.map(({ verb }) => verb))];
}
