import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { en } from "./en";
import { formatFor, type Format } from "./format";
import { currentLanguage, rememberLanguage, type Language } from "./language";
import type { Texts } from "./texts";

/** The languages whose texts are here: nobody waits for those of a language they do not read. */
const arrived: Partial<Record<Language, Texts>> = { en };

/** Fetches the texts of a language. Whoever cannot have them reads English. */
export async function fetchTexts(language: Language): Promise<void> {
  if (arrived[language] !== undefined || language !== "zh") return;
  try {
    arrived.zh = (await import("./zh")).zh;
  } catch (error) {
    console.warn("The Chinese texts did not arrive.", error);
  }
}

interface Speech {
  language: Language;
  /** Every text of the console in the chosen language. */
  t: Texts;
  format: Format;
  setLanguage: (language: Language) => Promise<void>;
}

const SpeechContext = createContext<Speech | null>(null);

export function SpeechProvider({ children }: { children: ReactNode }) {
  const [language, set] = useState(currentLanguage);
  const setLanguage = useCallback(async (chosen: Language) => {
    rememberLanguage(chosen);
    await fetchTexts(chosen);
    // Another one may have been chosen meanwhile.
    if (currentLanguage() === chosen) set(chosen);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : language;
  }, [language]);
  const speech = useMemo(
    () => ({ language, t: arrived[language] ?? en, format: formatFor(language), setLanguage }),
    [language, setLanguage],
  );
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (speech === null) throw new Error("useSpeech outside SpeechProvider");
  return speech;
}
