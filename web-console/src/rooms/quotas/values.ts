import type { QuotaSpec, TenantQuotas } from "../../api/types";

/** What a tenant may have at most, in the order that it is shown in. */
export const QUOTAS = [
  "users",
  "applications",
  "roles",
  "providers",
  "senders",
  "domains",
  "attachmentBytes",
  "backups",
  "backupBytes",
  "mailsPerDay",
  "requestsPerSecond",
  "requestBurst",
] as const satisfies (keyof QuotaSpec)[];
export type Quota = (typeof QUOTAS)[number];

/** Those that are bytes: a form has them in mebibytes. */
const IN_BYTES: ReadonlySet<Quota> = new Set(["attachmentBytes", "backupBytes"]);
const MEBIBYTE = 2 ** 20;

export const isBytes = (quota: Quota): boolean => IN_BYTES.has(quota);

/** What the form has: nothing where the tenant has what the server has for everybody. */
export type QuotaValues = Record<Quota, number | string>;

export const noQuotas: QuotaValues = valuesOf({});

export function valuesOf(spec: QuotaSpec): QuotaValues {
  const value = (quota: Quota) => {
    const most = spec[quota];
    return most === undefined ? "" : isBytes(quota) ? most / MEBIBYTE : most;
  };
  return Object.fromEntries(QUOTAS.map((quota) => [quota, value(quota)])) as QuotaValues;
}

/** The whole spec; what is empty is absent. */
export function specOf(values: QuotaValues): QuotaSpec {
  const filled = QUOTAS.filter((quota) => values[quota] !== "");
  const most = (quota: Quota) => (isBytes(quota) ? Math.round(Number(values[quota]) * MEBIBYTE) : Number(values[quota]));
  return Object.fromEntries(filled.map((quota) => [quota, most(quota)]));
}

/** How much of each a tenant has, as far as it is counted. */
export function usedOf({ status }: TenantQuotas): Partial<Record<Quota, number>> {
  return status.used;
}
