import { expect, test } from "vitest";
import { en } from "./en";
import { formatFor } from "./format";
import { preferred } from "./language";
import { zh } from "./zh";

/** Every text by its path; functions are called with recognisable input. */
function flat(texts: object, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (typeof value === "object" && value !== null) for (const [k, v] of flat(value, at)) found.set(k, v);
    else found.set(at, typeof value === "function" ? String(value(2, "«2»", "«3»")) : String(value));
  }
  return found;
}

test("both languages say everything, and say something", () => {
  const english = flat(en);
  const chinese = flat(zh);
  expect([...chinese.keys()].toSorted()).toEqual([...english.keys()].toSorted());
  for (const [key, value] of [...english, ...chinese]) expect(value.trim(), key).not.toBe("");
});

test("Chinese is Chinese, but for the words that are the same", () => {
  const same = [...flat(zh)].filter(([, value]) => !/\p{Script=Han}/u.test(value)).map(([key]) => key);
  expect(same).toEqual([
    "policies.captcha.providers.turnstile",
    "policies.captcha.providers.hcaptcha",
    "policies.captcha.providers.recaptcha",
    "messages.html",
    "senders.dkim.algorithms.ed25519",
    "applications.apis",
    "providers.kinds.oidc",
    "providers.kinds.google",
    "providers.kinds.microsoft",
    "providers.kinds.apple",
    "providers.kinds.github",
    "providers.kinds.facebook",
    "providers.kinds.oauth2",
    "providers.stepsOf.github.0",
    "imports.formats.firebase",
  ]);
});

test("English counts people one by one", () => {
  expect(en.users.total(1, "1")).toBe("1 user");
  expect(en.users.total(0, "0")).toBe("0 users");
  expect(en.users.found(1, "1", "ada")).toBe("1 user matches “ada”");
});

test("the browser's first language that is spoken here wins", () => {
  expect(preferred(["de-DE", "zh-Hant-TW", "en"])).toBe("zh");
  expect(preferred(["EN-us"])).toBe("en");
  expect(preferred(["fr"])).toBe("en");
  expect(preferred(["constructor"])).toBe("en");
});

test("time is told in the largest unit that fits, and never in the future", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  const { ago } = formatFor("en");
  expect(ago("2026-11-21T11:59:30Z", now)).toBe("now");
  expect(ago("2026-11-21T12:00:30Z", now)).toBe("now");
  expect(ago("2026-11-21T11:57:01Z", now)).toBe("2 minutes ago");
  expect(ago("2026-11-20T12:00:00Z", now)).toBe("yesterday");
  expect(ago("2024-11-20T12:00:00Z", now)).toBe("2 years ago");
  expect(formatFor("zh").ago("2026-11-21T11:57:01Z", now)).toBe("2分钟前");
});

test("an exact time says its seconds and its zone", () => {
  expect(formatFor("en").exact("2026-11-21T07:15:03Z")).toMatch(/^2[012] Nov 2026, \d\d:15:03 \S+/);
  expect(formatFor("zh").exact("2026-11-21T07:15:03Z")).toMatch(/15:03/);
});

test("how far a time is from now is told to the second, in both directions", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  const { distance } = formatFor("en");
  expect(distance("2026-11-21T12:05:00Z", now)).toBe("in 5 minutes");
  expect(distance("2026-11-21T11:59:50Z", now)).toBe("10 seconds ago");
  expect(distance("2026-11-21T12:00:00Z", now)).toBe("now");
  expect(formatFor("zh").distance("2026-11-21T12:05:00Z", now)).toBe("5分钟后");
});

test("a length of time is told in its two largest units", () => {
  const { duration } = formatFor("en");
  expect(duration(0)).toBe("0 seconds");
  expect(duration(30)).toBe("30 seconds");
  expect(duration(90)).toBe("1 minute 30 seconds");
  expect(duration(86_400)).toBe("1 day");
  expect(duration(90_061)).toBe("1 day 1 hour");
  expect(formatFor("zh").duration(90)).toBe("1分钟30秒钟");
});
