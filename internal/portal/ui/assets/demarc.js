// What the pages can do better with a script than without. Each of them works without.
"use strict";
(() => {
  const all = (root, what) => root.querySelectorAll(what);

  // Said politely to those who hear the page.
  const voice = document.createElement("p");
  voice.className = "hidden";
  voice.setAttribute("role", "status");
  document.body.append(voice);
  const say = (text) => { voice.textContent = ""; setTimeout(() => { voice.textContent = text; }, 50); };

  // Copy buttons

  const copy = async (button) => {
    const pre = button.closest("figure")?.querySelector("pre");
    if (!pre) return;
    let done;
    try {
      await navigator.clipboard.writeText(pre.textContent);
      done = true;
    } catch { // not on a secure address: what is selected can be copied all the same
      getSelection().selectAllChildren(pre);
      done = document.execCommand("copy");
    }
    const before = button.dataset.before ??= button.textContent;
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    say(button.textContent);
    clearTimeout(button.timer);
    button.timer = setTimeout(() => { button.textContent = before; }, 2000);
  };

  // A form is sent once. The buttons are switched off only when the browser has taken the
  // values, that of the pressed button among them.

  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (e.defaultPrevented || form.method !== "post" || form.target) return;
    if (form.sent) { e.preventDefault(); return; }
    form.sent = true;
    setTimeout(() => { for (const b of form.elements) if (b.type === "submit" && !b.disabled) { b.disabled = true; b.offBySend = true; } });
  });
  addEventListener("pageshow", (e) => {
    if (!e.persisted) return;
    for (const form of document.forms) {
      form.sent = false;
      for (const b of form.elements) if (b.offBySend) { b.disabled = false; b.offBySend = false; }
    }
  });

  document.addEventListener("change", (e) => {
    if (e.target.matches("select[data-submit]")) e.target.form.requestSubmit();
  });

  // The menu closes when one goes elsewhere.

  const closeMenus = (but) => { for (const m of all(document, "details.menu[open]")) if (!but || !m.contains(but)) m.open = false; };
  document.addEventListener("click", (e) => {
    closeMenus(e.target);
    const button = e.target.closest?.("[data-copy]");
    if (button) copy(button);
  });

  // Plots: what the figures are at the pointer, or as the arrow keys go. They are read
  // from the table that each plot has.

  const rowsOf = (plot) => plot.rows ??= [...all(plot, "tbody tr[data-x]")];
  const show = (plot, i) => {
    const rows = rowsOf(plot), cursor = plot.querySelector(".cursor"), out = plot.querySelector(".readout");
    if (!rows.length || !cursor || !out) return;
    i = Math.max(0, Math.min(rows.length - 1, i));
    if (plot.at === i) return;
    plot.at = i;
    const names = all(plot, "thead th");
    const cells = [...rows[i].cells].map((c, n) => n ? names[n].textContent + " " + c.textContent : c.textContent);
    out.textContent = cells.join(" \u00b7 ");
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, rows[i].dataset.x + "%");
    cursor.removeAttribute("visibility");
  };
  const leave = (plot) => {
    plot.at = -1;
    plot.querySelector(".cursor")?.setAttribute("visibility", "hidden");
    const out = plot.querySelector(".readout");
    if (out) out.textContent = "";
  };
  const areaOf = (e) => e.target.closest?.(".plot .area");
  document.addEventListener("pointermove", (e) => {
    const area = areaOf(e);
    if (!area) return;
    const box = area.querySelector("svg").getBoundingClientRect(), x = 100 * (e.clientX - box.left) / box.width;
    const plot = area.closest(".plot");
    let best = 0, least = Infinity;
    rowsOf(plot).forEach((row, i) => { const d = Math.abs(row.dataset.x - x); if (d < least) { least = d; best = i; } });
    show(plot, best);
  });
  document.addEventListener("pointerout", (e) => {
    const area = areaOf(e);
    if (area && !area.contains(e.relatedTarget)) leave(area.closest(".plot"));
  });
  document.addEventListener("focusout", (e) => { const area = areaOf(e); if (area) leave(area.closest(".plot")); });
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape") closeMenus();
    const area = areaOf(e);
    if (!area) return;
    const plot = area.closest(".plot"), last = rowsOf(plot).length - 1, at = plot.at ?? -1;
    const to = { ArrowLeft: at < 0 ? last : at - 1, ArrowRight: at + 1, Home: 0, End: last }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    show(plot, to);
    say(plot.querySelector(".readout").textContent);
  });

  // What a new piece of page needs.

  const openFromServer = new WeakSet();
  const enhance = (root) => {
    for (const d of all(root, "details[open]")) openFromServer.add(d);
    for (const b of all(root, "[data-copy]")) b.hidden = false;
    for (const s of all(root, "select[data-submit]")) for (const b of all(s.form ?? root, "button[type=submit]")) b.hidden = true;
    for (const a of all(root, ".plot .area")) a.tabIndex = 0;
    for (const s of all(root, ".canvas .now rect")) { // where the drawing is wider than its place
      const canvas = s.closest(".canvas");
      canvas.scrollLeft = s.x.baseVal.value + s.width.baseVal.value + 48 - canvas.clientWidth;
    }
  };

  // Live regions. What the server sent is kept as it was sent, to tell whether it is
  // different now: the page's own changes to it do not count.

  const main = document.querySelector("main[data-stream]");
  const sent = new WeakMap();
  const busy = (el) => el.contains(document.activeElement) || [...all(el, "details[open]")].some((d) => !openFromServer.has(d));
  const take = (data) => {
    const page = new DOMParser().parseFromString(JSON.parse(data), "text/html");
    for (const now of all(page, "[data-live]")) {
      const html = now.outerHTML, old = now.id && document.getElementById(now.id);
      if (!old || !old.hasAttribute("data-live") || sent.get(old) === html || busy(old)) continue;
      const fresh = document.importNode(now, true);
      sent.set(fresh, html);
      old.replaceWith(fresh);
      enhance(fresh);
    }
  };
  if (main) {
    for (const el of all(main, "[data-live]")) sent.set(el, el.outerHTML);
    let source;
    const follow = () => {
      source = new EventSource(location.pathname + location.search);
      source.addEventListener("page", (e) => take(e.data));
      source.addEventListener("done", () => source.close());
    };
    follow();
    addEventListener("pagehide", () => source.close());
    addEventListener("pageshow", (e) => { if (e.persisted) follow(); });
  }

  enhance(document);
  document.querySelector("[data-focus]")?.focus();
})();
