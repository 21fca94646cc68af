// The server that is checked, and somebody who signs up there.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}: these tests drive a running server`);
  return value;
}

export const BASE = setting("E2E_URL").replace(/\/*$/, "");
export const OWNER = { name: setting("E2E_USER"), password: setting("E2E_PASSWORD") };
export const CONSOLE = "/apis/console/v1alpha1";
// The server may have been used before.
export const NAME = `grpc-${randomUUID().slice(0, 8)}`;
export const ADDRESS = `${NAME}@example.com`;

export async function ask(path, body, token, method = body ? "POST" : "GET") {
  const answer = await fetch(BASE + path, {
    method,
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

export async function signIn(username, password) {
  return (await ask("/v1/login", { username, password })).accessToken;
}

/** Has somebody sign up, and answers their token. */
export async function signUp() {
  await ask("/v1/register", { username: NAME, email: ADDRESS, password: OWNER.password });
  return signIn(NAME, OWNER.password);
}

/** Lets pages of this origin call the tenant. */
export async function allow(origin) {
  const owner = await signIn(OWNER.name, OWNER.password);
  const policy = { spec: { allowedOrigins: [origin] } };
  await ask(`${CONSOLE}/policies/cross-origin`, policy, owner, "PUT");
}
