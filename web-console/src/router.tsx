import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";
import { problemOf } from "./api/problem";
import { sessionQuery } from "./api/queries";
import { consolePath } from "./base";
import { createClient } from "./client";
import { Broken, Lost } from "./parts/whole-page";
import { SignIn } from "./rooms/sign-in";
import { Shell } from "./shell/shell";
import { parsePaging, parseSearch, safeNext, stringifySearch, text, type Paging } from "./url";

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Outlet, notFoundComponent: Lost });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: SignIn,
  validateSearch: (search): { next?: string; expired?: string } => ({
    next: safeNext(search.next),
    expired: text(search.expired),
  }),
});

/** Everything behind the sign-in page. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      return { session: await context.client.ensureQueryData(sessionQuery) };
    } catch (error) {
      if (problemOf(error).status !== 401) throw error;
      const next = safeNext(location.pathname + location.searchStr);
      throw redirect({ to: "/sign-in", search: { next: next === "/" ? undefined : next }, replace: true });
    }
  },
});

const start = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: ({ context }) => {
    const listed = context.session.uiPermissions.includes("users:list");
    throw redirect({ to: listed ? "/users" : "/account", replace: true });
  },
});

export interface UsersSearch extends Paging {
  q?: string;
  columns?: string;
  create?: "1";
}

const users = createRoute({
  getParentRoute: () => inside,
  path: "/users",
  component: lazyRouteComponent(() => import("./rooms/users"), "Users"),
  validateSearch: (search): UsersSearch => ({
    q: text(search.q),
    ...parsePaging(search),
    columns: text(search.columns),
    create: search.create === "1" ? "1" : undefined,
  }),
});

const user = createRoute({
  getParentRoute: () => inside,
  path: "/users/$name",
  component: lazyRouteComponent(() => import("./rooms/user"), "UserPage"),
});

const messages = createRoute({
  getParentRoute: () => inside,
  path: "/messages",
  component: lazyRouteComponent(() => import("./rooms/messages"), "Messages"),
  validateSearch: (search): Paging & { message?: string } => ({ ...parsePaging(search), message: text(search.message) }),
});

const account = createRoute({
  getParentRoute: () => inside,
  path: "/account",
  component: lazyRouteComponent(() => import("./rooms/account"), "Account"),
});

/** The end of a session was noticed in the middle of something: sign in, and come back to it. */
function onExpired(): void {
  const { pathname, searchStr } = router.state.location;
  if (pathname === "/sign-in") return;
  client.clear();
  void router.navigate({ to: "/sign-in", search: { next: safeNext(pathname + searchStr), expired: "1" } });
}

export const client = createClient(onExpired);

export const router = createRouter({
  routeTree: root.addChildren([signIn, inside.addChildren([start, users, user, messages, account])]),
  basepath: consolePath(document.baseURI),
  context: { client },
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
