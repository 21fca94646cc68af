import type { Problem } from "../api/problem";
import type { Texts } from "../i18n/texts";

/** Why a new password was refused: one text for each rule that it does not meet. */
export function passwordProblems(problem: Problem, t: Texts): string[] {
  const known: Partial<Record<string, string | ((number: string) => string)>> = t.password.failures;
  return problem.errors
    .filter(({ field }) => field.split(/[./]/).at(-1) === "password")
    .map(({ code, detail }) => {
      const say = Object.hasOwn(known, code) ? known[code] : undefined;
      if (typeof say === "string") return say;
      // How many characters it takes is the policy's to say, and stands only in the server's own words.
      const number = /\d+/.exec(detail)?.[0];
      return say !== undefined && number !== undefined ? say(number) : detail || code;
    });
}
