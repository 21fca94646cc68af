import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouteContext } from "@tanstack/react-router";
import { api, body } from "../api/client";
import { sessionQuery, type Session } from "../api/first-queries";
import type { Permission } from "../api/types";
import { leaveToSignIn } from "./entry";

/** Who is signed in; the guard of the inner pages has asked before any of them shows. */
export function useSession(): Session {
  const { session } = useRouteContext({ from: "/inside" });
  const { data } = useQuery(sessionQuery);
  return data ?? session;
}

/** Whether the person may do something, as the server last said. */
export function useMay(): (permission: Permission) => boolean {
  const { uiPermissions } = useSession();
  return (permission) => uiPermissions.includes(permission);
}

/** Whether the person may do something to their own account. */
export function useMayOwn(): (permission: Permission) => boolean {
  const { uiPermissions } = useSession();
  return (permission) => uiPermissions.includes(permission) || uiPermissions.includes(`${permission}@self`);
}

/** What has to be asked again after a user was changed. */
export function useUserChanged(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    void client.invalidateQueries({ queryKey: ["roles"] });
    // Whoever changed may be oneself.
    await Promise.all([client.invalidateQueries({ queryKey: ["users"] }), client.invalidateQueries(sessionQuery)]);
  };
}

/** Ends the session on the server and leaves for the sign-in page, with which everything read in it is forgotten. */
export function useSignOut() {
  return useMutation({ mutationFn: () => body(api.DELETE("/sessions/-")), onSuccess: () => leaveToSignIn() });
}
