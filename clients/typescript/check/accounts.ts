import createClient from "openapi-fetch";
import type { paths } from "../generated/accounts";

const client = createClient<paths>({ baseUrl: "http://localhost" });

const { data } = await client.POST("/api/auth/login", { body: { email: "ada@example.org", password: "secret" } });
export const token: string | undefined = data?.token;

await client.POST("/api/auth/email/verify/code", { body: { email: "ada@example.org", code: 123456 } });
await client.POST("/api/auth/email/verify/code", { body: { email: "ada@example.org", code: "012345" } });
// @ts-expect-error The answer has no token of this name.
export const other = data?.accessToken;
