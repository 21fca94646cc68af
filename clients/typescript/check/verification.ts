import createClient from "openapi-fetch";
import type { paths } from "../generated/verification";

const client = createClient<paths>({ baseUrl: "http://localhost" });

const { data } = await client.POST("/api/user/reset", { body: { email: "ada@example.org", token: "token" } });
export const password: string | undefined = data?.data;

// @ts-expect-error The address is asked for.
await client.GET("/api/reset_password", { params: { query: {} } });
