import { useSpeech } from "../i18n";
import { LANGUAGES, type Language } from "../i18n/language";

/** The languages that somebody can be written to in, as choices. */
export const MAIL_LANGUAGES = (Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, label: LANGUAGES[value] }));

/** Why nobody can be written to at an address. Whether it is good is the server's to say; this only catches what was clearly not meant. */
export function useAddressProblem(): (address: string) => string | null {
  const { t } = useSpeech();
  return (address) =>
    address.trim() === "" ? t.create.emailMissing : /^\S+@\S+$/.test(address.trim()) ? null : t.create.emailInvalid;
}
