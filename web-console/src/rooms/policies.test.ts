import { expect, test } from "vitest";
import { en } from "../i18n/en";
import { brandingValues, inkOn, isColor, isHome, isHttps, isLogo, newApplication, wantedBranding } from "./policies/branding-values";
import { captchaValues, secretKept, wantedCaptcha } from "./policies/captcha-values";
import { isDefault, LIMIT_DEFAULTS, LIMIT_GROUPS } from "./policies/limit-groups";
import { noNumber } from "./policies/numbers";
import { passwordValues, wantedPassword } from "./policies/password-values";

const metadata = { name: "policy", version: 3 };
const pinned: string[] = [];
const status = { inherited: {}, isDefault: false, locked: [], problems: [] };

test("rules are asked for only where they are the tenant's own", () => {
  const values = passwordValues({
    metadata,
    spec: {
      preset: "nist-single",
      minLength: 15,
      maxLength: 256,
      requireClasses: [],
      blocklist: { common: true, contextWords: true, words: ["acme"] },
      minEstimatorScore: 3,
    },
    pinned,
    status: { ...status, conformance: { nist80063b4: true, asvs5: true, why: [] } },
  });
  expect(wantedPassword(values)).toEqual({ preset: "nist-single", blocklist: { words: ["acme"] } });
  expect(wantedPassword({ ...values, preset: "custom", requireClasses: ["digit", "lower"], minEstimatorScore: "0" })).toEqual({
    preset: "custom",
    minLength: 15,
    maxLength: 256,
    requireClasses: ["lower", "digit"],
    blocklist: { common: true, contextWords: true, words: ["acme"] },
    minEstimatorScore: 0,
  });
});

test("every limit stands in one group, with its default", () => {
  const grouped = Object.values(LIMIT_GROUPS).flat();
  expect(grouped.toSorted()).toEqual(Object.keys(LIMIT_DEFAULTS).toSorted());
  const changed = { ...LIMIT_DEFAULTS, codePause: { most: 2, seconds: 60 } };
  expect(isDefault(changed, "signIn")).toBe(true);
  expect(isDefault(changed, "codes")).toBe(false);
});

test("a secret goes with its provider, and only when there is a new one", () => {
  const policy = {
    metadata,
    pinned,
    status,
    spec: {
      provider: "turnstile" as const,
      siteKey: "key",
      secretSet: true,
      hostnames: [],
      minScore: 0.5,
      required: { signUp: true, sendCode: false, resetPassword: false, signIn: "never" as const },
      onOutage: "refuse" as const,
    },
  };
  const values = captchaValues(policy);
  expect(values.secret).toBe("");
  expect(wantedCaptcha(values)).not.toHaveProperty("secret");
  expect(wantedCaptcha({ ...values, secret: "new" }).secret).toBe("new");
  expect(secretKept(policy, "turnstile")).toBe(true);
  expect(secretKept(policy, "hcaptcha")).toBe(false);
  // Whatever the hidden fields still hold.
  expect(wantedCaptcha({ ...values, provider: "none", secret: "typed" })).toMatchObject({ provider: "none", required: { signUp: false } });
  expect(wantedCaptcha({ ...values, provider: "none", secret: "typed" })).not.toHaveProperty("secret");
});

test("what an application leaves empty is not sent", () => {
  const values = brandingValues({
    metadata,
    pinned,
    status,
    spec: { color: "#1c6b85", applications: [{ clientId: "web", displayName: "Web", color: "#000000" }] },
  });
  const added = newApplication(values.applications);
  expect(added.row).toBe(1);
  expect(newApplication([]).row).toBe(0);
  const wanted = wantedBranding({ ...values, applications: [...values.applications, { ...added, clientId: " app ", displayName: "App" }] });
  expect(wanted).toEqual({
    color: "#1c6b85",
    applications: [
      { clientId: "web", displayName: "Web", color: "#000000" },
      { clientId: "app", displayName: "App" },
    ],
  });
});

test("colours and addresses are looked at as they are typed", () => {
  expect([isColor("#1C6b85"), isColor("red"), isColor("#fff")]).toEqual([true, false, false]);
  expect([isLogo(""), isLogo("https://a.example/x.png"), isLogo("http://a.example"), isLogo("javascript:1")]).toEqual([true, true, false, false]);
  expect([isLogo(`/files/${"0a".repeat(32)}/x.png`), isLogo("/files/0a/x.png"), isHttps(`/files/${"0a".repeat(32)}/x.png`)]).toEqual([true, false, false]);
  expect([isHome("http://a.example"), isHome("a.example")]).toEqual([true, false]);
  // As the server's pages choose it.
  expect(["#000000", "#862e9c", "#ffffff", "#ffd43b"].map(inkOn)).toEqual(["#ffffff", "#ffffff", "#000000", "#000000"]);
});

test("a field for a number needs one", () => {
  const number = noNumber(en);
  expect([number(0), number(""), number("9".repeat(30)), number(Number.NaN)]).toEqual([null, "Enter a number.", "Enter a number.", "Enter a number."]);
});
