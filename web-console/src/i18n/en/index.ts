import { applications } from "./applications";
import { files } from "./files";
import { frame } from "./frame";
import { mail } from "./mail";
import { overview } from "./overview";
import { own } from "./own";
import { policies } from "./policies";
import { providers } from "./providers";
import { rights } from "./rights";
import { support } from "./support";
import { tenants } from "./tenants";
import { tryIt } from "./try-it";
import { users } from "./users";

export const en = { ...frame, ...users, ...rights, ...policies, ...own, ...mail, ...applications, ...tryIt, ...providers, ...overview, ...files, ...tenants, ...support } as const;
