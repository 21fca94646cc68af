/** Query strings as plain words: the router's own form would write `"12"` in quotes and turn a search for 12 into a number. */
export function parseSearch(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}

/** The opposite of {@link parseSearch}; what is undefined or empty is left out, so that addresses stay short. */
export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([key, value]) => [key, String(value)]);
  const query = new URLSearchParams(pairs).toString();
  return query === "" ? "" : `?${query}`;
}

/** A whole number from an address, or the default when it is absent, not a number or out of range. */
export function wholeNumber(value: unknown, least: number, most: number): number | undefined {
  const number = typeof value === "number" ? value : Number(typeof value === "string" && value !== "" ? value : Number.NaN);
  return Number.isInteger(number) && number >= least && number <= most ? number : undefined;
}

/** A non-empty text from an address. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/;

/** A local time from an address, as the browser's own fields write them: `2026-11-21T09:30`. */
export function localTime(value: unknown): string | undefined {
  const said = text(value);
  return said !== undefined && LOCAL.test(said) && !Number.isNaN(Date.parse(said)) ? said : undefined;
}

/** The moment of a local time, as the server writes it. */
export function instant(local?: string): string | undefined {
  return local === undefined ? undefined : new Date(local).toISOString();
}

/** What was asked for before signing in; only a path inside the console, or a link could send people anywhere. */
export function safeNext(value: unknown): string | undefined {
  const path = text(value);
  if (path === undefined || !path.startsWith("/") || path.includes("\\")) return undefined;
  const stranger = new URL(path, "http://console.invalid");
  return stranger.origin !== "http://console.invalid" || path.startsWith("//") ? undefined : path;
}

export const PAGE_SIZES = [10, 20, 50, 100] as const;
export const DEFAULT_SIZE = 20;

/** Paging in an address: the first page and the default size are left out. */
export interface Paging {
  page?: number;
  size?: number;
}

export function parsePaging(search: Record<string, unknown>): Paging {
  const size = wholeNumber(search.size, 1, 100);
  const page = wholeNumber(search.page, 1, 1_000_000);
  return {
    page: page === 1 ? undefined : page,
    size: size === DEFAULT_SIZE || !PAGE_SIZES.some((known) => known === size) ? undefined : size,
  };
}
