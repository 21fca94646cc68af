import type { Texts } from "../texts";
import { applications } from "./applications";
import { frame } from "./frame";
import { own } from "./own";
import { policies } from "./policies";
import { providers } from "./providers";
import { rights } from "./rights";
import { users } from "./users";

export const zh: Texts = { ...frame, ...users, ...rights, ...policies, ...own, ...applications, ...providers };
