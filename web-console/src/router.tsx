import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";
import { forgetCalls } from "./api/calls";
import { problemOf } from "./api/problem";
import { sessionQuery, tenantQuery } from "./api/first-queries";
import type { Permission } from "./api/types";
import { consolePath } from "./base";
import { createClient } from "./client";
import { later } from "./later";
import { leave } from "./left";
import { Broken, Lost } from "./parts/whole-page";
import { API_TABS, type ApiTab } from "./rooms/api/tabs";
import { APPLICATION_TABS, type ApplicationTab } from "./rooms/application/tabs";
import { parseApis, parseApplications, parseKeys, parseProviders } from "./rooms/applications-search";
import { parseAttachments } from "./rooms/attachments-search";
import { parseAudit } from "./rooms/audit-search";
import { parseExplainer } from "./rooms/explainer-search";
import { parseMessages } from "./rooms/messages-search";
import { POLICY_TABS, type PolicyTab } from "./rooms/policies/tabs";
import { ROLE_TABS, type RoleTab } from "./rooms/role/tabs";
import { INSTANCE_TABS, type InstanceTab } from "./rooms/instance-settings/tabs";
import { TENANT_TABS, type TenantTab } from "./rooms/tenant/tabs";
import { parseDomains, parseTenantDomains, parseTenants } from "./rooms/tenants-search";
import { parseTryIt } from "./rooms/try-it-search";
import { parseUser } from "./rooms/user/tabs";
import { Users } from "./rooms/users";
import { parseUsers } from "./rooms/users-search";
import { leaveToSignIn } from "./shell/entry";
import { Shell } from "./shell/shell";
import { DEFAULT_TENANT } from "./shell/tenant";
import { parsePaging, parseSearch, safeNext, stringifySearch, text } from "./url";

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Outlet, notFoundComponent: Lost });

/** Everything behind the sign-in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      return { session: await context.client.ensureQueryData(sessionQuery) };
    } catch (error) {
      if (problemOf(error).status !== 401) throw error;
      leaveToSignIn(safeNext(location.pathname + location.searchStr));
      // Nothing of this page shows any more.
      return new Promise<never>(() => {});
    }
  },
});

const start = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: async ({ context }) => {
    const may = (permission: Permission) => context.session.uiPermissions.includes(permission);
    if (may("users:list")) throw redirect({ to: "/users", replace: true });
    const { name } = await context.client.ensureQueryData(tenantQuery);
    throw redirect({ to: name === DEFAULT_TENANT && may("tenants:list") ? "/tenants" : "/account", replace: true });
  },
});

const overview = createRoute({
  getParentRoute: () => inside,
  path: "/overview",
  component: lazyRouteComponent(later(() => import("./rooms/overview")), "Overview"),
});

const users = createRoute({
  getParentRoute: () => inside,
  path: "/users",
  // The first page, which nobody should have to wait for twice.
  component: Users,
  validateSearch: parseUsers,
});

const user = createRoute({
  getParentRoute: () => inside,
  path: "/users/$name",
  component: lazyRouteComponent(later(() => import("./rooms/user")), "UserPage"),
  validateSearch: parseUser,
});

const roles = createRoute({
  getParentRoute: () => inside,
  path: "/roles",
  component: lazyRouteComponent(later(() => import("./rooms/roles")), "Roles"),
  validateSearch: (search): { view?: "matrix"; columns?: string; q?: string } => ({
    view: search.view === "matrix" ? "matrix" : undefined,
    columns: text(search.columns),
    q: text(search.q),
  }),
});

/** No role has this name: names begin with a letter or digit. */
const newRole = createRoute({
  getParentRoute: () => inside,
  path: "/roles/-",
  component: lazyRouteComponent(later(() => import("./rooms/role")), "NewRole"),
  validateSearch: (search): { from?: string } => ({ from: text(search.from) }),
});

