/** So many of something, in words. */
export const count = (n: number, shown: string, one: string, many: string) => `${shown} ${n === 1 ? one : many}`;
