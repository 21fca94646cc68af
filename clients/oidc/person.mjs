// Somebody with a browser without scripts: it keeps cookies, follows redirects and sends the forms of the hosted pages.

const text = { "&amp;": "&", "&quot;": '"', "&#x27;": "'", "&#x2f;": "/", "&lt;": "<", "&gt;": ">" };
const plain = (escaped) => escaped.replace(/&[a-z0-9#]+;/g, (escape) => text[escape.toLowerCase()] ?? escape);

export class Person {
  #cookies = new Map();
  /** The paths of the pages that asked something. */
  pages = [];

  constructor({ name, password }) {
    this.typed = { username: name, password };
  }

  /** Goes to an address and says yes to whatever is asked there, until the browser is sent to `until`. */
  async go(address, until) {
    let at = new URL(address);
    let form;
    for (let steps = 0; steps < 20; steps++) {
      if (at.href.startsWith(until)) return at;
      const answer = await this.#request(at, form);
      form = undefined;
      const to = answer.headers.get("location");
      if (to) {
        at = new URL(to, at);
        continue;
      }
      const page = await answer.text();
      if (!answer.ok) throw new Error(`${at} answers ${answer.status}: ${page}`);
      this.pages.push(at.pathname.replace(/^\/t\/[^/]+/, ""));
      form = new URLSearchParams();
      for (const [input, name] of page.matchAll(/<input [^>]*name="([^"]+)"[^>]*>/g)) {
        const value = this.typed[name] ?? plain(/ value="([^"]*)"/.exec(input)?.[1] ?? "");
        form.append(name, value);
      }
      if (form.size === 0) throw new Error(`${at} asks nothing: ${page}`);
      at = new URL(plain(/<form [^>]*action="([^"]*)"/.exec(page)?.[1] ?? at.href), at);
    }
    throw new Error(`${address} does not come to ${until}`);
  }

  async #request(at, form) {
    const cookie = [...this.#cookies].map((pair) => pair.join("=")).join("; ");
    const answer = await fetch(at, {
      method: form ? "POST" : "GET",
      body: form,
      headers: form ? { cookie, origin: at.origin } : { cookie },
      redirect: "manual",
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.#cookies.set(name, value);
    }
    return answer;
  }
}
