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

export interface ListOf {
  page: number;
  size: number;
}

export const usersQuery = (asked: ListOf & { keyword?: string }) =>
  queryOptions({
    queryKey: ["users", "list", asked],
    queryFn: ({ signal }) => body(api.GET("/users", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

export const userQuery = (name: string) =>
  queryOptions({
    queryKey: ["users", "one", name],
    queryFn: ({ signal }) => body(api.GET("/users/{name}", { params: { path: { name } }, signal })),
  });

/** Deliveries happen behind the page's back, so these lists ask again by themselves. */
const MESSAGES_EVERY = 5_000;

export const messagesQuery = (asked: ListOf) =>
  queryOptions({
    queryKey: ["messages", "list", asked],
    queryFn: ({ signal }) => body(api.GET("/messages", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: MESSAGES_EVERY,
  });

export const messageQuery = (name: string) =>
  queryOptions({
    queryKey: ["messages", "one", name],
    queryFn: ({ signal }) => body(api.GET("/messages/{name}", { params: { path: { name } }, signal })),
    refetchInterval: (query) => (query.state.data?.status.state === "queued" ? MESSAGES_EVERY : false),
  });
