import type { MessagesAsked } from "../api/queries";
import type { Message, MessageKind } from "../api/types";
import { instant, localTime, parsePaging, text, type Paging } from "../url";
import { pageAsked } from "./applications-search";

type State = Message["status"]["state"];

export const STATES: readonly State[] = ["queued", "sending", "deferred", "sent", "kept", "failed", "cancelled", "dropped", "bounced", "complained"];

export const KINDS: readonly MessageKind[] = [
  "verify_email",
  "reset_password",
  "link_identity",
  "invitation",
  "email_changed",
  "address_in_use",
  "password_changed",
  "identity_linked",
  "identity_removed",
  "sender_failing",
  "sign_in_method",
  "domain_failing",
  "quota_near",
  "backup_overdue",
  "backup_damaged",
  "backup_downloaded",
  "restored",
  "sender_test",
];

/** What the address of the log says. */
export interface MessagesSearch extends Paging {
  to?: string;
  state?: State;
  kind?: MessageKind;
  /** The name of the sender it left by. */
  sender?: string;
  /** Local times. */
  since?: string;
  until?: string;
  /** The message that is looked into. */
  message?: string;
  /** The address that no mail came to. */
  why?: string;
}

export function parseMessages(search: Record<string, unknown>): MessagesSearch {
  return {
    ...parsePaging(search),
    to: text(search.to),
    state: STATES.find((known) => known === search.state),
    kind: KINDS.find((known) => known === search.kind),
    sender: text(search.sender),
    since: localTime(search.since),
    until: localTime(search.until),
    message: text(search.message),
    why: text(search.why),
  };
}

/** Whether the log is cut down to some messages. */
export function isFiltered({ to, state, kind, sender, since, until }: MessagesSearch): boolean {
  return [to, state, kind, sender, since, until].some((value) => value !== undefined);
}

/** The question to the server that an address asks. */
export function messagesAsked(search: MessagesSearch): MessagesAsked {
  const { to, state, kind, sender, since, until } = search;
  const fields = { "spec.to": to, "status.state": state, "spec.template": kind, "status.sender": sender };
  return { ...pageAsked(search, fields), createdAfter: instant(since), createdBefore: instant(until) };
}
