import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { first as english } from "./en/first";
import { formatFor, type Format } from "./format";
import { currentLanguage, rememberLanguage, type Language } from "./language";
import type { FirstTexts, RestTexts, Texts } from "./texts";

/** The texts that are here: nobody waits for those of a language they do not read, or of pages they do not open. */
const arrived: { first: Partial<Record<Language, FirstTexts>>; rest: Partial<Record<Language, RestTexts>> } = {
  first: { en: english },
  rest: {},
};

/** Whether a page was opened that says more than the first one does. */
let restWanted = false;

/** Fetches what the first page says in a language. Whoever cannot have it reads English. */
export async function fetchFirst(language: Language): Promise<void> {
  if (arrived.first[language] !== undefined || language !== "zh") return;
  try {
    arrived.first.zh = (await import("./zh/first")).first;
  } catch (error) {
    console.warn("The Chinese texts did not arrive.", error);
  }
}

/** Fetches what all other pages say, in the language of this browser or the one given. */
export async function fetchRest(language: Language = currentLanguage()): Promise<void> {
  restWanted = true;
  if (arrived.rest[language] !== undefined) return;
  if (language === "zh") {
    try {
      arrived.rest.zh = (await import("./zh/rest")).rest;
      return;
    } catch (error) {
      console.warn("The Chinese texts did not arrive.", error);
    }
  }
  arrived.rest.en ??= (await import("./en/rest")).rest;
}

interface Speech<T> {
  language: Language;
  t: T;
  format: Format;
  setLanguage: (language: Language) => Promise<void>;
}

const SpeechContext = createContext<Speech<FirstTexts> | null>(null);

export function SpeechProvider({ children }: { children: ReactNode }) {
  const [language, set] = useState(currentLanguage);
  const setLanguage = useCallback(async (chosen: Language) => {
    rememberLanguage(chosen);
    await Promise.all([fetchFirst(chosen), restWanted && fetchRest(chosen)]);
    // Another one may have been chosen meanwhile.
    if (currentLanguage() === chosen) set(chosen);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : language;
  }, [language]);
  const speech = useMemo(
    () => ({ language, t: arrived.first[language] ?? english, format: formatFor(language), setLanguage }),
    [language, setLanguage],
  );
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

/** The language of the person, for the frame, the list of users, and the parts that these are made of. */
export function useFirstSpeech(): Speech<FirstTexts> {
  const speech = useContext(SpeechContext);
  if (speech === null) throw new Error("useSpeech outside SpeechProvider");
  return speech;
}

/** The language of the person, with every text of the console: for what comes by `later`. */
export function useSpeech(): Speech<Texts> {
  const speech = useFirstSpeech();
  const rest = arrived.rest[speech.language] ?? arrived.rest.en;
  if (rest === undefined) throw new Error("useSpeech in a part that was not fetched with its texts");
  return useMemo(() => ({ ...speech, t: { ...speech.t, ...rest } }), [speech, rest]);
}
