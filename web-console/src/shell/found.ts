/** Whether something of this name is meant by what somebody types: each word is somewhere in it, whatever its case. */
export function isMeant(name: string, typed: string): boolean {
  const said = name.toLocaleLowerCase();
  return typed
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}
