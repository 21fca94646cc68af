/** What the addresses of lists said when they were left, by their paths. */
const searches = new Map<string, object>();

/** Remembers a list as it was left, without the dialogs that were open. */
export function leave(path: string, search: object): void {
  const { create: _create, invite: _invite, ...rest } = search as Record<string, unknown>;
  searches.set(path, rest);
}

/** How a list was left, for the way back to it. */
export const leftAt = (path: string | undefined): object => searches.get(path ?? "") ?? {};