const role = createRoute({
  getParentRoute: () => inside,
  path: "/roles/$name",
  component: lazyRouteComponent(later(() => import("./rooms/role")), "RolePage"),
  validateSearch: (search): { tab?: RoleTab } => ({ tab: ROLE_TABS.find((known) => known === search.tab) }),
});

const explainer = createRoute({
  getParentRoute: () => inside,
  path: "/explainer",
  component: lazyRouteComponent(later(() => import("./rooms/explainer")), "Explainer"),
  validateSearch: parseExplainer,
});

const applications = createRoute({
  getParentRoute: () => inside,
  path: "/applications",
  component: lazyRouteComponent(later(() => import("./rooms/applications")), "Applications"),
  validateSearch: parseApplications,
});

const application = createRoute({
  getParentRoute: () => inside,
  path: "/applications/$name",
  component: lazyRouteComponent(later(() => import("./rooms/application")), "ApplicationPage"),
  validateSearch: (search): { tab?: ApplicationTab } => ({ tab: APPLICATION_TABS.find((known) => known === search.tab) }),
});

const apis = createRoute({
  getParentRoute: () => inside,
  path: "/apis",
  component: lazyRouteComponent(later(() => import("./rooms/apis")), "Apis"),
  validateSearch: parseApis,
});

const apiPage = createRoute({
  getParentRoute: () => inside,
  path: "/apis/$name",
  component: lazyRouteComponent(later(() => import("./rooms/api")), "ApiPage"),
  validateSearch: (search): { tab?: ApiTab } => ({ tab: API_TABS.find((known) => known === search.tab) }),
});

const providers = createRoute({
  getParentRoute: () => inside,
  path: "/sign-in-methods",
  component: lazyRouteComponent(later(() => import("./rooms/providers")), "Providers"),
  validateSearch: parseProviders,
});

const provider = createRoute({
  getParentRoute: () => inside,
  path: "/sign-in-methods/$name",
  component: lazyRouteComponent(later(() => import("./rooms/provider")), "ProviderPage"),
});

const keys = createRoute({
  getParentRoute: () => inside,
  path: "/keys",
  component: lazyRouteComponent(later(() => import("./rooms/keys")), "Keys"),
  validateSearch: parseKeys,
});

const audit = createRoute({
  getParentRoute: () => inside,
  path: "/audit",
  component: lazyRouteComponent(later(() => import("./rooms/audit")), "Audit"),
  validateSearch: parseAudit,
});

const attachments = createRoute({
  getParentRoute: () => inside,
  path: "/attachments",
  component: lazyRouteComponent(later(() => import("./rooms/attachments")), "Attachments"),
  validateSearch: parseAttachments,
});

const senders = createRoute({
  getParentRoute: () => inside,
  path: "/senders",
  component: lazyRouteComponent(later(() => import("./rooms/senders")), "Senders"),
});

const templates = createRoute({
  getParentRoute: () => inside,
  path: "/templates",
  component: lazyRouteComponent(later(() => import("./rooms/templates")), "Templates"),
});

const template = createRoute({
  getParentRoute: () => inside,
  path: "/templates/$kind/$language",
  component: lazyRouteComponent(later(() => import("./rooms/template")), "Template"),
});

const messages = createRoute({
  getParentRoute: () => inside,
  path: "/messages",
  component: lazyRouteComponent(later(() => import("./rooms/messages")), "Messages"),
  validateSearch: parseMessages,
});

const undeliverable = createRoute({
  getParentRoute: () => inside,
  path: "/undeliverable-addresses",
  component: lazyRouteComponent(later(() => import("./rooms/undeliverable")), "Undeliverable"),
});

const backups = createRoute({
  getParentRoute: () => inside,
  path: "/backups",
  component: lazyRouteComponent(later(() => import("./rooms/backups")), "Backups"),
  validateSearch: parsePaging,
});

const invitations = createRoute({
  getParentRoute: () => inside,
  path: "/invitations",
  component: lazyRouteComponent(later(() => import("./rooms/invitations")), "Invitations"),
  validateSearch: (search): { create?: "1"; again?: string } => ({ create: search.create === "1" ? "1" : undefined, again: text(search.again) }),
});

