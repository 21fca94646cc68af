// Ports of this machine.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { connect, createServer } from "node:net";

/** One that is free, for a program that listens later; below the range that outgoing connections have. */
export async function freePort() {
  for (;;) {
    const port = 20_000 + randomInt(12_000);
    const probe = createServer();
    const isFree = await new Promise((resolve) => {
      probe.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    await new Promise((closed) => probe.close(closed));
    if (isFree) return port;
  }
}

/** Until a program that was started listens. */
export async function awaitPort({ hostname, port }, program) {
  const isServed = () =>
    new Promise((resolve) => {
      const probe = connect(port, hostname, () => resolve(true) || probe.end()).on("error", () => resolve(false));
    });
  while (!(await isServed())) assert.equal(program.exitCode, null, "it has ended");
}
