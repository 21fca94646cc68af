/** An address behind a name, as mail programs write it, or one alone. */
const ADDRESS = /"[^"\n]*"\s*<([^<>]*)>|[^<>,;\n]*<([^<>]*)>|[^\s,;<>]+/g;

/** The addresses in what was typed or pasted, by line, comma, semicolon or space; each once. */
export function addressesOf(text: string): string[] {
  const found = new Map<string, string>();
  for (const [alone, quoted, named] of text.matchAll(ADDRESS)) {
    const address = (quoted ?? named ?? alone).trim();
    const key = address.toLowerCase();
    if (address !== "" && !found.has(key)) found.set(key, address);
  }
  return [...found.values()];
}
