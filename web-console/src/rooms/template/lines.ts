/** A line of two texts: in both, only in the one before, or only in the one after. */
export interface Line {
  is: "same" | "gone" | "new";
  text: string;
}

/** How two texts differ, line by line: the longest common lines stay. */
export function lineDiff(before: string, after: string): Line[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  // common[i][j] is how many lines the ends of both from there on have in common.
  const common = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ is: "same", text: a[i]! });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ is: "gone", text: a[i]! });
      i++;
    } else {
      lines.push({ is: "new", text: b[j]! });
      j++;
    }
  }
  return lines;
}

/** Where a line and a letter of it, counted from 1, are in a text. */
export function placeIn(text: string, line: number, column: number): number {
  const lines = text.split("\n").slice(0, line - 1);
  const start = lines.reduce((sum, before) => sum + before.length + 1, 0);
  return Math.min(start + column - 1, text.length);
}

/** A text with something put in the place of what is selected. */
export function inserted(text: string, [from, to]: [number, number], what: string): string {
  return text.slice(0, from) + what + text.slice(to);
}
