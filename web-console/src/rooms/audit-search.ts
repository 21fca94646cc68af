import type { AuditAsked } from "../api/queries";
import type { Outcome } from "../api/types";
import { instant, localTime, text, wholeNumber } from "../url";

export const OUTCOMES: readonly Outcome[] = ["done", "refused", "denied"];

/** What the address of the audit page says. */
export interface AuditSearch {
  actor?: string;
  action?: string;
  object?: string;
  outcome?: Outcome;
  request?: string;
  /** Local times, as the browser's own fields write them: `2026-11-21T09:30`. */
  since?: string;
  until?: string;
  /** Where the newer part ended. */
  before?: string;
  /** The number of the event that is looked into. */
  event?: number;
}

export function parseAudit(search: Record<string, unknown>): AuditSearch {
  return {
    actor: text(search.actor),
    action: text(search.action),
    object: text(search.object),
    outcome: OUTCOMES.find((known) => known === search.outcome),
    request: text(search.request),
    since: localTime(search.since),
    until: localTime(search.until),
    before: text(search.before),
    event: wholeNumber(search.event, 1, Number.MAX_SAFE_INTEGER),
  };
}

/** The question to the server that an address asks. */
export function auditAsked({ actor, action, object, outcome, request, since, until }: AuditSearch): Omit<AuditAsked, "size" | "cursor"> {
  return { actor, action, object, outcome, requestId: request, since: instant(since), until: instant(until) };
}
