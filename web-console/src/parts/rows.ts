/** With a number that keeps each row of a list while it is edited. */
export const numbered = <T extends object>(items: readonly T[]): (T & { row: number })[] => items.map((item, row) => ({ ...item, row }));
