// Apache with a file of docs/gateways, in front of an application that says what reached it.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awaitPort } from "./ports.mjs";

/** An application behind a proxy, which says what reached it. */
async function application() {
  const server = createServer((request, response) => response.end(JSON.stringify({ ...request.headers, path: request.url })));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { base: `http://127.0.0.1:${server.address().port}`, end: () => server.close() };
}

/** Runs Apache with a file of the documentation in which these words mean this, while something is done. */
export async function withApache(name, words, act) {
  const behind = await application();
  const run = await mkdtemp(join(tmpdir(), "apache-"));
  const url = new URL(words.SELF);
  const defined = { ...words, LISTEN: url.host, APPLICATION: behind.base, API: behind.base, RUN: run };
  const text = await readFile(new URL(`../../docs/gateways/${name}`, import.meta.url), "utf8");
  const file = join(run, name);
  await writeFile(file, text.replace(/^Define (\w+) .*/gm, (line, word) => (defined[word] ? `Define ${word} ${defined[word]}` : line)));
  // It does not serve as root.
  const user = process.getuid() === 0 ? ["-c", "User www-data", "-c", "Group www-data"] : [];
  const apache = spawn("/usr/sbin/apache2", ["-X", "-f", file, ...user], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  apache.stderr.on("data", (text) => { log += text; });
  const ended = new Promise((resolve) => apache.once("exit", resolve));
  try {
    await awaitPort(url, apache);
    await act();
  } catch (why) {
    throw new Error(log + (await readFile(join(run, "error.log"), "utf8").catch(() => "")), { cause: why });
  } finally {
    apache.kill();
    await ended;
    behind.end();
    await rm(run, { recursive: true });
  }
}
