/** The roles of somebody after one is given and others, parted by commas, are taken. */
export function proposed(held: readonly string[], give?: string, take?: string): string[] {
  const taken = (take ?? "").split(",");
  const kept = held.filter((role) => !taken.includes(role));
  return give === undefined || give === "" || give === "user" || kept.includes(give) ? kept : [...kept, give];
}
