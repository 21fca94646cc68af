import { useQuery } from "@tanstack/react-query";
import { tenantQuery } from "../api/first-queries";
import type { Permission } from "../api/types";
import { useMay } from "./session";

/** The tenant that is there from the first start: only there are rooms for whoever runs the instance. */
export const DEFAULT_TENANT = "default";

/** The name of this tenant for people; empty until the server has told it. */
export function useTenantName(): string {
  const { data } = useQuery(tenantQuery);
  return data === undefined ? "" : data.displayName || data.name;
}

/** Whether the person may do something to the tenants of the instance: elsewhere than in the default tenant nobody may. */
export function useMayOperate(): (permission: Permission) => boolean {
  const may = useMay();
  const { data } = useQuery(tenantQuery);
  return (permission) => data?.name === DEFAULT_TENANT && may(permission);
}
