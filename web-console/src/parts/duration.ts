const SECONDS = { second: 1, minute: 60, hour: 3_600, day: 86_400 } as const;

/** What people count time in. */
export type Unit = keyof typeof SECONDS;
export const UNITS = Object.keys(SECONDS) as Unit[];

/** The largest unit in which a length of time is a whole number. */
export function unitOf(seconds: number): Unit {
  return seconds === 0 ? "second" : (UNITS.findLast((unit) => seconds % SECONDS[unit] === 0) ?? "second");
}

export function toSeconds(amount: number, unit: Unit): number {
  return amount * SECONDS[unit];
}

export function fromSeconds(seconds: number, unit: Unit): number {
  return seconds / SECONDS[unit];
}

/** What the server says of a length of time, which it counts in seconds, as people count it. */
export function inUnits(words: string, duration: (seconds: number) => string): string {
  return words.replace(/\d+/g, (seconds) => duration(Number(seconds)));
}
