// Everything works without this file. With it figures follow sliders, and pages what happens.
const $ = (mark, root = document) => [...root.querySelectorAll(mark)];
const by = (id) => document.getElementById(id), body = document.body;
const on = (it, kind, act) => it.addEventListener(kind, act);

// Nothing is swapped from under a finger, nor on a page on its way elsewhere.
let pressed, leaving;
on(window, "pointerdown", (e) => { pressed = e.target; });
for (const end of ["pointerup", "pointercancel"]) on(window, end, () => setTimeout(() => { pressed = null; }));

// Whoever signs out leaves no page behind on this phone (road-worker.js).
on(document, "submit", (e) => { if (e.target.action.endsWith("sign-out")) self.caches?.delete("road"); });

// The page is made anew when what was typed last is kept.
let kept = Promise.resolve();
async function anew() {
  document.activeElement?.blur();
  await kept;
  location.reload();
}

// Replace parts of this page by those of a fresher one; what is being typed in stays.
async function refresh(url, ids, signal) {
  const answer = await fetch(url, { signal });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  while (ids.some((id) => by(id)?.contains(pressed))) await new Promise((go) => setTimeout(go, 50));
  signal?.throwIfAborted();
  if (leaving) return;
  if (answer.redirected) return location.reload();
  if (!answer.ok) return;
  for (const id of ids) {
    const old = by(id), now = fresh.getElementById(id);
    if (!old) continue;
    if (!now || old.dataset.stage !== now.dataset.stage) return anew();
    if (old.innerHTML === now.innerHTML) continue;
    const focus = old.contains(document.activeElement) && document.activeElement;
    if (focus && focus.matches("input,textarea")) continue;
    const open = $("details", old).map((one) => one.open);
    old.replaceChildren(...now.childNodes);
    $("details", old).forEach((one, n) => { one.open ||= open[n]; });
    if (focus) by(focus.id)?.focus();
    ready(old);
  }
}

// Sliders and their fields hold one value; what can be re-priced is, shortly after the last move.
function sliders(form) {
  let timer, running;
  on(form, "input", (e) => {
    const name = e.target.dataset.slider;
    if (!name) return;
    const value = e.target.value.replace(/[,，\s]/g, "");
    for (const twin of $(`[data-slider="${name}"]`, form)) if (twin !== e.target) twin.value = value;
    if (!form.dataset.liveForm) return;
    clearTimeout(timer);
    running?.abort();
    timer = setTimeout(async () => {
      running = new AbortController();
      const url = `${form.action.split("?")[0]}?${new URLSearchParams(new FormData(form))}`;
      try {
        await refresh(url, form.dataset.liveForm.split(" "), running.signal);
        history.replaceState(null, "", url);
        for (const back of $("[name=back]")) back.value = location.pathname + location.search;
      } catch (e) { if (e.name !== "AbortError") form.dataset.liveForm = ""; }
    }, 120);
  });
}

// One tap is one command: a second does nothing.
function once(form) {
  on(form, "submit", (e) => {
    if (form.dataset.sent) return e.preventDefault();
    form.dataset.sent = leaving = "1";
    for (const button of $("button:not([type=button])", form)) button.ariaDisabled = "true";
  });
}

// A code may be pasted with spaces; the sixth digit sends it.
function code(field) {
  on(field, "input", () => {
    const digits = field.value.replace(/\D/g, "").slice(0, +field.dataset.code);
    if (digits !== field.value) field.value = digits;
    const others = $("input[aria-required]", field.form).every((one) => one.value);
    if (digits.length === +field.dataset.code && others && !field.form.dataset.sent) field.form.requestSubmit();
  });
}

// Files may be dropped; chosen ones are sent.
function drop(form) {
  const field = form.querySelector("[type=file]");
  on(field, "change", () => field.files.length && form.requestSubmit());
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) on(form, kind, (e) => {
    e.preventDefault();
    form.classList.toggle("over", /enter|over/.test(kind));
    if (kind === "drop" && e.dataTransfer.files.length) { field.files = e.dataTransfer.files; form.requestSubmit(); }
  });
}

// What was typed is kept when its field is left.
function keep(form) {
  on(form, "change", (e) => {
    if (e.target.type === "file") return;
    kept = kept.then(async () => {
      if (form.dataset.sent) return;
      const said = new FormData(form);
      said.delete("photos");
      const answer = await fetch(form.dataset.keep, { method: "POST", headers: { "X-Keep": 1 }, body: said });
      if (answer.ok) form.elements.draft_version.value = answer.headers.get("ETag").slice(2, -1);
      else if (answer.status === 412) form.querySelector("[formaction]").click();
    }).catch(() => {});
  });
}

// The legal reading time counts down; the server measures it.
function wait(form) {
  let left = +form.dataset.wait;
  const text = form.querySelector("[data-wait-text]"), button = form.querySelector("button");
  if (!(left > 0)) return;
  form.dataset.sent = "1";
  button.ariaDisabled = "true";
  const tick = setInterval(() => {
    if (--left > 0) return void (text.textContent = text.dataset.waitText.replace("%d", left));
    clearInterval(tick);
    text.textContent = text.dataset.waitDone;
    delete form.dataset.sent;
    button.ariaDisabled = null;
  }, 1000);
}

function ready(root) {
  for (const form of $("form", root)) if (form.querySelector("[data-slider]")) sliders(form);
  const marked = { once, code, drop, keep, wait };
  for (const mark in marked) $(`[data-${mark}]`, root).forEach(marked[mark]);
  $("[data-print]", root).forEach((button) => on(button, "click", () => print()));
  $("[data-copy]", root).forEach((button) => on(button, "click", async () => {
    await navigator.clipboard.writeText(by(button.dataset.copy).textContent.replace(/\s/g, ""));
    button.textContent = button.dataset.done;
  }));
}

// What happens is shown at once: a stream of versions, or a look every two seconds.
function live(address, every) {
  let version = body.dataset.version, polling, busy, again;
  const look = async () => {
    if (busy || document.hidden) return void (again = busy);
    busy = true;
    try { await refresh(location.href, ["live", "clock", "reading"]); } catch { setTimeout(look, 2000); }
    busy = false;
    if (again) { again = false; look(); }
  };
  if (!address) return setInterval(look, every * 1000);
  const stream = new EventSource(address);
  on(stream, "changed", (e) => {
    clearInterval(polling); polling = undefined;
    const now = String(JSON.parse(e.data).version);
    if (now !== version) { version = now; look(); }
  });
  stream.onerror = () => { polling ??= setInterval(look, 2000); };
  on(document, "visibilitychange", look);
  on(window, "pagehide", () => stream.close());
}

ready(document);
by("errors")?.focus();
if (body.dataset.live || body.dataset.poll) live(body.dataset.live, body.dataset.poll);
on(window, "pageshow", (e) => { if (e.persisted) location.reload(); });
