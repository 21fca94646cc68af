/** One field the server refused. */
export interface FieldProblem {
  field: string;
  code: string;
  detail: string;
}

/** An error as the server tells it (RFC 9457), with gaps filled so that a page can always show it. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  requestId?: string;
  /** Seconds after which it is worth another try. */
  retryAfter?: number;
  errors: FieldProblem[];
}

/** Thrown by every call of the API that does not succeed. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title || problem.code);
    this.name = "ProblemError";
  }
}

function words(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Reads a problem from a body that may be anything: a proxy in front answers in its own words. */
export function readProblem(status: number, body: unknown, requestId?: string | null): Problem {
  const said = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const errors = Array.isArray(said.errors) ? said.errors : [];
  return {
    status,
    code: words(said.code) || `http_${status}`,
    title: words(said.title),
    detail: words(said.detail),
    requestId: words(said.requestId) || requestId || undefined,
    errors: errors
      .filter((entry): entry is Record<string, unknown> => typeof entry === "object" && entry !== null)
      .map((entry) => ({ field: words(entry.field), code: words(entry.code), detail: words(entry.detail) })),
  };
}

/** The seconds a `Retry-After` asks for; a date, which this server never sends, is not read. */
export function secondsOf(retryAfter: string | null): number | undefined {
  return retryAfter !== null && /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : undefined;
}

/** The problem inside anything that was thrown; what is not the server's is told as `unreachable` or `unexpected`. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const unreachable = error instanceof TypeError;
  return {
    status: 0,
    code: unreachable ? "unreachable" : "unexpected",
    title: "",
    detail: unreachable || !(error instanceof Error) ? "" : error.message,
    errors: [],
  };
}

/** Which of a form's fields each message belongs to, and the messages that belong to none. */
export function fieldErrors<F extends string>(
  problem: Problem,
  fields: readonly F[],
  codes: Partial<Record<string, F>> = {},
): { fields: Partial<Record<F, string>>; others: FieldProblem[] } {
  const found: Partial<Record<F, string>> = {};
  const others: FieldProblem[] = [];
  for (const entry of problem.errors) {
    // `spec.email`, `/spec/email` and `roles[0]` all name the form's own field somewhere.
    const names = entry.field.split(/[./[\]]+/);
    const field = fields.find((known) => names.includes(known));
    if (field === undefined) others.push(entry);
    else found[field] = found[field] ? `${found[field]} ${entry.detail}` : entry.detail || entry.code;
  }
  const byCode = codes[problem.code];
  if (byCode !== undefined && found[byCode] === undefined) found[byCode] = problem.detail || problem.title;
  return { fields: found, others };
}

/**
 * Where a form that is shaped like `spec` shows each message, and the messages about what it does not show. The fields
 * of the objects of a list are `applications.0.color`; what is wrong with a word of a list is told of the list,
 * with the word.
 */
export function specErrors(problem: Problem, values: object): { fields: Record<string, string>; others: FieldProblem[] } {
  const fields: Record<string, string> = {};
  const others: FieldProblem[] = [];
  for (const entry of problem.errors) {
    const [root, ...names] = entry.field.split(/[./[\]]+/).filter((name) => name !== "");
    const at = root === "spec" ? placeOf(values, names) : undefined;
    if (at === undefined) {
      others.push(entry);
      continue;
    }
    const detail = entry.detail || entry.code;
    const told = at.word === undefined ? detail : `${at.word}: ${detail}`;
    fields[at.field] = [fields[at.field], told].filter(Boolean).join(" ");
  }
  return { fields, others };
}

/** The field of a form that a name of the API means, and the word if it is one of a list of words. */
function placeOf(values: object, names: string[]): { field: string; word?: string } | undefined {
  let value: unknown = values;
  let word: string | undefined;
  const path: string[] = [];
  for (const [index, name] of names.entries()) {
    const inside: unknown =
      typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    const isLast = index === names.length - 1;
    if (Array.isArray(value) && isLast && (typeof inside !== "object" || inside === null)) {
      if (typeof inside === "string") word = inside;
      break;
    }
    if (inside === undefined) return undefined;
    value = inside;
    path.push(name);
  }
  const shown = Array.isArray(value) || typeof value !== "object";
  return shown && path.length > 0 ? { field: path.join("."), word } : undefined;
}

/** A problem as text for a mail to whoever runs the server. */
export function problemText(problem: Problem): string {
  const lines = [
    problem.title,
    problem.detail,
    `code: ${problem.code}`,
    `status: ${problem.status}`,
    problem.requestId && `request: ${problem.requestId}`,
    ...problem.errors.map((entry) => `${entry.field}: ${entry.code} ${entry.detail}`),
  ];
  return lines.filter((line) => line).join("\n");
}
