import type { InstanceSetting } from "../../api/types";

/** What a member is, and so how it is asked for. */
export type Field = { kind: "flag" | "number" | "text" | "words" | "other" } | { kind: "choice"; of: string[] };

/** The values of the form: those of the setting, and what is locked. */
export interface Values {
  [member: string]: unknown;
  $locked: string[];
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inside, name) => (isObject(inside) ? inside[name] : undefined), value);

/** A schema, or the one that it refers to. */
function resolved(root: Json, schema: unknown): Json {
  if (!isObject(schema)) return {};
  const [part] = ["allOf", "anyOf"].flatMap((word) => (Array.isArray(schema[word]) ? (schema[word] as unknown[]) : []));
  const named = schema.$ref ?? (isObject(part) ? part.$ref : undefined);
  if (typeof named !== "string") return schema;
  return resolved(root, isObject(root.$defs) ? root.$defs[named.replace("#/$defs/", "")] : undefined);
}

/** What the member of this name is, as the schema of its setting says. */
export function fieldOf(root: unknown, name: string): Field {
  if (!isObject(root)) return { kind: "other" };
  let schema = root;
  for (const word of name.split(".")) {
    schema = resolved(root, isObject(schema.properties) ? schema.properties[word] : undefined);
  }
  if (Array.isArray(schema.enum)) return { kind: "choice", of: schema.enum.filter((value) => typeof value === "string") };
  const types = new Set([schema.type].flat());
  if (types.has("boolean")) return { kind: "flag" };
  if (types.has("integer") || types.has("number")) return { kind: "number" };
  if (types.has("string")) return { kind: "text" };
  const items = resolved(root, schema.items);
  const isOfWords = types.has("array") && [items.type].flat().includes("string");
  return { kind: isOfWords ? "words" : "other" };
}

function put(values: Json, path: string, value: unknown): void {
  const [name = "", ...rest] = path.split(".");
  if (rest.length === 0) {
    values[name] = value;
    return;
  }
  const inside = values[name];
  const below = isObject(inside) ? inside : {};
  values[name] = below;
  put(below, rest.join("."), value);
}

const EMPTY: Record<Field["kind"], unknown> = { flag: false, words: [], other: [], text: "", number: "", choice: "" };

/** The values of the form, with something in every field. */
export function valuesOf({ spec, locked, status }: InstanceSetting): Values {
  const values = structuredClone(spec) as Json;
  for (const { name } of status.members) {
    if (at(values, name) === undefined) put(values, name, EMPTY[fieldOf(status.schema, name).kind]);
  }
  return { ...values, $locked: [...locked] };
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** The merge patch that makes the setting what stands in the form: a field that is empty is as by default. */
export function patchOf(setting: InstanceSetting, values: Values): { spec: Json; locked: string[] } {
  const before = valuesOf(setting);
  const spec: Json = {};
  for (const { name } of setting.status.members) {
    const value = at(values, name);
    if (!isSame(value, at(before, name))) put(spec, name, value === "" ? null : value);
  }
  return { spec, locked: values.$locked };
}

/** What is locked, with this member or without it. */
export const relocked = (locked: string[], name: string, isLocked: boolean): string[] =>
  isLocked ? [...locked, name] : locked.filter((other) => other !== name);
