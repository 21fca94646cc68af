/** One place in an object that is not as it was. */
export interface Difference {
  path: string;
  before: unknown;
  after: unknown;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Where two objects differ, by the paths of their fields; lists are compared whole. What is absent is like null. */
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (same(before ?? null, after ?? null)) return [];
  // Of what was made or deleted, each field that says something.
  if ((isMap(before) && (isMap(after) || after == null)) || (isMap(after) && before == null)) {
    const [old, young] = [isMap(before) ? before : {}, isMap(after) ? after : {}];
    const keys = [...new Set([...Object.keys(old), ...Object.keys(young)])];
    return keys.flatMap((key) => differences(old[key], young[key], path === "" ? key : `${path}.${key}`));
  }
  return [{ path, before: before ?? null, after: after ?? null }];
}

/** What an audit event says was changed. */
export interface Change {
  kind: string;
  name: string;
  before: unknown;
  after: unknown;
}

/** The changes of an audit event; what is none of them is left out. */
export function changesOf(value: unknown): Change[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isMap).map((change) => ({
    kind: typeof change.kind === "string" ? change.kind : "",
    name: typeof change.name === "string" ? change.name : "",
    before: change.before,
    after: change.after,
  }));
}

/** A value in few words. */
export function shortly(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
