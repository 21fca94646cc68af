import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body, published } from "./client";
import { whole } from "./first-queries";
import type {
  MessageKind,
  Outcome,
  Question,
  StatsMetric,
  StatsStep,
  TemplateLanguage,
  TemplateParts,
} from "./types";

const MINUTE = 60_000;

export interface ListOf {
  page: number;
  size: number;
}

export const userQuery = (name: string) =>
  queryOptions({
    queryKey: ["users", "one", name],
    queryFn: ({ signal }) => body(api.GET("/users/{name}", { params: { path: { name } }, signal })),
  });

export const userPermissionsQuery = (name: string) =>
  queryOptions({
    queryKey: ["users", "permissions", name],
    queryFn: ({ signal }) => body(api.GET("/users/{name}/permissions", { params: { path: { name } }, signal })),
  });

/** Whether somebody can sign in, and why not. */
export const signInQuery = (name: string) =>
  queryOptions({
    queryKey: ["users", "sign-in", name],
    queryFn: ({ signal }) => body(api.GET("/users/{name}/sign-in", { params: { path: { name } }, signal })),
  });

/** Where somebody is signed in; without a name, where one is oneself. */
export const devicesQuery = (name?: string) =>
  infiniteQueryOptions({
    queryKey: ["users", "sessions", name ?? "-"],
    queryFn: ({ signal, pageParam }) => {
      const query = { size: 50, cursor: pageParam };
      return name === undefined
        ? body(api.GET("/users/-/sessions", { params: { query }, signal }))
        : body(api.GET("/users/{name}/sessions", { params: { path: { name }, query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor,
  });

/** The applications that somebody signed in to; without a name, those of one's own. */
export const usedApplicationsQuery = (name?: string) =>
  infiniteQueryOptions({
    queryKey: ["users", "applications", name ?? "-"],
    queryFn: ({ signal, pageParam }) => {
      const query = { size: 50, cursor: pageParam, sort: ["spec.displayName"] };
      return name === undefined
        ? body(api.GET("/users/-/applications", { params: { query }, signal }))
        : body(api.GET("/users/{name}/applications", { params: { path: { name }, query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor,
  });

/** The accounts elsewhere that somebody signs in with; without a name, one's own. */
export const identitiesQuery = (name?: string) =>
  infiniteQueryOptions({
    queryKey: ["users", "identities", name ?? "-"],
    queryFn: ({ signal, pageParam }) => {
      const query = { size: 50, cursor: pageParam };
      return name === undefined
        ? body(api.GET("/users/-/identities", { params: { query }, signal }))
        : body(api.GET("/users/{name}/identities", { params: { path: { name }, query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor,
  });

/** The ways to sign in, as whoever is signed in may use them. */
export const waysInQuery = queryOptions({
  queryKey: ["users", "ways-in"],
  queryFn: ({ signal }) => body(api.GET("/auth-providers", { signal })),
});

/** What an application would be told of somebody who signed in to it with these scopes. */
export const previewQuery = (asked: { user: string; application: string; scopes: string[]; resources: string[] }) =>
  queryOptions({
    queryKey: ["users", "preview", asked],
    queryFn: ({ signal }) => {
      const { user: name, application, scopes, resources } = asked;
      const params = { path: { name, application } };
      return body(api.POST("/users/{name}/applications/{application}/preview", { params, body: { scopes, resources }, signal }));
    },
  });

export const roleQuery = (name: string) =>
  queryOptions({
    queryKey: ["roles", "one", name],
    queryFn: ({ signal }) => body(api.GET("/roles/{name}", { params: { path: { name } }, signal })),
  });

/** Every permission of the program, with the roles that give it: changes with the roles. */
export const permissionsQuery = queryOptions({
  queryKey: ["roles", "permissions"],
  queryFn: ({ signal }) => whole((query) => body(api.GET("/permissions", { params: { query }, signal }))),
  staleTime: MINUTE,
});

export const explainQuery = (question: Question) =>
  queryOptions({
    queryKey: ["roles", "explain", question],
    queryFn: ({ signal }) => body(api.POST("/permissions/-/explain", { body: question, signal })),
    staleTime: 0,
  });

export const whoCanQuery = (asked: { resource: string; verb: string; name?: string }) =>
  infiniteQueryOptions({
    queryKey: ["roles", "who-can", asked],
    queryFn: ({ signal, pageParam }) =>
      body(api.GET("/permissions/-/who-can", { params: { query: { ...asked, size: 20, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor,
    staleTime: 0,
  });

export interface AuditAsked {
  size: number;
  cursor?: string;
  actor?: string;
  action?: string;
  object?: string;
  outcome?: Outcome;
  requestId?: string;
  since?: string;
  until?: string;
}

export const auditQuery = (asked: AuditAsked) =>
  queryOptions({
    queryKey: ["audit", "list", asked],
    queryFn: ({ signal }) => body(api.GET("/audit-events", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

/** Every event is hashed anew for this, so it is not asked for twice in a while. */
export const verificationQuery = queryOptions({
  queryKey: ["audit", "verification"],
  queryFn: ({ signal }) => body(api.GET("/audit-events/-/verification", { signal })),
  staleTime: 5 * MINUTE,
});

/** Deliveries happen behind the page's back, so these lists ask again by themselves. */
const MESSAGES_EVERY = 5_000;

export interface FilteredListOf extends ListOf {
  fieldSelector?: string[];
}

export interface MessagesAsked extends FilteredListOf {
  createdAfter?: string;
  createdBefore?: string;
}

export const messagesQuery = (asked: MessagesAsked) =>
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

/** The addresses that mail is not sent to. */
export const undeliverableQuery = infiniteQueryOptions({
  queryKey: ["undeliverable"],
  queryFn: ({ signal, pageParam }) =>
    body(api.GET("/undeliverable-addresses", { params: { query: { size: 100, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.nextCursor,
});

export const statsOverviewQuery = queryOptions({
  queryKey: ["stats", "overview"],
  queryFn: ({ signal }) => body(api.GET("/stats/overview", { signal })),
});

/** How often something happened: in the last 24 hours or 30 days. */
export const statsSeriesQuery = (metric: StatsMetric, step: StatsStep) =>
  queryOptions({
    queryKey: ["stats", "series", metric, step],
    queryFn: ({ signal }) => body(api.GET("/stats/series", { params: { query: { metric, step } }, signal })),
    staleTime: MINUTE,
  });

/** Why no mail came to an address. */
export const deliveryQuery = (address: string) =>
  queryOptions({
    queryKey: ["messages", "why", address],
    queryFn: ({ signal }) => body(api.GET("/messages/-/explain", { params: { query: { address } }, signal })),
  });

/** The invitations that wait to be accepted; they are accepted behind the page's back. */
export const invitationsQuery = infiniteQueryOptions({
  queryKey: ["invitations"],
  queryFn: ({ signal, pageParam }) =>
    body(api.GET("/invitations", { params: { query: { size: 100, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.nextCursor,
});

export const applicationsQuery = (asked: FilteredListOf) =>
  queryOptions({
    queryKey: ["applications", "list", asked],
    queryFn: ({ signal }) => body(api.GET("/applications", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

export const applicationQuery = (name: string) =>
  queryOptions({
    queryKey: ["applications", "one", name],
    queryFn: ({ signal }) => body(api.GET("/applications/{name}", { params: { path: { name } }, signal })),
  });

export const applicationLogoutsQuery = (name: string) =>
  queryOptions({
    queryKey: ["applications", "logouts", name],
    queryFn: ({ signal }) => {
      const params = { path: { name }, query: { size: 100 } };
      return body(api.GET("/applications/{name}/logout-deliveries", { params, signal }));
    },
  });

export const applicationSecretsQuery = (name: string) =>
  queryOptions({
    queryKey: ["applications", "secrets", name],
    queryFn: ({ signal }) => body(api.GET("/applications/{name}/secrets", { params: { path: { name } }, signal })),
  });

export const resourceServersQuery = (asked: FilteredListOf) =>
  queryOptions({
    queryKey: ["resource-servers", "list", asked],
    queryFn: ({ signal }) => body(api.GET("/resource-servers", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

export const allResourceServersQuery = queryOptions({
  queryKey: ["resource-servers", "all"],
  queryFn: ({ signal }) => whole((query) => body(api.GET("/resource-servers", { params: { query }, signal }))),
  staleTime: MINUTE,
});

export const resourceServerQuery = (name: string) =>
  queryOptions({
    queryKey: ["resource-servers", "one", name],
    queryFn: ({ signal }) => body(api.GET("/resource-servers/{name}", { params: { path: { name } }, signal })),
  });

export const resourceServerSecretsQuery = (name: string) =>
  queryOptions({
    queryKey: ["resource-servers", "secrets", name],
    queryFn: ({ signal }) => body(api.GET("/resource-servers/{name}/secrets", { params: { path: { name } }, signal })),
  });

export const providersQuery = (asked: FilteredListOf & { sort?: string[] }) =>
  queryOptions({
    queryKey: ["providers", "list", asked],
    queryFn: ({ signal }) => body(api.GET("/auth-provider-configs", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

export const providerQuery = (name: string) =>
  queryOptions({
    queryKey: ["providers", "one", name],
    queryFn: ({ signal }) => body(api.GET("/auth-provider-configs/{name}", { params: { path: { name } }, signal })),
  });

export const signingKeysQuery = (asked: FilteredListOf) =>
  queryOptions({
    queryKey: ["signing-keys", asked],
    queryFn: ({ signal }) => body(api.GET("/signing-keys", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

/** Who the tenant's tokens are issued by: its canonical address, whichever one this console was opened at. */
export const issuerQuery = queryOptions({
  queryKey: ["issuer"],
  queryFn: async ({ signal }) => (await published(signal)).issuer,
  staleTime: 10 * MINUTE,
});

/** What the tenant decides for itself, by its name in the API. */
export const policyQueries = {
  password: queryOptions({
    queryKey: ["policies", "password"],
    queryFn: ({ signal }) => body(api.GET("/policies/password", { signal })),
  }),
  signUp: queryOptions({
    queryKey: ["policies", "sign-up"],
    queryFn: ({ signal }) => body(api.GET("/policies/sign-up", { signal })),
  }),
  sessions: queryOptions({
    queryKey: ["policies", "sessions"],
    queryFn: ({ signal }) => body(api.GET("/policies/sessions", { signal })),
  }),
  signingKeys: queryOptions({
    queryKey: ["policies", "signing-keys"],
    queryFn: ({ signal }) => body(api.GET("/policies/signing-keys", { signal })),
  }),
  backups: queryOptions({
    queryKey: ["policies", "backups"],
    queryFn: ({ signal }) => body(api.GET("/policies/backups", { signal })),
  }),
  notifications: queryOptions({
    queryKey: ["policies", "notifications"],
    queryFn: ({ signal }) => body(api.GET("/policies/notifications", { signal })),
  }),
  limits: queryOptions({
    queryKey: ["policies", "limits"],
    queryFn: ({ signal }) => body(api.GET("/policies/limits", { signal })),
  }),
  captcha: queryOptions({
    queryKey: ["policies", "captcha"],
    queryFn: ({ signal }) => body(api.GET("/policies/captcha", { signal })),
  }),
  branding: queryOptions({
    queryKey: ["policies", "branding"],
    queryFn: ({ signal }) => body(api.GET("/policies/branding", { signal })),
  }),
  authentication: queryOptions({
    queryKey: ["policies", "authentication"],
    queryFn: ({ signal }) => body(api.GET("/policies/authentication", { signal })),
  }),
  crossOrigin: queryOptions({
    queryKey: ["policies", "cross-origin"],
    queryFn: ({ signal }) => body(api.GET("/policies/cross-origin", { signal })),
  }),
  attachments: queryOptions({
    queryKey: ["policies", "attachments"],
    queryFn: ({ signal }) => body(api.GET("/policies/attachments", { signal })),
  }),
};

/** Where reports of bounces are sent, and since when there is a secret for them. */
export const bounceSecretQuery = queryOptions({
  queryKey: ["senders", "bounces"],
  queryFn: ({ signal }) => body(api.GET("/notifiers/default-email-notifier/bounce-secret", { signal })),
});

export const dkimKeysQuery = (name: string) =>
  queryOptions({
    queryKey: ["senders", "keys", name],
    queryFn: ({ signal }) => body(api.GET("/senders/{name}/dkim-keys", { params: { path: { name } }, signal })),
  });

export interface AttachmentsAsked {
  page: number;
  size: number;
  keyword?: string;
  ungrouped?: boolean;
  accepts?: string[];
  fieldSelector?: string[];
}

export const attachmentsQuery = (asked: AttachmentsAsked) =>
  queryOptions({
    queryKey: ["attachments", "list", asked],
    queryFn: ({ signal }) => body(api.GET("/attachments", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

export const attachmentQuery = (name: string) =>
  queryOptions({
    queryKey: ["attachments", "one", name],
    queryFn: ({ signal }) => body(api.GET("/attachments/{name}", { params: { path: { name } }, signal })),
  });

/** How much room files take. */
export const attachmentUsageQuery = queryOptions({
  queryKey: ["attachments", "usage"],
  queryFn: ({ signal }) => body(api.GET("/attachments/-/usage", { signal })),
});

/** As many groups as there can be. */
export const attachmentGroupsQuery = queryOptions({
  queryKey: ["attachments", "groups"],
  queryFn: ({ signal }) => body(api.GET("/attachment-groups", { params: { query: { size: 100 } }, signal })),
});

/** What the tenant is in files, the newest first. */
export const backupsQuery = (asked: FilteredListOf) =>
  queryOptions({
    queryKey: ["backups", asked],
    queryFn: ({ signal }) => body(api.GET("/backups", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

/** Restores that were done and refused, the newest first. */
export const restorationsQuery = (asked: FilteredListOf) =>
  queryOptions({
    queryKey: ["restorations", asked],
    queryFn: ({ signal }) => body(api.GET("/restorations", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });

/** How far an import of users is. */
export const userImportQuery = (name: string) =>
  queryOptions({
    queryKey: ["user-imports", name],
    queryFn: ({ signal }) => body(api.GET("/user-imports/{name}", { params: { path: { name } }, signal })),
  });

/** What is wrong with its file, the first row first. */
export const rejectionsQuery = (name: string) =>
  queryOptions({
    queryKey: ["user-imports", name, "rejections"],
    queryFn: ({ signal }) =>
      body(api.GET("/user-imports/{name}/rejections", { params: { path: { name }, query: { size: 100, sort: ["row,asc"] } }, signal })),
  });

/** How far an act on many users is. */
export const userBatchQuery = (name: string) =>
  queryOptions({
    queryKey: ["user-batches", name],
    queryFn: ({ signal }) => body(api.GET("/user-batches/{name}", { params: { path: { name } }, signal })),
  });

/** Whom it was refused for, the first one first. */
export const refusedQuery = (name: string) =>
  queryOptions({
    queryKey: ["user-batches", name, "rejections"],
    queryFn: ({ signal }) =>
      body(api.GET("/user-batches/{name}/rejections", { params: { path: { name }, query: { size: 100, sort: ["number,asc"] } }, signal })),
  });

/** The texts of messages, in short. */
export const templatesQuery = queryOptions({
  queryKey: ["templates", "list"],
  queryFn: ({ signal }) => body(api.GET("/message-templates", { signal })),
});

/** The text of a kind of message in a language, as the address names them. */
export const templateQuery = (kind: string, language: string) =>
  queryOptions({
    queryKey: ["templates", "one", kind, language],
    queryFn: ({ signal }) =>
      body(
        api.GET("/message-templates/{kind}/{language}", {
          params: { path: { kind: kind as MessageKind, language: language as TemplateLanguage } },
          signal,
        }),
      ),
  });

/** What a template makes of example values. */
export const templatePreviewQuery = (kind: MessageKind, language: TemplateLanguage, parts: TemplateParts) =>
  queryOptions({
    queryKey: ["templates", "preview", kind, language, parts],
    queryFn: ({ signal }) =>
      body(api.POST("/message-templates/{kind}/{language}/preview", { params: { path: { kind, language } }, body: parts, signal })),
    gcTime: 0,
  });

export const mailPolicyQuery = queryOptions({
  queryKey: ["senders", "policy"],
  queryFn: ({ signal }) => body(api.GET("/policies/mail", { signal })),
});
