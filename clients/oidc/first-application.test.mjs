// docs/first-application.md does what it says.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Person } from "./person.mjs";
import { awaitPort } from "./ports.mjs";
import { tenants } from "./tenants.mjs";

const { E2E_BINARY, E2E_DATA, E2E_URL } = process.env;

test("the first application is made, signs somebody in and out", async () => {
  const page = await readFile(new URL("../../docs/first-application.md", import.meta.url), "utf8");
  const home = tenants[0].first;
  const block = (language) => {
    const [, text] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(page);
    return text
      .replaceAll("http://localhost:3000", home)
      .replaceAll("http://127.0.0.1:8080", E2E_URL)
      .replaceAll("TENANTRY_DATA_DIR=target/tour target/debug/tenantry", `TENANTRY_DATA_DIR='${E2E_DATA}' '${E2E_BINARY}'`);
  };
  const secret = execFileSync("bash", ["-euo", "pipefail", "-c", `${block("sh")}\necho "$secret"`], { encoding: "utf8" }).trim();
  const directory = await mkdtemp(join(tmpdir(), "first-"));
  await symlink(fileURLToPath(new URL("node_modules", import.meta.url)), join(directory, "node_modules"));
  await writeFile(join(directory, "app.mjs"), block("js"));
  const options = { cwd: directory, env: { ...process.env, CLIENT_SECRET: secret }, stdio: ["ignore", "inherit", "inherit"] };
  const application = spawn(process.execPath, ["app.mjs"], options);
  const ended = once(application, "exit");
  try {
    await awaitPort(new URL(home), application);
    const person = new Person(tenants[0].person);
    assert.match((await person.open(home)).text, /Nobody is signed in/);
    assert.match((await person.open(`${home}/sign-in`)).text, /^Hello, Ada Lovelace:/);
    assert.deepEqual(person.pages, ["/login", "/login/consent"]);
    assert.match((await person.open(home)).text, /^Hello/);
    await person.open(`${home}/sign-out`);
    assert.match((await person.open(home)).text, /Nobody is signed in/);
    await person.open(`${home}/sign-in`);
    assert.deepEqual(person.pages, ["/login", "/login/consent", "/login"], "they sign in again, and are not asked again");
    const strange = await person.open(`${home}/callback?code=made-up&state=made-up`);
    assert.equal(strange.status, 400);
  } finally {
    application.kill();
    await ended;
    await rm(directory, { recursive: true });
  }
});
