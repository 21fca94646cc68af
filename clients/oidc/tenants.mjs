// What `prepare.mjs` made: the tenants, and where their applications are come back to.
import { readFileSync } from "node:fs";

export const tenants = JSON.parse(readFileSync(process.env.OIDC_TENANTS, "utf8"));
export const CALLBACK = "http://127.0.0.1/callback";
export const BYE = "http://127.0.0.1/bye";
