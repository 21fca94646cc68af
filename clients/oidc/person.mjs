// Somebody with a browser without scripts: it keeps cookies, follows redirects and sends the forms of the hosted pages.

import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";

const escapes = { "&amp;": "&", "&quot;": '"', "&#x27;": "'", "&#x2f;": "/", "&lt;": "<", "&gt;": ">" };
const plain = (escaped) => escaped.replace(/&[a-z0-9#]+;/g, (escape) => escapes[escape.toLowerCase()] ?? escape);

export class Person {
  #cookies = new Map();
  /** The paths of the pages that asked something. */
  pages = [];

  constructor({ name, password }) {
    this.typed = { username: name, password };
  }

  /** Goes to an address and says yes to whatever is asked, until the browser is sent to an address that begins so. */
  async go(address, until) {
    const { at, answer } = await this.#follow(address, (to) => to.href.startsWith(until));
    if (answer) throw new Error(`${address} does not come to ${until} but to ${at}: ${answer.status} ${answer.text}`);
    return at;
  }

  /** Goes to an address and says yes to whatever is asked, until something is there that asks nothing. */
  async open(address, headers) {
    return (await this.#follow(address, () => false, headers)).answer;
  }

  async #follow(address, isThere, headers) {
    let at = new URL(address);
    let form;
    for (let steps = 0; steps < 20; steps++) {
      if (isThere(at)) return { at };
      const answer = await this.#request(at, form, headers);
      form = undefined;
      if (answer.to) {
        at = new URL(answer.to, at);
        continue;
      }
      const page = answer.text;
      if (answer.status !== 200 || !page.includes("<form ")) return { at, answer };
      this.pages.push(at.pathname.replace(/^\/t\/[^/]+/, ""));
      form = new URLSearchParams();
      for (const [input, name] of page.matchAll(/<input [^>]*name="([^"]+)"[^>]*>/g)) {
        const value = this.typed[name] ?? plain(/ value="([^"]*)"/.exec(input)?.[1] ?? "");
        form.append(name, value);
      }
      at = new URL(plain(/<form [^>]*action="([^"]*)"/.exec(page)?.[1] ?? at.href), at);
    }
    throw new Error(`${address} comes to no end`);
  }

  async #request(at, form, more) {
    const cookie = [...this.#cookies].map((pair) => pair.join("=")).join("; ");
    const headers = { ...more, accept: "text/html", cookie, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    if (form) Object.assign(headers, { origin: at.origin, "content-type": "application/x-www-form-urlencoded" });
    const sent = request(at, { method: form ? "POST" : "GET", headers }).end(form?.toString());
    const [answer] = await once(sent, "response");
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.#cookies.set(name, value);
    }
    return { status: answer.statusCode, to: answer.headers.location, text: await text(answer) };
  }
}
