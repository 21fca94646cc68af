import type { en } from "./en";
import type { first } from "./en/first";

type Widened<T> = T extends string
  ? string
  : T extends (...input: infer I) => string
    ? (...input: I) => string
    : { readonly [K in keyof T]: Widened<T[K]> };

/** The shape of a language file: what English says, another language must say too, or the build stops. */
export type Texts = Widened<typeof en>;

/** What the frame and the list of users say. */
export type FirstTexts = Pick<Texts, keyof typeof first>;

/** What every other page says besides. */
export type RestTexts = Omit<Texts, keyof typeof first>;
