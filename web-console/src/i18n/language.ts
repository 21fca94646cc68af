export const LANGUAGES = { en: "English", zh: "中文" } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = "tenantry.language";

export function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && Object.hasOwn(LANGUAGES, value);
}

/** The first of a browser's languages that the console speaks, else English. */
export function preferred(languages: readonly string[]): Language {
  for (const tag of languages) {
    const primary = tag.toLowerCase().split("-")[0];
    if (isLanguage(primary)) return primary;
  }
  return "en";
}

let current: Language | undefined;

/** The language of this browser's console: what was chosen, else what the browser prefers. */
export function currentLanguage(): Language {
  if (current === undefined) {
    const chosen = localStorage.getItem(KEY);
    current = isLanguage(chosen) ? chosen : preferred(navigator.languages);
  }
  return current;
}

/** Remembers a choice for the next visit. */
export function rememberLanguage(language: Language): void {
  current = language;
  localStorage.setItem(KEY, language);
}
