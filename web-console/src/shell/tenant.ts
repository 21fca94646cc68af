import { useQuery } from "@tanstack/react-query";
import { tenantQuery } from "../api/queries";

/** The name of this tenant for people; empty until the server has told it. */
export function useTenantName(): string {
  const { data } = useQuery(tenantQuery);
  return data === undefined ? "" : data.displayName || data.name;
}
