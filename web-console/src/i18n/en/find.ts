export const find = {
  find: {
    people: "People",
    pages: "Pages",
    acts: "Acts",
    nothing: (typed: string) => `Nothing is called “${typed}”`,
  },
} as const;
