import createClient from "openapi-fetch";
import type { paths } from "../generated/gateway.v1";

const client = createClient<paths>({ baseUrl: "http://localhost" });

const { data } = await client.POST("/v1/email/verify", { body: { email: "ada@example.org", code: "123456" } });
export const success: boolean | undefined = data?.success;

// @ts-expect-error A code is text: it may begin with zeros.
await client.POST("/v1/email/verify", { body: { code: 123456 } });
