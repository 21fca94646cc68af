import type { FirstTexts } from "../texts";
import { builtInRoles } from "./built-in-roles";
import { frame } from "./frame";
import { users } from "./users";

export const first: FirstTexts = { ...builtInRoles, ...frame, ...users };
