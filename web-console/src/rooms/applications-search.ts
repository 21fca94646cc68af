import type { FilteredListOf } from "../api/queries";
import type { ApplicationOrigin, ApplicationPreset, SigningAlgorithm, SigningKey } from "../api/types";
import { DEFAULT_SIZE, parsePaging, text, type Paging } from "../url";

/** What somebody can make; there is one kind more, which only has a name and a look. */
export const MADE_PRESETS = ["web-server", "single-page", "native", "machine", "gateway"] as const satisfies ApplicationPreset[];
export const PRESETS: readonly ApplicationPreset[] = [...MADE_PRESETS, "label"];
export const ORIGINS: readonly ApplicationOrigin[] = ["built-in", "console", "registration", "document"];
export const ALGORITHMS: readonly SigningAlgorithm[] = ["EdDSA", "ES256", "RS256"];
export type KeyState = SigningKey["status"]["state"];
export const KEY_STATES: readonly KeyState[] = ["next", "active", "retiring", "retired"];

/** What the address of the list of applications says. */
export interface ApplicationsSearch extends Paging {
  q?: string;
  preset?: ApplicationPreset;
  origin?: ApplicationOrigin;
  create?: "1";
}

export function parseApplications(search: Record<string, unknown>): ApplicationsSearch {
  return {
    ...parsePaging(search),
    q: text(search.q),
    preset: PRESETS.find((known) => known === search.preset),
    origin: ORIGINS.find((known) => known === search.origin),
    create: search.create === "1" ? "1" : undefined,
  };
}

/** What the address of the list of APIs says. */
export interface ApisSearch extends Paging {
  q?: string;
  create?: "1";
}

export function parseApis(search: Record<string, unknown>): ApisSearch {
  return { ...parsePaging(search), q: text(search.q), create: search.create === "1" ? "1" : undefined };
}

/** What the address of the list of providers says. */
export interface ProvidersSearch extends Paging {
  create?: "1";
}

export function parseProviders(search: Record<string, unknown>): ProvidersSearch {
  return { ...parsePaging(search), create: search.create === "1" ? "1" : undefined };
}

/** What the address of the list of keys says. */
export interface KeysSearch extends Paging {
  algorithm?: SigningAlgorithm;
  state?: KeyState;
}

export function parseKeys(search: Record<string, unknown>): KeysSearch {
  return {
    ...parsePaging(search),
    algorithm: ALGORITHMS.find((known) => known === search.algorithm),
    state: KEY_STATES.find((known) => known === search.state),
  };
}

/** The question to the server for a page of a list, cut down to what is so of these fields. */
export function pageAsked({ page = 1, size = DEFAULT_SIZE }: Paging, fields: Record<string, string | undefined>): FilteredListOf {
  const selectors = Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [`${field}=${value}`]));
  return { page, size, fieldSelector: selectors.length === 0 ? undefined : selectors };
}
