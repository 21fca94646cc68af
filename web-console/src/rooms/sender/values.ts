import type { Sender } from "../../api/types";

/** What the form of a sender has, as text where it may be empty. */
export interface Values {
  name: string;
  displayName: string;
  enabled: boolean;
  host: string;
  port: number | string;
  encryption: "starttls" | "tls" | "none";
  username: string;
  password: string;
  removePassword: boolean;
  fromAddress: string;
  fromName: string;
  replyTo: string;
  envelopeDomain: string;
  perMinute: number | string;
  perDay: number | string;
}

export const emptyValues: Values = {
  name: "",
  displayName: "",
  enabled: true,
  host: "",
  port: 587,
  encryption: "starttls",
  username: "",
  password: "",
  removePassword: false,
  fromAddress: "",
  fromName: "",
  replyTo: "",
  envelopeDomain: "",
  perMinute: 60,
  perDay: "",
};

export function valuesOf({ metadata, spec }: Sender): Values {
  return {
    ...emptyValues,
    name: metadata.name,
    displayName: spec.displayName,
    enabled: spec.enabled,
    host: spec.host,
    port: spec.port,
    encryption: spec.encryption,
    username: spec.username ?? "",
    fromAddress: spec.fromAddress,
    fromName: spec.fromName ?? "",
    replyTo: spec.replyTo ?? "",
    envelopeDomain: spec.envelopeDomain ?? "",
    perMinute: spec.perMinute,
    perDay: spec.perDay ?? "",
  };
}

const filled = (text: string) => (text.trim() === "" ? undefined : text.trim());

/** The whole spec; a password that is absent stays, and null removes it. */
export function specOf(values: Values) {
  const { enabled, encryption, password, removePassword } = values;
  return {
    displayName: values.displayName.trim(),
    enabled,
    host: values.host.trim(),
    port: Number(values.port),
    encryption,
    username: filled(values.username),
    password: removePassword ? null : password === "" ? undefined : password,
    fromAddress: values.fromAddress.trim(),
    fromName: filled(values.fromName),
    replyTo: filled(values.replyTo),
    envelopeDomain: filled(values.envelopeDomain),
    perMinute: Number(values.perMinute),
    perDay: values.perDay === "" ? undefined : Number(values.perDay),
  };
}

/** The names with the one at this place moved by one. */
export function moved(names: string[], at: number, by: -1 | 1): string[] {
  const after = [...names];
  const [name] = after.splice(at, 1);
  if (name !== undefined) after.splice(at + by, 0, name);
  return after;
}
