
// The page that is shown first, above Swagger UI: what there is, how to sign in, and where to begin.
{
  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  const first = config.urls[0].name;
  const addressOf = (group, hash = "") => `?${new URLSearchParams({ "urls.primaryName": group })}${hash}`;
  const shownGroup = () => document.querySelector("#select")?.selectedOptions[0]?.textContent;

  /** Opens an operation of the group that is shown; of another one, the link does it. */
  const open = (event, tag, operation) => {
    if (shownGroup() !== first || window.ui.specSelectors.loadingStatus() !== "success") return;
    event.preventDefault();
    window.ui.layoutActions.show(["operations-tag", tag], true);
    window.ui.layoutActions.show(["operations", tag, operation], true);
    history.pushState(null, "", `#/${tag}/${operation}`);
    requestAnimationFrame(() => document.getElementById(`operations-${tag}-${operation}`)?.scrollIntoView());
  };

  const groups = start.groups.map(([name, words]) =>
    make("li", {}, make("a", { href: addressOf(name) }, name), `: ${words}`),
  );
  const calls = start.first.map(([tag, operation, words]) => {
    const link = make("a", { href: addressOf(first, `#/${tag}/${operation}`) }, words);
    link.addEventListener("click", (event) => open(event, tag, operation));
    return make("li", {}, link);
  });

  const only = make("input", { type: "checkbox", id: "only-mine" });
  const status = make("span", { role: "status" });
  const address = (url) => {
    const whole = new URL(url, document.baseURI);
    if (only.checked) whole.searchParams.set("for", "me");
    return whole.href;
  };
  only.addEventListener("change", async () => {
    status.textContent = "";
    const url = window.ui.specSelectors.url();
    if (only.checked) {
      const answer = await fetch(address(url));
      if (!answer.ok) {
        only.checked = false;
        const asks = answer.status === 401 ? "Sign in first: Authorize, then oauth2." : (await answer.json()).title;
        status.textContent = ` ${asks}`;
        return;
      }
    }
    window.ui.specActions.download(url);
  });

  const page = make(
    "details",
    { id: "start" },
    make("summary", {}, "Start here"),
    make("p", {}, "Everything that this server does can be tried on this page, in groups:"),
    make("ul", {}, ...groups),
    make(
      "p",
      {},
      "To sign in, press Authorize below, choose oauth2 and press Authorize there: a window opens in which you sign in as " +
        "you do elsewhere. Then open an operation and press Execute: it is called for real, and as you.",
    ),
    make("p", {}, "On a new tenant, begin with these. What is filled in works as it is:"),
    make("ol", {}, ...calls),
  );
  const mine = make("p", { id: "mine" }, make("label", {}, only, " Only what I may do"), status);
  const style = make(
    "style",
    {},
    `#start, #mine { box-sizing: border-box; max-width: 1460px; margin: 0 auto; padding: 1rem 20px 0; font: 1rem/1.5 sans-serif; color: #3b4151; }
  #start summary { font-size: 1.5rem; font-weight: 700; cursor: pointer; }
  #start a { color: #0b4f9e; }
  #mine { padding-bottom: 1rem; }`,
  );

  window.onload = () => {
    // Who comes by a link to an operation wants to see that.
    page.open = location.hash === "";
    document.head.append(style);
    document.getElementById("swagger-ui").before(page, mine);
    window.ui = SwaggerUIBundle({
      ...config,
      presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
      plugins: [SwaggerUIBundle.plugins.DownloadUrl],
      requestInterceptor: (request) => {
        if (request.loadSpec) request.url = address(request.url);
        return request;
      },
    });
    window.ui.initOAuth(authorize);
  };
}
