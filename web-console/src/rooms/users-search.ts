import type { UsersAsked } from "../api/first-queries";
import type { UserBatchFilter } from "../api/types";
import { DEFAULT_SIZE, parsePaging, text, type Paging } from "../url";

export const SORTS = ["name", "-name", "displayName", "-displayName", "created", "-created"] as const;
export type Sort = (typeof SORTS)[number];

const PROPERTIES: Record<string, string> = {
  name: "metadata.name",
  displayName: "spec.displayName",
  created: "metadata.creationTimestamp",
};
/** What the server does when nobody says otherwise. */
export const DEFAULT_SORT: Sort = "-created";
/** Rows that can be skipped by a page's number; beyond them there is only the page after this one. */
const REACH = 10_000;

/** What the address of the user list says. */
export interface UsersSearch extends Paging {
  q?: string;
  role?: string;
  state?: "active" | "disabled";
  verified?: "yes" | "no";
  sort?: Sort;
  /** Where the page before ended, instead of counting pages. */
  after?: string;
  columns?: string;
  create?: "1";
  invite?: "1";
  import?: "1";
}

export function parseUsers(search: Record<string, unknown>): UsersSearch {
  const sort = SORTS.find((known) => known === search.sort);
  return {
    q: text(search.q),
    role: text(search.role),
    state: search.state === "active" || search.state === "disabled" ? search.state : undefined,
    verified: search.verified === "yes" || search.verified === "no" ? search.verified : undefined,
    sort: sort === DEFAULT_SORT ? undefined : sort,
    ...parsePaging(search),
    after: text(search.after),
    columns: text(search.columns),
    create: search.create === "1" ? "1" : undefined,
    invite: search.invite === "1" ? "1" : undefined,
    import: search.import === "1" ? "1" : undefined,
  };
}

/** Whether the list is cut down to some users. */
export function isFiltered({ q, role, state, verified }: UsersSearch): boolean {
  return [q, role, state, verified].some((filter) => filter !== undefined);
}

/** The query of an export of those whom the list has. */
export function exportAsked(search: UsersSearch): string {
  const { keyword, role, fieldSelector } = usersAsked(search);
  const query = new URLSearchParams({ format: "csv" });
  if (keyword !== undefined) query.set("keyword", keyword);
  if (role !== undefined) query.set("role", role);
  for (const field of fieldSelector ?? []) query.append("fieldSelector", field);
  return query.toString();
}

/** The filter of an act on everybody whom the list has. */
export function filterOf(search: UsersSearch): UserBatchFilter {
  const { keyword, role, fieldSelector = [] } = usersAsked(search);
  return { keyword, role, fieldSelector, labelSelector: [] };
}

/** The last page that can be asked for by its number. */
export function lastPage(size: number): number {
  return Math.floor(REACH / size) + 1;
}

/** The question to the server that an address asks. */
export function usersAsked(search: UsersSearch): UsersAsked {
  const size = search.size ?? DEFAULT_SIZE;
  const fields: string[] = [];
  if (search.state !== undefined) fields.push(`spec.disabled=${search.state === "disabled"}`);
  if (search.verified !== undefined) fields.push(`spec.emailVerified=${search.verified === "yes"}`);
  const sort = search.sort ?? DEFAULT_SORT;
  const property = PROPERTIES[sort.replace("-", "")];
  return {
    size,
    ...(search.after === undefined ? { page: search.page ?? 1 } : { cursor: search.after }),
    keyword: search.q,
    role: search.role,
    fieldSelector: fields.length === 0 ? undefined : fields,
    sort: search.sort === undefined ? undefined : [`${property},${sort.startsWith("-") ? "desc" : "asc"}`],
  };
}
