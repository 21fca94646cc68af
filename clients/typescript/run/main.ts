// Ten calls through the generated types, against a server that has just started.
import createClient from "openapi-fetch";
import type { paths as Accounts } from "../generated/accounts";
import type { paths as Me } from "../generated/auth.v1";
import type { paths as Console } from "../generated/console.v1alpha1";
import type { paths as Gateway } from "../generated/gateway.v1";
import type { paths as Verification } from "../generated/verification";

declare const process: { env: Record<string, string | undefined> };

const { E2E_URL: baseUrl = "", E2E_USER: username = "", E2E_PASSWORD: password = "" } = process.env;

function check(what: string, holds: boolean): void {
  if (!holds) throw new Error(what);
}

const gateway = createClient<Gateway>({ baseUrl });
const { data: tokens } = await gateway.POST("/v1/login", { body: { username, password } });
check("1: signed in", tokens?.user.username === username);

const headers = { Authorization: `Bearer ${tokens?.accessToken}` };
const console = createClient<Console>({ baseUrl, headers });
const users = "/apis/console/v1alpha1/users";
const body = { name: "typescript", email: "typescript@example.com", password };
const key = { params: { header: { "Idempotency-Key": "typescript-1" } } };
const { data: made } = await console.POST(users, { ...key, body });
check("2: created", made?.metadata.name === body.name);
const { data: again } = await console.POST(users, { ...key, body });
check("3: created once", again?.metadata.creationTimestamp === made?.metadata.creationTimestamp);
const { data: list } = await console.GET(users, { params: { query: { size: 1 } } });
check("4: listed", list?.total === 2 && list.items.length === 1);
const { error: missing } = await console.GET(`${users}/{name}`, { params: { path: { name: "nobody" } } });
check("5: a problem", missing?.code === "user_not_found");

const me = createClient<Me>({ baseUrl, headers });
const { data: own } = await me.GET("/auth/v1/users/me");
check("6: myself", own?.user.userName === username);
const { error: wrong } = await me.POST("/auth/v1/users/me/email/_verify", { body: { code: "000000" } });
check("7: a status", wrong !== undefined);

const accounts = createClient<Accounts>({ baseUrl });
const user = { email: "accounts@example.com", firstName: "Ada" };
const signUp = await accounts.POST("/api/auth/register", { body: { user, password, confirmPassword: password } });
check("8: signed up", signUp.response.status === 201 && signUp.data !== undefined);
const { data: other } = await accounts.POST("/api/auth/login", { body: { email: user.email, password } });
check("9: signed in", other?.token !== undefined);

const verification = createClient<Verification>({ baseUrl });
const { data: status } = await verification.GET("/api/status");
check("10: an envelope", status?.success === true);
