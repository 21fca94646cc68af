// better-auth as its documentation sets it up with SQLite, for the load bench: e-mail and password, sessions in the
// database, the admin plug-in, no limits. What is not said here is its default.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { admin } from "better-auth/plugins";
import Database from "better-sqlite3";

const { LISTEN, DATA_DIR, USERS, ADMIN_PASSWORD } = process.env;
const database = new Database(join(DATA_DIR, "auth.db"));
database.pragma("journal_mode = WAL");
// As durable as what it is compared with.
database.pragma("synchronous = FULL");
const auth = betterAuth({
  database,
  baseURL: `http://${LISTEN}`,
  secret: "no secret at all, but it has to be long enough",
  emailAndPassword: { enabled: true },
  plugins: [admin()],
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
});
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

const owner = { email: "admin@example.com", name: "admin", password: ADMIN_PASSWORD };
await auth.api.signUpEmail({ body: owner });
database.prepare(`update "user" set role = 'admin' where email = ?`).run(owner.email);
const insert = database.prepare(
  `insert into "user" (id, name, email, emailVerified, role, createdAt, updatedAt) values (?, ?, ?, 1, 'user', ?, ?)`,
);
database.transaction(() => {
  for (let number = 1; number <= Number(USERS); number += 1) {
    const at = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString();
    const digits = String(number).padStart(7, "0");
    insert.run(randomUUID(), `Given${digits} Family`, `user-${digits}@example.test`, at, at);
  }
})();

const handle = toNodeHandler(auth);
const [host, port] = LISTEN.split(":");
createServer((request, response) => {
  if (request.url !== "/healthz") return handle(request, response);
  return response.end("ok");
}).listen(Number(port), host);
