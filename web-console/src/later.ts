import { fetchRest } from "./i18n";

/** A part of the console that is fetched when it is first shown, with the texts and styles that the first page goes without. */
export function later<Part>(fetch: () => Promise<Part>): () => Promise<Part> {
  return async () => {
    const [part] = await Promise.all([fetch(), fetchRest(), import("./styles/rest.css")]);
    return part;
  };
}
