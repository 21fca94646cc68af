import { builtInRoles } from "./built-in-roles";
import { frame } from "./frame";
import { users } from "./users";

export const first = { ...builtInRoles, ...frame, ...users } as const;
