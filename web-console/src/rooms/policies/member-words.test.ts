import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { en } from "../../i18n/en";
import { zh } from "../../i18n/zh";
import { INHERITED_TABS, OWN_TABS } from "../instance-settings/tabs";
import { memberWords } from "./member-words";

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  schema: Schema;
}

const { paths, components } = JSON.parse(readFileSync("../openapi/console.v1alpha1.json", "utf8"));

const resolved = (schema: Schema): Schema => (schema.$ref === undefined ? schema : components.schemas[schema.$ref.split("/").at(-1)!]);

/** The members of a spec, those of members of it among them. */
function members(schema: Schema, path = ""): string[] {
  const { properties } = resolved(schema);
  if (properties === undefined) return [path];
  return Object.entries(properties).flatMap(([name, inside]) => members(inside, path === "" ? name : `${path}.${name}`));
}

test.each(INHERITED_TABS)("each member of the policy %s has words in both languages", (policy) => {
  const answer = paths[`/apis/console/v1alpha1/policies/${policy}`].get.responses["200"].content["application/json"].schema;
  const names = members(resolved(answer).properties!.spec!);
  expect(names.length).toBeGreaterThan(0);
  for (const t of [en, zh]) {
    const labels = names.map((name) => memberWords(t, policy)(name).label);
    expect(labels.filter((label, at) => label === names[at])).toEqual([]);
    expect(new Set(labels).size).toBe(names.length);
  }
});

test("what the instance decides for itself has words in both languages", () => {
  const own: Record<(typeof OWN_TABS)[number], string[]> = {
    general: ["name"],
    tenancy: ["graceDays", "defaultQuotas.users", "defaultQuotas.attachmentBytes", "defaultQuotas.mailsPerDay"],
  };
  for (const t of [en, zh]) {
    for (const tab of OWN_TABS) {
      const labels = own[tab].map((name) => memberWords(t, tab)(name).label);
      expect(labels.filter((label, at) => label === own[tab][at])).toEqual([]);
      expect(new Set(labels).size).toBe(labels.length);
    }
  }
});

test("values that have names are called by them", () => {
  expect(memberWords(en, "sign-up")("mode").of).toMatchObject({ invited: "By invitation" });
  expect(memberWords(en, "limits")("signInPair.most").label).toBe("Signing in, same account, same network: lock for a day after");
  expect(memberWords(en, "sessions")("unheard-of")).toEqual({ label: "unheard-of" });
});
