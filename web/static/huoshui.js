// Everything works without this file. With it figures follow sliders, pages follow what happens, codes send themselves.
const $ = (selector, root = document) => [...root.querySelectorAll(selector)];
const body = document.body;

// Replace parts of this page by the same parts of a fresher one; what is being typed in stays.
async function refresh(url, ids, signal) {
  const answer = await fetch(url, { signal });
  if (answer.redirected) return location.reload();
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ids) {
    const old = document.getElementById(id), now = fresh.getElementById(id);
    if (!old) continue;
    if (!now || old.dataset.stage !== now.dataset.stage) return location.reload();
    if (old.innerHTML === now.innerHTML) continue;
    const focus = old.contains(document.activeElement) && document.activeElement;
    if (focus && focus.matches("input,textarea")) continue;
    const open = $("details", old).map((one) => one.open);
    old.replaceChildren(...now.childNodes);
    $("details", old).forEach((one, n) => { if (open[n]) one.open = true; });
    if (focus && focus.id) document.getElementById(focus.id)?.focus();
    ready(old);
  }
}

// Sliders and their fields hold one value; a form that can be re-priced is, shortly after the last move.
function sliders(form) {
  let timer, running;
  form.addEventListener("input", (event) => {
    const name = event.target.dataset.slider;
    if (!name) return;
    const value = event.target.value.replace(/[,，\s]/g, "");
    for (const twin of $(`[data-slider="${name}"]`, form)) if (twin !== event.target) twin.value = value;
    if (!form.dataset.liveForm) return;
    clearTimeout(timer);
    running?.abort();
    timer = setTimeout(async () => {
      running = new AbortController();
      const url = `${form.action.split("?")[0]}?${new URLSearchParams(new FormData(form))}`;
      try {
        await refresh(url, form.dataset.liveForm.split(" "), running.signal);
        history.replaceState(null, "", url);
        $("[name=back]").forEach((back) => { back.value = location.pathname + location.search; });
      } catch (error) { if (error.name !== "AbortError") form.dataset.liveForm = ""; }
    }, 120);
  });
}

// One tap is one command: a second does nothing until the answer has come.
function once(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    for (const button of $("button:not([type=button])", form)) button.setAttribute("aria-disabled", "true");
  });
}

// A code may be pasted with spaces around it; the sixth digit sends it.
function code(field) {
  field.addEventListener("input", () => {
    const digits = field.value.replace(/\D/g, "").slice(0, +field.dataset.code);
    if (digits !== field.value) field.value = digits;
    const others = $("input[aria-required]", field.form).every((one) => one.value);
    if (digits.length === +field.dataset.code && others && !field.form.dataset.sent) field.form.requestSubmit();
  });
}

// Files may be dropped; chosen ones are sent at once.
function drop(form) {
  const field = form.querySelector("[type=file]");
  field.addEventListener("change", () => field.files.length && form.requestSubmit());
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) form.addEventListener(kind, (event) => {
    event.preventDefault();
    form.classList.toggle("over", kind.startsWith("drage") || kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) { field.files = event.dataTransfer.files; form.requestSubmit(); }
  });
}

// The legal reading time, counted down; the server holds the measure.
function wait(form) {
  let left = +form.dataset.wait;
  const text = form.querySelector("[data-wait-text]"), button = form.querySelector("button");
  if (!(left > 0)) return;
  form.dataset.sent = "1";
  button.setAttribute("aria-disabled", "true");
  const tick = setInterval(() => {
    if (--left > 0) return void (text.textContent = text.dataset.waitText.replace("%d", left));
    clearInterval(tick);
    text.textContent = text.dataset.waitDone;
    delete form.dataset.sent;
    button.removeAttribute("aria-disabled");
  }, 1000);
}

function ready(root) {
  $("form", root).forEach((form) => { if (form.querySelector("[data-slider]")) sliders(form); });
  $("form[data-once]", root).forEach(once);
  $("[data-code]", root).forEach(code);
  $("form[data-drop]", root).forEach(drop);
  $("form[data-wait]", root).forEach(wait);
  $("[data-print]", root).forEach((button) => button.addEventListener("click", () => print()));
  $("[data-copy]", root).forEach((button) => button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.replace(/\s/g, ""));
    button.textContent = button.dataset.done;
  }));
}

// What happens is shown when it happens: a stream of versions, or a look every two seconds.
function live(address, every) {
  let version = body.dataset.version, polling, busy;
  const look = async () => {
    if (busy || document.hidden) return;
    busy = true;
    try { await refresh(location.href, ["live", "clock"]); } catch { /* the next look will tell */ } finally { busy = false; }
  };
  const poll = (_, ms = 2000) => { polling ??= setInterval(look, ms); };
  if (!address) return poll(0, every * 1000);
  const stream = new EventSource(address);
  stream.addEventListener("changed", (event) => {
    clearInterval(polling); polling = undefined;
    const now = String(JSON.parse(event.data).version);
    if (now !== version) { version = now; look(); }
  });
  stream.onerror = poll;
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  addEventListener("pagehide", () => stream.close());
}

ready(document);
document.getElementById("errors")?.focus();
if (body.dataset.live || body.dataset.poll) live(body.dataset.live, body.dataset.poll);
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
