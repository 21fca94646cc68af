import { expect, test } from "vitest";
import { fieldOf, patchOf, relocked, valuesOf } from "./members";

const schema = {
  type: "object",
  properties: {
    color: { type: "string" },
    subtitle: { type: ["string", "null"] },
    mode: { $ref: "#/$defs/Mode" },
    signInPair: { $ref: "#/$defs/Delay" },
    told: { type: "boolean" },
    domains: { type: "array", items: { type: "string" } },
    applications: { type: "array", items: { $ref: "#/$defs/Delay" } },
  },
  $defs: { Mode: { type: "string", enum: ["open", "closed"] }, Delay: { type: "object", properties: { free: { type: "integer" } } } },
};

const names = ["color", "subtitle", "mode", "signInPair.free", "told", "domains", "applications"];

const setting = {
  apiVersion: "v1alpha1",
  kind: "InstanceSetting",
  metadata: { name: "made-up", version: 3 },
  spec: { color: "#112233", mode: "open", signInPair: { free: 5 }, told: false, domains: ["a.example"], applications: [] },
  locked: ["mode"],
  status: { isDefault: false, members: names.map((name) => ({ name, decided: false })), problems: [], schema },
};

test("each member is asked for as its schema says", () => {
  expect(names.map((name) => fieldOf(schema, name).kind)).toEqual(["text", "text", "choice", "number", "flag", "words", "other"]);
  expect(fieldOf(schema, "mode")).toEqual({ kind: "choice", of: ["open", "closed"] });
  expect(fieldOf(undefined, "color").kind).toBe("other");
});

test("only what was changed is sent, and what is empty is as by default", () => {
  const values = valuesOf(setting);
  expect(values.subtitle).toBe("");
  expect(patchOf(setting, values)).toEqual({ spec: {}, locked: ["mode"] });
  const changed = { ...values, color: "", signInPair: { free: 9 }, domains: [], $locked: relocked(values.$locked, "color", true) };
  expect(patchOf(setting, changed)).toEqual({
    spec: { color: null, signInPair: { free: 9 }, domains: [] },
    locked: ["mode", "color"],
  });
  expect(relocked(["mode", "color"], "mode", false)).toEqual(["color"]);
});
