import { problemOf, type Problem } from "../api/problem";

/** What can be done to many users at once. */
export type Kind = "enable" | "disable" | "grant" | "delete";

/** What can be done to everybody whom the list has. */
export type BatchKind = Kind | "revoke" | "signOut";

/** What became of one act among many. */
export interface Refusal {
  name: string;
  problem: Problem;
}

export interface Progress {
  done: number;
  refusals: Refusal[];
}

/**
 * Does something to each of many, one after the other; a refusal does not keep the rest from being done. What no
 * further try would change (signed out, server gone) ends it.
 */
export async function oneByOne(
  names: readonly string[],
  act: (name: string) => Promise<unknown>,
  onProgress: (progress: Progress) => void,
  stopped: () => boolean = () => false,
): Promise<Progress> {
  const refusals: Refusal[] = [];
  let done = 0;
  for (const name of names) {
    if (stopped()) break;
    let last = false;
    try {
      await act(name);
    } catch (error) {
      const problem = problemOf(error);
      last = problem.status === 401 || problem.status === 0;
      refusals.push({ name, problem });
    }
    done += 1;
    onProgress({ done, refusals: refusals.slice() });
    if (last) break;
  }
  return { done, refusals };
}
