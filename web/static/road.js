// On the road: what is captured without a network stays on this phone and is sent once there is one. Each thing has an
// id of its own from the start, so that sending it again changes nothing.
const told = document.getElementById("kept"), line = told.querySelector("p");
const asked = (request) => new Promise((yes, no) => {
  request.onsuccess = () => yes(request.result);
  request.onerror = () => no(request.error);
});
const opening = indexedDB.open("road", 1);
opening.onupgradeneeded = () => opening.result.createObjectStore("things", { keyPath: "n", autoIncrement: true });
const opened = asked(opening);
const things = async (mode = "readwrite") => (await opened).transaction("things", mode).objectStore("things");

// Where this phone is, as far as it says within a few seconds; nobody has to allow it.
const place = () => new Promise((go) => navigator.geolocation
  ? navigator.geolocation.getCurrentPosition((at) => go(at.coords), () => go(), { timeout: 4000, maximumAge: 60000 })
  : go());

async function tell(refused) {
  const n = await asked((await things("readonly")).count());
  told.hidden = !n && !refused;
  if (!told.hidden) line.textContent = refused || told.dataset.waiting.replace("%d", n);
}

let sending;
async function send() {
  if (sending || !navigator.onLine) return;
  sending = true;
  let went = 0, over, refused;
  try {
    for (const one of await asked((await things("readonly")).getAll())) {
      const data = new FormData();
      for (const [name, value] of one.fields) data.append(name, value);
      data.set("csrf", document.querySelector("[name=csrf]")?.value ?? "");
      const answer = await fetch(one.url, { method: "POST", body: data });
      const landed = new URL(answer.url).pathname;
      if (answer.ok && landed.startsWith("/manager") && !landed.includes("sign-in")) { went++; over = one.url.endsWith("/finish"); }
      else if (answer.status === 422) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        refused = page.getElementById("errors")?.textContent.trim() || told.dataset.refused;
      } else break; // signed out, or the other side is away: it stays here
      await asked((await things()).delete(one.n));
    }
  } catch { /* no network after all */ }
  sending = false;
  await tell(refused);
  if (went && !refused) over ? location.assign("/manager") : location.reload();
}

// Before every other listener: the form itself is never sent.
document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (!form.matches("[data-capture],[data-finish]")) return;
  e.preventDefault();
  e.stopPropagation();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const set = (name, value) => { if (form.elements[name]) form.elements[name].value = value; };
  set("id", crypto.randomUUID());
  set("taken_at", new Date().toISOString());
  if (form.elements.latitude) {
    const at = await place();
    if (at) for (const [name, value] of [["latitude", at.latitude], ["longitude", at.longitude], ["accuracy_m", at.accuracy]]) set(name, value);
  }
  await asked((await things()).add({ url: form.action, fields: [...new FormData(form, e.submitter)] }));
  form.reset();
  delete form.dataset.busy;
  await tell();
  send();
}, true);

// The worker keeps this page readable; a page that it did not see yet is shown to it once.
if (/^\/manager(\/|$)/.test(location.pathname)) {
  const workers = navigator.serviceWorker;
  workers?.addEventListener("controllerchange", () => fetch(location.pathname).catch(() => {}));
  workers?.register(told.dataset.worker, { scope: "/manager" }).catch(() => {});
}

addEventListener("online", send);
setInterval(send, 30000);
tell().then(send);
