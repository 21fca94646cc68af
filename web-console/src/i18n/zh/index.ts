import type { Texts } from "../texts";
import { first } from "./first";
import { rest } from "./rest";

export const zh: Texts = { ...first, ...rest };
