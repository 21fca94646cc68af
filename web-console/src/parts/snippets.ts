import { API, SYSTEM } from "../base";
import type { Call } from "../api/calls";

/** Members whose values are nobody's but who typed them. */
const SECRET = /(password|passphrase|secret|token|code|privateKey)s?$/i;

/** `newPassword` as `$NEW_PASSWORD`. */
const placeholder = (member: string) => `$${member.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase()}`;

/** A body with a placeholder for each secret in it. */
export function concealed(value: unknown, member = ""): unknown {
  if (typeof value === "string" && SECRET.test(member)) return placeholder(member);
  if (Array.isArray(value)) return value.map((one) => concealed(one, member));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, concealed(inside, name)]));
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** A form names its own type, with what its parts are divided by. */
const isForm = ({ contentType }: Call) => contentType?.startsWith("multipart/") ?? false;

const headersOf = (call: Call): [string, string][] => [
  ...Object.entries(call.params.header ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]])),
  ...(call.contentType === undefined || isForm(call) ? [] : [["Content-Type", call.contentType] as [string, string]]),
];

/** A call for a command line. */
export function curlOf(call: Call): string {
  const lines = [
    `curl ${call.method === "GET" ? "" : `-X ${call.method} `}${quoted(call.address)}`,
    '-H "Authorization: Bearer $TOKEN"',
    ...headersOf(call).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(isForm(call) ? ["-F file=@FILE"] : []),
    ...(call.sent === undefined ? [] : [`--data ${quoted(JSON.stringify(concealed(call.sent)))}`]),
  ];
  return lines.join(" \\\n  ");
}

const filled = (part: object | undefined) =>
  part !== undefined && Object.values(part).some((value) => value !== undefined) ? part : undefined;

/** A call for a program, with the types of the group's document. */
export function typescriptOf(call: Call): string {
  const group = [API, SYSTEM].find((base) => call.baseUrl.endsWith(base)) ?? API;
  const name = group === SYSTEM ? "system" : "console";
  const { origin } = new URL(call.address);
  const baseUrl = origin + call.baseUrl.slice(0, -group.length);
  const { path, query, header } = call.params;
  const params = { path: filled(path), query: filled(query), header: filled(header) };
  const headers = call.contentType === undefined || call.contentType === "application/json" || isForm(call) ? undefined : { "Content-Type": call.contentType };
  const options = { params: filled(params), headers, body: call.sent === undefined ? undefined : concealed(call.sent) };
  const said = filled(options) === undefined ? "" : `, ${JSON.stringify(options, null, 2)}`;
  return `// npx openapi-typescript ${baseUrl}/openapi/${name}.v1alpha1.json -o ${name}.d.ts
import createClient from "openapi-fetch";
import type { paths } from "./${name}";

const api = createClient<paths>({
  baseUrl: "${baseUrl}",
  headers: { Authorization: \`Bearer \${process.env.TOKEN}\` },
});

const { data, error } = await api.${call.method}("${group}${call.template}"${said});
`;
}
