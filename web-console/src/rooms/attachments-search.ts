import type { AttachmentsAsked } from "../api/queries";
import { parsePaging, text, type Paging } from "../url";
import { pageAsked } from "./applications-search";

export const KINDS = { pictures: "image/*", texts: "text/*", documents: "application/*" } as const;
export type Kind = keyof typeof KINDS;

/** What stands in the address for files that are in no group. */
export const UNGROUPED = "-";

/** What the address of the files says. */
export interface AttachmentsSearch extends Paging {
  q?: string;
  kind?: Kind;
  /** The name of a group, or {@link UNGROUPED}. */
  group?: string;
  view?: "list";
  /** The file that is looked into. */
  file?: string;
}

export function parseAttachments(search: Record<string, unknown>): AttachmentsSearch {
  return {
    ...parsePaging(search),
    q: text(search.q),
    kind: (Object.keys(KINDS) as Kind[]).find((known) => known === search.kind),
    group: text(search.group),
    view: search.view === "list" ? "list" : undefined,
    file: text(search.file),
  };
}

/** Whether some files are left out. */
export function isFiltered({ q, kind, group }: AttachmentsSearch): boolean {
  return [q, kind, group].some((value) => value !== undefined);
}

/** The question to the server that an address asks. */
export function attachmentsAsked(search: AttachmentsSearch): AttachmentsAsked {
  const { q, kind, group } = search;
  const asked = pageAsked(search, { "spec.groupName": group === UNGROUPED ? undefined : group });
  return {
    ...asked,
    keyword: q,
    ungrouped: group === UNGROUPED ? true : undefined,
    accepts: kind === undefined ? undefined : [KINDS[kind]],
  };
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** A number of bytes in the largest unit that fits, with one digit behind the point. */
export function bytes(count: number, locale: string): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)));
  const value = count / 1024 ** step;
  const style = { style: "unit", unit: UNITS[step], unitDisplay: "short", maximumFractionDigits: value < 10 && step > 0 ? 1 : 0 } as const;
  return new Intl.NumberFormat(locale, style).format(value);
}

/** The path of an address of ours: pictures are shown from where the console itself is. */
export function pathOf(address: string): string {
  const { pathname, search } = new URL(address);
  return pathname + search;
}