const domains = createRoute({
  getParentRoute: () => inside,
  path: "/domains",
  component: lazyRouteComponent(later(() => import("./rooms/domains")), "Domains"),
  validateSearch: parseDomains,
});

const domain = createRoute({
  getParentRoute: () => inside,
  path: "/domains/$name",
  component: lazyRouteComponent(later(() => import("./rooms/domain")), "DomainPage"),
});

/** Which tenant this is decides whether there are rooms for operators. */
const tellTenant = ({ context }: { context: { client: QueryClient } }) => context.client.ensureQueryData(tenantQuery);

const tenants = createRoute({
  getParentRoute: () => inside,
  path: "/tenants",
  component: lazyRouteComponent(later(() => import("./rooms/tenants")), "Tenants"),
  validateSearch: parseTenants,
  loader: tellTenant,
});

const tenant = createRoute({
  getParentRoute: () => inside,
  path: "/tenants/$name",
  component: lazyRouteComponent(later(() => import("./rooms/tenant")), "TenantPage"),
  validateSearch: (search): { tab?: TenantTab } => ({ tab: TENANT_TABS.find((known) => known === search.tab) }),
  loader: tellTenant,
});

const tenantDomains = createRoute({
  getParentRoute: () => inside,
  path: "/tenant-domains",
  component: lazyRouteComponent(later(() => import("./rooms/tenant-domains")), "TenantDomains"),
  validateSearch: parseTenantDomains,
  loader: tellTenant,
});

const instanceSettings = createRoute({
  getParentRoute: () => inside,
  path: "/instance-settings",
  component: lazyRouteComponent(later(() => import("./rooms/instance-settings")), "InstanceSettings"),
  validateSearch: (search): { tab?: InstanceTab } => ({ tab: INSTANCE_TABS.find((known) => known === search.tab) }),
  loader: tellTenant,
});

const policies = createRoute({
  getParentRoute: () => inside,
  path: "/policies",
  component: lazyRouteComponent(later(() => import("./rooms/policies")), "Policies"),
  validateSearch: (search): { tab?: PolicyTab } => ({ tab: POLICY_TABS.find((known) => known === search.tab) }),
});

const account = createRoute({
  getParentRoute: () => inside,
  path: "/account",
  component: lazyRouteComponent(later(() => import("./rooms/account")), "Account"),
});

/** Tried sign-ins need nobody to be signed in here: they are done as anybody, or refused. */
const tryIt = createRoute({
  getParentRoute: () => root,
  path: "/try-it",
  component: lazyRouteComponent(later(() => import("./rooms/try-it")), "TryIt"),
  validateSearch: parseTryIt,
});

const tryItCallback = createRoute({
  getParentRoute: () => root,
  path: "/try-it/callback",
  component: lazyRouteComponent(later(() => import("./rooms/try-it-callback")), "TryItCallback"),
  // The page reads the answer as it came: a parameter may be there twice.
  validateSearch: (search): Record<string, unknown> => search,
});

/** The end of a session was noticed in the middle of something: sign in, and come back to it. */
function onExpired(): void {
  const { pathname, searchStr } = router.state.location;
  leaveToSignIn(safeNext(pathname + searchStr));
}

export const client = createClient(onExpired);

export const router = createRouter({
  routeTree: root.addChildren([
    inside.addChildren([
      start, overview, users, user, invitations, roles, newRole, role, explainer, applications, application, apis, apiPage, providers, provider, keys, audit,
      policies, attachments, backups, senders, templates, template, messages, undeliverable,
      domains, domain, tenants, tenant, tenantDomains, instanceSettings, account,
    ]),
    tryIt,
    tryItCallback,
  ]),
  basepath: consolePath(document.baseURI),
  context: { client },
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

router.subscribe("onBeforeLoad", ({ fromLocation, pathChanged }) => {
  if (fromLocation !== undefined) leave(fromLocation.pathname, fromLocation.search);
  if (pathChanged) forgetCalls();
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
