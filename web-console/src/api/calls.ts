import type { Middleware } from "openapi-fetch";

/** A call of the API as it was made, without the session that went with it. */
export interface Call {
  method: string;
  /** The base of its group, and its path in the document below that. */
  baseUrl: string;
  template: string;
  address: string;
  params: { path?: object; query?: object; header?: object };
  contentType?: string;
  /** What was sent, if it was JSON. */
  sent?: unknown;
  /** What was answered; nothing yet while it is under way, or if nothing came. */
  status?: number;
}

/** As many as somebody may want to look back at. */
const MOST = 20;

let calls: readonly Call[] = [];
const watchers = new Set<() => void>();

function keep(next: readonly Call[]): void {
  calls = next;
  for (const tell of watchers) tell();
}

/** The calls of this page, the newest first, each once. */
export const madeCalls = (): readonly Call[] => calls;

export function watchCalls(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}

/** Another page begins. */
export const forgetCalls = (): void => keep([]);

const isSame = (one: Call, other: Call) =>
  one.method === other.method && one.address === other.address && JSON.stringify(one.sent) === JSON.stringify(other.sent);

const underWay = new Map<string, Call>();

/** Remembers each call that is made. */
export const remembering: Middleware = {
  async onRequest({ id, request, schemaPath, params, options }) {
    const contentType = request.headers.get("Content-Type") ?? undefined;
    const isJson = contentType?.includes("json") ?? false;
    const sent: unknown = isJson ? await request.clone().json() : undefined;
    const { path, query, header } = params;
    underWay.set(id, { method: request.method, baseUrl: options.baseUrl, template: schemaPath, address: request.url, params: { path, query, header }, contentType, sent });
  },
  onResponse({ id, response }) {
    const begun = underWay.get(id);
    underWay.delete(id);
    if (begun === undefined) return;
    const call = { ...begun, status: response.status };
    keep([call, ...calls.filter((other) => !isSame(call, other))].slice(0, MOST));
  },
  onError({ id }) {
    underWay.delete(id);
  },
};
