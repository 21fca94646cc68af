/** The columns of the user table that can be left out; the person always shows, for the name is the link. */
export const COLUMNS = ["roles", "created"] as const;
export type Column = (typeof COLUMNS)[number];

/** The columns a text such as `roles,created` names, in the table's order; all of them for an empty text. */
export function chosenColumns(text: string): Column[] {
  if (text === "") return [...COLUMNS];
  const named = text.split(",");
  return COLUMNS.filter((column) => named.includes(column));
}
