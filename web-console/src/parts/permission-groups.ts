import type { PermissionItem, Scope } from "../api/types";

/** The permissions of one resource. */
export interface Group<T> {
  resource: string;
  items: T[];
}

/** Permissions by resource, both in the order they came. */
export function byResource<T extends { resource: string }>(items: readonly T[]): Group<T>[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(item.resource, [...(groups.get(item.resource) ?? []), item]);
  return [...groups].map(([resource, members]) => ({ resource, items: members }));
}

/** A permission of somebody: for all, for what is their own, or not at all. */
export interface Held {
  name: string;
  resource: string;
  verb: string;
  summary: string;
  scope?: Exclude<Scope, "some">;
}

/** What somebody may do, and if all permissions are known, what they may not. */
export function held(uiPermissions: readonly string[], known: readonly PermissionItem[]): Held[] {
  const items = known.length > 0 ? known : uiPermissions.map((text) => ({ ...named(text.replace(/@self$/, "")), summary: "" }));
  return items.map(({ name, resource, verb, summary }) => ({
    name,
    resource,
    verb,
    summary,
    scope: uiPermissions.includes(name) ? "all" : uiPermissions.includes(`${name}@self`) ? "own" : undefined,
  }));
}

/** `resource:verb` taken apart. */
export function named(name: string): { name: string; resource: string; verb: string } {
  const at = name.lastIndexOf(":");
  return { name, resource: name.slice(0, Math.max(at, 0)), verb: name.slice(at + 1) };
}

/** How a role holds each permission; what it does not hold is absent. */
export function scopesOf(role: string, items: readonly PermissionItem[]): Map<string, Scope> {
  return new Map(
    items.flatMap((item) =>
      item.roles.filter((giver) => giver.role === role).map((giver): [string, Scope] => [item.name, giver.scope]),
    ),
  );
}
