import type { BrandingPolicy } from "../../api/types";
import { isLanguage } from "../../i18n/language";

type Spec = BrandingPolicy["spec"];

/** The zones that this browser knows, and the chosen one; UTC is what an empty field means. */
export function timeZones(chosen: string): string[] {
  const known = Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC");
  return chosen === "" || known.includes(chosen) ? known : [chosen, ...known];
}

/** One application as it stands in the form; what is empty is as the tenant's. */
export interface ApplicationValues {
  /** Tells the rows of the form apart; the server never sees it. */
  row: number;
  clientId: string;
  displayName: string;
  color: string;
  logoUrl: string;
  homeUrl: string;
}

export interface BrandingValues {
  displayName: string;
  subtitle: string;
  color: string;
  logoUrl: string;
  logoUrlDark: string;
  iconUrl: string;
  homeUrl: string;
  contactEmail: string;
  helpUrl: string;
  termsUrl: string;
  privacyUrl: string;
  language: string;
  timeZone: string;
  applications: ApplicationValues[];
}

export function brandingValues({ spec }: BrandingPolicy): BrandingValues {
  const { color, applications = [] } = spec;
  return {
    displayName: spec.displayName ?? "",
    subtitle: spec.subtitle ?? "",
    color,
    logoUrl: spec.logoUrl ?? "",
    logoUrlDark: spec.logoUrlDark ?? "",
    iconUrl: spec.iconUrl ?? "",
    homeUrl: spec.homeUrl ?? "",
    contactEmail: spec.contactEmail ?? "",
    helpUrl: spec.helpUrl ?? "",
    termsUrl: spec.termsUrl ?? "",
    privacyUrl: spec.privacyUrl ?? "",
    // What is written where none is said.
    language: spec.language === undefined || spec.language === "en" ? "" : spec.language,
    timeZone: spec.timeZone === undefined || spec.timeZone === "UTC" ? "" : spec.timeZone,
    applications: applications.map((one, row) => ({
      row,
      clientId: one.clientId,
      displayName: one.displayName,
      color: one.color ?? "",
      logoUrl: one.logoUrl ?? "",
      homeUrl: one.homeUrl ?? "",
    })),
  };
}

/** A row for another application. */
export function newApplication(others: ApplicationValues[]): ApplicationValues {
  const row = Math.max(-1, ...others.map((other) => other.row)) + 1;
  return { row, clientId: "", displayName: "", color: "", logoUrl: "", homeUrl: "" };
}

export function wantedBranding({ color, language, applications, ...rest }: BrandingValues): Spec {
  return {
    color: color.trim(),
    ...given(rest),
    ...(isLanguage(language) && { language }),
    applications: applications.map((one) => ({
      clientId: one.clientId.trim(),
      displayName: one.displayName.trim(),
      ...given({ color: one.color, logoUrl: one.logoUrl, homeUrl: one.homeUrl }),
    })),
  };
}

/** The colour that is in force for the tenant or one of its applications; grey as long as it is none. */
export function colorOf(tenant: BrandingValues, application?: ApplicationValues): string {
  const color = (application?.color.trim() || tenant.color).trim();
  return isColor(color) ? color : "#6c7683";
}

/** What is not empty. */
function given<K extends string>(fields: Record<K, string>): Partial<Record<K, string>> {
  const filled = Object.entries<string>(fields).map(([field, text]) => [field, text.trim()] as const);
  return Object.fromEntries(filled.filter(([, text]) => text !== "")) as Partial<Record<K, string>>;
}

const COLOR = /^#[0-9a-f]{6}$/i;

export const isColor = (text: string) => COLOR.test(text.trim());
export const isHttps = (text: string) => text.trim() === "" || /^https:\/\/[^\s"'<>\\]+$/.test(text.trim());
export const isLogo = (text: string) => isHttps(text) || /^\/files\/[0-9a-f]{64}\/[^\s"'<>\\/]+$/.test(text.trim());
export const isHome = (text: string) => text.trim() === "" || /^https?:\/\/[^\s"'<>\\]+$/.test(text.trim());

/** White or black, whichever is read better on this colour (WCAG 2, 1.4.3): what the server's pages and mails choose. */
export function inkOn(color: string): string {
  const linear = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = linear;
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  return 1.05 / luminance >= luminance / 0.05 ? "#ffffff" : "#000000";
}
