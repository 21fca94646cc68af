import { useQuery } from "@tanstack/react-query";
import { rolesQuery } from "../api/first-queries";
import type { Role } from "../api/types";
import { useFirstSpeech } from "../i18n";
import type { FirstTexts } from "../i18n/texts";
import { useMay } from "../shell/session";
import { roleWords } from "./role-words";

/** What a role is called in a list to choose from: the name tells two roles of one display name apart. */
export function roleLabel(t: FirstTexts, role: Role): string {
  const { name } = role.metadata;
  const said = roleWords(t, role).name;
  return said === name ? name : `${said} (${name})`;
}

/** The roles of the tenant, as far as the person may see them. */
export function useRoles(): Role[] {
  const may = useMay();
  const roles = useQuery({ ...rolesQuery, enabled: may("roles:list") });
  return roles.data?.items ?? [];
}

/** Roles that can be given, as choices. Everybody has `user`, so that is none. */
export function useGrantable(): { value: string; label: string }[] {
  const { t } = useFirstSpeech();
  return useRoles()
    .filter(({ metadata, status }) => status.grantable && metadata.name !== "user")
    .map((role) => ({ value: role.metadata.name, label: roleLabel(t, role) }));
}
