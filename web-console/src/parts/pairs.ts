/** One entry of a map while it is edited; the id keeps its row when the key changes. */
export interface Pair {
  id: number;
  key: string;
  value: string;
}

export function toPairs(map: Record<string, string>): Pair[] {
  return Object.entries(map)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value], id) => ({ id, key, value }));
}

/** The pairs as a map; what has no key is not meant yet. */
export function fromPairs(pairs: Pair[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }): [string, string] => [key.trim(), value]).filter(([key]) => key !== ""));
}

/** The first key that stands twice. */
export function repeated(pairs: Pair[]): string | undefined {
  const keys = pairs.map(({ key }) => key.trim()).filter((key) => key !== "");
  return keys.find((key, at) => keys.indexOf(key) !== at);
}

/** The merge patch (RFC 7396) that makes one map of the other: what is gone is null, what stays is not named. */
export function mapPatch(before: Record<string, string>, after: Record<string, string>): Record<string, string | null> | undefined {
  const patch: Record<string, string | null> = {};
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch[key] = null;
  for (const [key, value] of Object.entries(after)) if (before[key] !== value) patch[key] = value;
  return Object.keys(patch).length === 0 ? undefined : patch;
}
