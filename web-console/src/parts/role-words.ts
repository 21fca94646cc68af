import type { Role } from "../api/types";
import type { FirstTexts } from "../i18n/texts";

interface RoleWords {
  name: string;
  description: string;
}

/** What a role is called and is for: a built-in one in the person's language, another one as whoever made it says. */
export function roleWords(t: FirstTexts, { metadata, spec, status }: Role): RoleWords {
  const known: Partial<Record<string, RoleWords>> = t.builtInRoles;
  const said = { name: spec.displayName || metadata.name, description: spec.description };
  return (status.builtIn ? known[metadata.name] : undefined) ?? said;
}
