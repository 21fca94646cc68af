import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { en } from "./en";
import { formatFor, type Format } from "./format";
import { currentLanguage, rememberLanguage, type Language } from "./language";
import type { Texts } from "./texts";
import { zh } from "./zh";

const TEXTS: Record<Language, Texts> = { en, zh };

interface Speech {
  language: Language;
  /** Every text of the console in the chosen language. */
  t: Texts;
  format: Format;
  setLanguage: (language: Language) => void;
}

const SpeechContext = createContext<Speech | null>(null);

export function SpeechProvider({ children }: { children: ReactNode }) {
  const [language, set] = useState(currentLanguage);
  const setLanguage = useCallback((chosen: Language) => {
    rememberLanguage(chosen);
    set(chosen);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : language;
  }, [language]);
  const speech = useMemo(
    () => ({ language, t: TEXTS[language], format: formatFor(language), setLanguage }),
    [language, setLanguage],
  );
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (speech === null) throw new Error("useSpeech outside SpeechProvider");
  return speech;
}
