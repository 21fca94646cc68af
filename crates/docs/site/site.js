// The search: all of the documentation is a small file, which is looked through here.
(() => {
  "use strict";
  const root = document.currentScript.dataset.root;
  const MOST = 20;
  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  const input = make("input", {
    type: "search",
    placeholder: "Search",
    "aria-label": "Search the documentation",
    autocomplete: "off",
    spellcheck: "false",
  });
  const status = make("p", { role: "status" });
  const list = make("ol", {});
  const found = make("section", { id: "found" }, make("h1", {}, "Search"), status, list);
  found.hidden = true;
  document.getElementById("search").append(input);
  const text = document.getElementById("text");
  text.before(found);

  let sections;
  const load = () => {
    sections ??= fetch(`${root}search.json`).then((answer) => {
      if (!answer.ok) throw new Error(`the answer is ${answer.status}`);
      return answer.json();
    });
    return sections;
  };

  // A word in a heading says more than one in a text.
  const weigh = ([page, heading, , body], words) => {
    const [low, title, deep] = [heading.toLowerCase(), page.toLowerCase(), body.toLowerCase()];
    let weight = 0;
    for (const word of words) {
      if (low.includes(word)) weight += 10;
      else if (title.includes(word)) weight += 4;
      else if (deep.includes(word)) weight += 1;
      else return 0;
    }
    return weight;
  };

  const excerpt = (body, words) => {
    const at = Math.max(0, ...words.map((word) => body.toLowerCase().indexOf(word)));
    const from = Math.max(0, body.lastIndexOf(" ", Math.max(0, at - 60)));
    return (from > 0 ? "…" : "") + body.slice(from, from + 160).trim() + (from + 160 < body.length ? "…" : "");
  };

  const show = (all, words) => {
    const weighed = all.map((section) => [weigh(section, words), section]).filter(([weight]) => weight > 0);
    weighed.sort(([one], [other]) => other - one);
    status.textContent =
      weighed.length === 0
        ? "Nothing was found."
        : weighed.length === 1
          ? "1 section"
          : `${weighed.length} sections${weighed.length > MOST ? `, the first ${MOST}` : ""}`;
    list.replaceChildren(
      ...weighed.slice(0, MOST).map(([, [page, heading, path, body]]) => {
        const name = heading === page ? page : `${heading} · ${page}`;
        return make("li", {}, make("a", { href: root + path }, name), make("p", {}, excerpt(body, words)));
      }),
    );
  };

  const search = async () => {
    const asked = input.value;
    const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
    const is = words.length > 0;
    found.hidden = !is;
    text.hidden = is;
    if (!is) return;
    try {
      const all = await load();
      if (input.value === asked) show(all, words);
    } catch (error) {
      sections = undefined;
      status.textContent = `The search does not work: ${error.message}.`;
      list.replaceChildren();
    }
  };

  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = "";
      search();
    }
  });
  // What was found on this very page is shown where it stands.
  list.addEventListener("click", (event) => {
    if (!event.target.closest("a")) return;
    input.value = "";
    search();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target === input) return;
    event.preventDefault();
    input.focus();
  });
})();
