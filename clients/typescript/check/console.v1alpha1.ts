import createClient from "openapi-fetch";
import type { paths } from "../generated/console.v1alpha1";

const client = createClient<paths>({ baseUrl: "http://localhost" });

const { data, error } = await client.GET("/apis/console/v1alpha1/users", { params: { query: { page: 1, size: 20 } } });
export const names: string[] | undefined = data?.items.map(({ user }) => user.metadata.name);
export const problem: string | undefined = error?.code;

// @ts-expect-error A page is a number.
await client.GET("/apis/console/v1alpha1/users", { params: { query: { page: "first" } } });
