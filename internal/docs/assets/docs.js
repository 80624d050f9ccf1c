/* The bar above the documents: it fetches a token for one of the reader's own sandbox
   applications, and gives it to Swagger UI, as Authorize would. */
(function () {
  "use strict";
  const bar = document.getElementById("authorize");
  const said = document.getElementById("authorize-said");
  const address = "/docs/";
  let session = null; // who reads, and which applications they have
  let given = {};     // what was fetched, by scheme
  let shown = "";     // the document that the bar speaks of

  function make(name, attributes, ...children) {
    const e = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) e.setAttribute(key, value);
    e.append(...children);
    return e;
  }
  function back() { return encodeURIComponent(location.pathname + location.search + location.hash); }
  function say(text, tone) { said.textContent = text; said.className = tone || ""; }
  function documentNow() { return (window.ui ? window.ui.specSelectors.url() : "").replace(/^.*\/api\/|\.yaml$/g, ""); }

  /* A scheme can be filled in only while a document that has it is on the page. */
  function fill() {
    const schemes = window.ui && window.ui.specSelectors.specJson().getIn(["components", "securitySchemes"]);
    if (!schemes) return;
    for (const [scheme, value] of Object.entries(given)) {
      if (schemes.has(scheme)) window.ui.preauthorizeApiKey(scheme, value);
    }
  }

  async function ask(what, app) {
    const answer = await fetch(address + what, { method: "POST", redirect: "manual", body: new URLSearchParams({ _csrf: session.csrf, app }) });
    if (answer.type === "opaqueredirect") {
      location.href = "/prove?back=" + back();
      return null;
    }
    if (!(answer.headers.get("Content-Type") || "").startsWith("application/json")) throw new Error("That did not work. Open this page again and repeat it.");
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error);
    return body;
  }

  async function authorize(event) {
    event.preventDefault();
    const care = shown === "care", app = bar.querySelector("select").value, button = bar.querySelector("button");
    const name = bar.querySelector("select").selectedOptions[0].textContent;
    button.disabled = true;
    say("One moment …");
    try {
      const got = await ask(care ? "key" : "authorize", app);
      if (!got) return;
      Object.assign(given, care ? { clientId: got.clientId, clientSecret: got.clientSecret } : { bearerAuth: got.token });
      fill();
      const until = new Date(Date.now() + got.seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      say("Authorized as " + name + " until " + until + ". Try it out on any operation.", "good");
    } catch (e) {
      say(e.message, "bad");
    } finally {
      button.disabled = false;
      button.focus();
    }
  }

  function render() {
    shown = documentNow();
    const care = shown === "care";
    say("");
    if (!session || !session.email) {
      bar.replaceChildren(make("a", { href: "/signin?back=" + back() }, "Sign in"), " to have Authorize filled for you, with your own sandbox.");
      return;
    }
    if (!session.build) {
      bar.replaceChildren("Authorize is filled for developers: they have applications with a sandbox.");
      return;
    }
    if (!session.apps.length) {
      bar.replaceChildren("Your organisation has no approved sandbox application yet. ", make("a", { href: "/apps" }, "Applications"));
      return;
    }
    const id = "authorize-app";
    const list = make("select", { id, name: "app" }, ...session.apps.map(a => make("option", { value: a.id }, a.name)));
    const form = make("form", {}, make("label", { for: id }, care ? "Care takes a key with every call. Application" : "Application"), list,
      make("button", { type: "submit" }, care ? "Make a key that ends in an hour" : "Authorize with this application"));
    form.addEventListener("submit", authorize);
    bar.replaceChildren(form);
    if (care) {
      const full = () => {
        const a = session.apps.find(a => a.id === list.value);
        form.querySelector("button").disabled = a.full;
        if (a.full) {
          say("This application has two keys already. ", "bad");
          said.append(make("a", { href: "/apps/" + a.id }, "Revoke one first"));
        } else say("");
      };
      list.addEventListener("change", full);
      full();
    }
  }

  addEventListener("load", async () => {
    const answer = await fetch(address + "session");
    if (answer.ok) session = await answer.json();
    if (session && session.theme) document.documentElement.dataset.theme = session.theme;
    render();
    let had = null;
    window.ui.getStore().subscribe(() => {
      const spec = window.ui.specSelectors.specJson();
      if (spec === had) return;
      had = spec;
      setTimeout(fill); // not from within what changed it
      if (documentNow() !== shown) setTimeout(render);
    });
  });
})();
