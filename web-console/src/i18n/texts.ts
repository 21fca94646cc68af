import type { en } from "./en";

type Widened<T> = T extends string
  ? string
  : T extends (...input: infer I) => string
    ? (...input: I) => string
    : { readonly [K in keyof T]: Widened<T[K]> };

/** The shape of a language file: what English says, another language must say too, or the build stops. */
export type Texts = Widened<typeof en>;
