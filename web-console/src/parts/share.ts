/** From how much of a room on there is little left, in percent. */
export const NEARLY_FULL = 90;

/** How much of what there is at most is used, in percent. What is not nothing can be seen. */
export function percentOf(used: number, most: number): number {
  if (most === 0) return 100;
  return Math.min(100, Math.ceil((used / most) * 100));
}
