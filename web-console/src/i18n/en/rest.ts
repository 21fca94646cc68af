import { applications } from "./applications";
import { batches } from "./batches";
import { files } from "./files";
import { find } from "./find";
import { imports } from "./imports";
import { mail } from "./mail";
import { overview } from "./overview";
import { own } from "./own";
import { policies } from "./policies";
import { providers } from "./providers";
import { requests } from "./requests";
import { rights } from "./rights";
import { support } from "./support";
import { tenants } from "./tenants";
import { tryIt } from "./try-it";
import { user } from "./user";

export const rest = { ...user, ...rights, ...requests, ...policies, ...own, ...mail, ...find, ...applications, ...tryIt, ...providers, ...overview, ...files, ...imports, ...batches, ...support, ...tenants } as const;
