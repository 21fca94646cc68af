import { frame } from "./frame";
import { users } from "./users";

export const first = { ...frame, ...users } as const;
