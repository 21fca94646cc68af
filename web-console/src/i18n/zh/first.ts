import type { FirstTexts } from "../texts";
import { frame } from "./frame";
import { users } from "./users";

export const first: FirstTexts = { ...frame, ...users };
