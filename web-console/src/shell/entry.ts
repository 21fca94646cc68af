import { consolePath } from "../base";
import { currentLanguage } from "../i18n/language";

/**
 * Leaves for the tenant's sign-in page, by way of the server, which begins the request and ends it: no token reaches a
 * script. It comes back to this page of the console.
 */
export function leaveToSignIn(next?: string): void {
  const asked = new URLSearchParams({ ui_locales: currentLanguage() });
  if (next !== undefined && next !== "/") asked.set("next", next);
  window.location.replace(`${consolePath(document.baseURI)}/sign-in?${asked}`);
}
