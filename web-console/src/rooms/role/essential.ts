import type { Changed } from "../../api/types";

function key({ roles, permission, after }: Changed): string {
  return JSON.stringify([roles, permission, after]);
}

/** Without what goes without saying: who gains or loses something for all objects does so for their own as well. */
export function essential(changes: readonly Changed[]): Changed[] {
  const forAll = new Set(changes.filter(({ name }) => name === "*").map(key));
  return changes.filter((change) => change.name === "*" || !forAll.has(key(change)));
}
