import type { PolicyStatus } from "../../api/types";

/** The members that the instance decides, those of them that are locked, and those that are not valid. */
export function originsOf({ inherited, locked, problems }: PolicyStatus): { instance: string[]; locked: string[]; problems: string[] } {
  const instance = Object.keys(inherited).filter((name) => inherited[name] === "instance" && !locked.includes(name));
  return { instance, locked, problems };
}
