// The published clients of gRPC-Web in Chromium, from another origin: `@connectrpc/connect-web` and `grpc-web`.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { BASE, NAME, allow, signUp } from "./server.mjs";

let browser, page, server, token;

before(async () => {
  token = await signUp();
  const bundled = await build({
    entryPoints: [new URL("page.mjs", import.meta.url).pathname],
    bundle: true,
    format: "iife",
    write: false,
  });
  server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? bundled.outputFiles[0].text : '<!doctype html><script src="/page.js"></script>');
  });
  await new Promise((ready) => server.listen(0, "localhost", ready));
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args });
  page = await browser.newPage();
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** What a client of a page that has just been opened answers. */
async function ask(client, as) {
  await page.goto(`http://localhost:${server.address().port}/`);
  await page.waitForFunction(() => document.title === "Ready");
  return page.evaluate(([client, base, as]) => window.ask(client, base, as), [client, BASE, as]);
}

test("a page of a site that the tenant has not named is not answered", async () => {
  for (const client of ["connect", "text", "binary"]) {
    const [code] = await ask(client, token);
    assert.ok([2, 14].includes(code), `${client} cannot tell more: ${code}`);
  }
});

test("a page of a site that it has named is, by each client and format", async () => {
  await allow(`http://localhost:${server.address().port}`);
  for (const client of ["connect", "text", "binary"]) {
    assert.equal(await ask(client, token), NAME, client);
    const [code, words] = await ask(client, "");
    assert.equal(code, 16, client);
    assert.match(words, /\w/, `${client} is told why`);
  }
});
