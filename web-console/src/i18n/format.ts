import type { Language } from "./language";

const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How numbers and times are written in one language. */
export interface Format {
  number: (value: number) => string;
  /** `21 Nov 2026, 07:15` */
  moment: (iso: string) => string;
  /** `21 Nov 2026, 07:15:03 UTC`: to the second, and in which zone. */
  exact: (iso: string) => string;
  /** `3 minutes ago`; anything under a minute, or in the future, is "now" in the language's own word: clocks differ. */
  ago: (iso: string, now: number) => string;
  /** `21 Nov 2026, 07:15:03`, for what is compared to the second. */
  second: (iso: string) => string;
  /** `in 5 minutes`, `10 seconds ago`. */
  distance: (iso: string, now: number) => string;
  /** `1 minute 30 seconds`: the two largest units of a length of time. */
  duration: (seconds: number) => string;
  list: (words: string[]) => string;
}

const LENGTHS: [string, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** Hands out what is made when it is first asked for: to make a formatter takes longer than to use it. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

export function formatFor(language: Language): Format {
  const locale = LOCALES[language];
  const dates = (timeStyle: "short" | "medium" | "long") => lazily(() => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle }));
  const number = lazily(() => new Intl.NumberFormat(locale));
  const moment = dates("short");
  const exact = dates("long");
  const second = dates("medium");
  const relative = lazily(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  const list = lazily(() => new Intl.ListFormat(locale, { type: "conjunction" }));
  const together = lazily(() => new Intl.ListFormat(locale, { type: "unit", style: "narrow" }));
  const many = (unit: string, value: number) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(value);
  return {
    number: (value) => number().format(value),
    moment: (iso) => moment().format(new Date(iso)),
    exact: (iso) => exact().format(new Date(iso)),
    ago: (iso, now) => {
      const seconds = Math.min(0, (new Date(iso).getTime() - now) / 1000);
      for (const [unit, size] of STEPS) {
        if (Math.abs(seconds) >= size) return relative().format(Math.trunc(seconds / size), unit);
      }
      return relative().format(0, "second");
    },
    second: (iso) => second().format(new Date(iso)),
    distance: (iso, now) => {
      const seconds = (new Date(iso).getTime() - now) / 1000;
      const [unit, size] = STEPS.find((step) => Math.abs(seconds) >= step[1]) ?? (["second", 1] as const);
      return relative().format(Math.trunc(seconds / size), unit);
    },
    duration: (seconds) => {
      let left = seconds;
      const parts = LENGTHS.flatMap(([unit, size]) => {
        const value = Math.floor(left / size);
        left -= value * size;
        return value === 0 ? [] : [many(unit, value)];
      });
      return parts.length === 0 ? many("second", 0) : together().format(parts.slice(0, 2));
    },
    list: (words) => list().format(words),
  };
}
