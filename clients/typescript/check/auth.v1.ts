import createClient from "openapi-fetch";
import type { paths } from "../generated/auth.v1";

const client = createClient<paths>({ baseUrl: "http://localhost" });

const { data } = await client.POST("/auth/v1/users/me/email/_verify", { body: { code: "123456" } });
export const sequence: string | undefined = data?.details.sequence;

// @ts-expect-error A code is text: it may begin with zeros.
await client.POST("/auth/v1/users/me/email/_verify", { body: { code: 123456 } });
