// Asks for the changing part again when there is news, keeping what is open, focused and filtered.
"use strict";
(() => {
  const state = document.getElementById("state");
  const box = document.getElementById("q");
  const live = document.getElementById("live");
  const parser = new DOMParser();
  let busy = false, again = false;

  const say = (text, kind) => { live.textContent = text; live.className = kind; };

  // Puts the new children in place; those that are the same stay the same nodes.
  const merge = (old, fresh) => {
    const known = new Map([...old.children].filter(c => c.id).map(c => [c.id, c]));
    const next = [...fresh.children].map(child => {
      const before = child.id && known.get(child.id);
      if (!before) return child;
      if (before.dataset.html === undefined) before.dataset.html = before.innerHTML.replaceAll(" open=\"\"", "");
      const html = child.innerHTML;
      if (before.dataset.html === html && before.className === child.className) return before;
      const open = [...before.querySelectorAll("details[open]")].map(d => d.id);
      for (const id of open) child.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
      child.dataset.html = html;
      return child;
    });
    old.replaceChildren(...next);
  };

  const keepOpen = (old, fresh) => {
    for (const d of old.querySelectorAll("details[open]")) fresh.querySelector(`#${CSS.escape(d.id)}`)?.setAttribute("open", "");
  };

  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(`/_sandbox/fragment?q=${encodeURIComponent(box.value)}`);
      const fresh = parser.parseFromString(await answer.text(), "text/html").body;
      const focus = document.activeElement?.closest("details")?.id;
      for (const id of ["journeys", "events"]) {
        const was = document.getElementById(id), now = fresh.querySelector(`#${id}`);
        if (id === "journeys") merge(was, now);
        else { keepOpen(was, now); was.replaceChildren(...now.childNodes); }
      }
      if (focus && !document.activeElement?.closest("details")) {
        document.getElementById(focus)?.querySelector("summary")?.focus({ preventScroll: true });
      }
      say("live", "good");
    } catch { say("the sandbox does not answer", "error"); }
    busy = false;
    if (again) { again = false; refresh(); }
  };

  let typing;
  box.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(refresh, 120); });
  box.form.addEventListener("submit", event => { event.preventDefault(); refresh(); });
  document.addEventListener("keydown", event => {
    if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus(); box.select(); }
    if (event.key === "Escape" && document.activeElement === box) { box.value = ""; refresh(); box.blur(); }
  });

  const news = new EventSource("/_sandbox/news");
  news.onmessage = refresh;
  news.onerror = () => say("the sandbox does not answer", "error");
})();
