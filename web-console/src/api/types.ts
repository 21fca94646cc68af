import type { components } from "./schema";

type Schemas = components["schemas"];

export type User = Schemas["User"];
export type Role = Schemas["Role"];
export type DetailedUser = Schemas["DetailedUser"];
export type Message = Schemas["Message"];
export type Tenant = Schemas["PublicTenant"];
export type NewUser = Schemas["CreateUserRequest"];

/** What a person may be allowed to do, as the server names it. */
export type Permission = "users:list" | "users:create" | "users:get" | "messages:list" | "messages:get";
