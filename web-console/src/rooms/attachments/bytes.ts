import { useSpeech } from "../../i18n";
import { bytes } from "../attachments-search";

/** Writes numbers of bytes in the language that is chosen. */
export function useBytes(): (count: number) => string {
  const { language } = useSpeech();
  return (count) => bytes(count, language);
}
