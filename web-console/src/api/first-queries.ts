/** What the frame and the list of users ask: the first page has no other questions. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import type { DetailedUser } from "./types";

/** Who is signed in, and what they may do. */
export interface Session extends DetailedUser {
  uiPermissions: string[];
}

const MINUTE = 60_000;

export const tenantQuery = queryOptions({
  queryKey: ["tenant"],
  queryFn: ({ signal }) => body(api.GET("/tenant", { signal })),
  staleTime: 10 * MINUTE,
});

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<Session> => {
    const [self, permissions] = await Promise.all([
      body(api.GET("/users/-", { signal })),
      body(api.GET("/users/-/permissions", { signal })),
    ]);
    return { ...self, uiPermissions: permissions.uiPermissions };
  },
  staleTime: MINUTE,
});

export interface UsersAsked {
  size: number;
  page?: number;
  /** Where the page before ended; instead of its number. */
  cursor?: string;
  keyword?: string;
  role?: string;
  fieldSelector?: string[];
  sort?: string[];
}

export const usersQuery = (asked: UsersAsked) =>
  queryOptions({
    queryKey: ["users", "list", asked],
    queryFn: ({ signal }) => body(api.GET("/users", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

/** A list that is needed whole, whatever its length: page after page. */
export async function whole<T>(read: (query: { size: number; cursor?: string }) => Promise<{ items: T[]; nextCursor?: string }>) {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read({ size: 200, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return { items };
}

export const rolesQuery = queryOptions({
  queryKey: ["roles", "list"],
  queryFn: ({ signal }) => whole((query) => body(api.GET("/roles", { params: { query }, signal }))),
  staleTime: MINUTE,
});

/** The senders in their order: how they stand changes by itself. */
export const sendersQuery = queryOptions({
  queryKey: ["senders", "list"],
  queryFn: ({ signal }) => body(api.GET("/senders", { signal })),
  refetchInterval: 10_000,
});
