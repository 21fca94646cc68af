import { useQuery } from "@tanstack/react-query";
import { rolesQuery } from "../api/queries";
import type { Role } from "../api/types";
import { useMay } from "../shell/session";

/** What a role is called in a list to choose from: the name tells two roles of one display name apart. */
export function roleLabel({ metadata, spec }: Role): string {
  return spec.displayName === "" || spec.displayName === metadata.name ? metadata.name : `${spec.displayName} (${metadata.name})`;
}

/** The roles of the tenant, as far as the person may see them. */
export function useRoles(): Role[] {
  const may = useMay();
  const roles = useQuery({ ...rolesQuery, enabled: may("roles:list") });
  return roles.data?.items ?? [];
}

/** Roles that can be given, as choices. Everybody has `user`, so that is none. */
export function useGrantable(): { value: string; label: string }[] {
  return useRoles()
    .filter(({ metadata, status }) => status.grantable && metadata.name !== "user")
    .map((role) => ({ value: role.metadata.name, label: roleLabel(role) }));
}
