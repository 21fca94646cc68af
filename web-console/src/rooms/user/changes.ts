/** Of what something is to be, only what it is not already; nothing if that is all. */
export function changes<V extends object>(before: V, after: V): Partial<V> | undefined {
  const entries = Object.entries(after).filter(([key, value]) => before[key as keyof V] !== value);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Partial<V>);
}
