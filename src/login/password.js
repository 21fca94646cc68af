// Says of each rule whether the password that is being typed meets it. The page is whole without this, and the server
// alone decides: what it knows better, as common passwords, is judged when the form is sent.
(() => {
  "use strict";
  const has = (pattern) => (text) => pattern.test(text);
  const tests = {
    too_short: (text, number) => [...text].length >= number,
    too_long: (text, number) => text !== "" && [...text].length <= number,
    needs_lower: has(/\p{Lowercase}/u),
    needs_upper: has(/\p{Uppercase}/u),
    needs_digit: has(/\p{N}/u),
    needs_special: has(/[^\p{Alphabetic}\p{N}]/u),
  };
  for (const list of document.querySelectorAll("[data-password]")) {
    const { password, met, unmet, later } = list.dataset;
    const input = document.getElementById(password);
    const told = document.getElementById(`${password}-told`);
    const rules = [...list.children].map((item) => {
      const state = document.createElement("span");
      item.prepend(state, " ");
      return { item, state, test: tests[item.dataset.rule], number: Number(item.dataset.number) };
    });
    const judged = rules.filter(({ test }) => test !== undefined);
    const look = () => {
      const text = input.value.normalize("NFC");
      for (const { item, state, test, number } of rules) {
        const is = test === undefined ? "later" : test(text, number) ? "met" : "unmet";
        item.dataset.state = is;
        state.textContent = { met, unmet, later }[is];
      }
      const many = judged.filter(({ item }) => item.dataset.state === "met").length;
      // Said only when it changes, and not before anything is typed.
      const words = told.dataset.words.replace("{}", `${many}/${judged.length}`);
      if (text !== "" && told.textContent !== words) told.textContent = words;
    };
    input.addEventListener("input", look);
    look();
  }
})();
