// On the road: what is captured without a network stays on this phone and is sent once there is one. Each thing has an
// id of its own from the start, so that sending it again changes nothing; it says whose it is, and goes in their session
// alone. What the other side will not take stays, with why, until somebody says what becomes of it.
const told = document.getElementById("kept"), { whose, most, also = "" } = told.dataset;
const part = (name) => told.querySelector(`[data-part=${name}]`);
const asked = (request) => new Promise((yes, no) => {
  request.onsuccess = () => yes(request.result);
  request.onerror = () => no(request.error);
});
const opening = indexedDB.open("road", 1);
opening.onupgradeneeded = () => opening.result.createObjectStore("things", { keyPath: "n", autoIncrement: true });
const opened = asked(opening);
const things = async (mode = "readwrite") => (await opened).transaction("things", mode).objectStore("things");
const everything = async () => asked((await things("readonly")).getAll());

// Where this phone is, as far as it says within a few seconds; nobody has to allow it.
const place = () => new Promise((go) => navigator.geolocation
  ? navigator.geolocation.getCurrentPosition((at) => go(at.coords), () => go(), { timeout: 4000, maximumAge: 60000 })
  : go());

function line(name, n) {
  part(name).hidden = !n;
  part(name).textContent = told.dataset[name].replace("%d", n);
}

let unfit = 0; // not even kept: it could be no photo, or is too large
async function tell() {
  const all = await everything(), mine = all.filter((one) => one.whose === whose);
  const stuck = mine.filter((one) => one.refused);
  line("waiting", mine.length - stuck.length);
  line("others", all.length - mine.length);
  line("unfit", unfit);
  part("refused").replaceChildren(...stuck.map((one) => {
    const item = part("one").content.cloneNode(true), [why, again, drop] = item.querySelectorAll("p,button");
    why.textContent = `${one.what} · ${one.refused}`;
    again.onclick = async () => { delete one.refused; await asked((await things()).put(one)); await tell(); send(); };
    drop.onclick = async () => { await asked((await things()).delete(one.n)); tell(); };
    return item;
  }));
  part("hint").hidden = !stuck.length;
  told.hidden = !all.length && !unfit;
}

// What somebody is typing is not taken from them by a fresh page.
const typing = () => [...document.querySelectorAll("main input:not([type=hidden]),main textarea")]
  .some((one) => one.type !== "radio" && one.value !== one.defaultValue);

let sending;
async function send() {
  if (sending || !navigator.onLine) return;
  sending = true;
  let went = 0, over;
  try {
    for (const one of await everything()) {
      if (one.refused || one.whose !== whose) continue;
      const data = new FormData();
      for (const [name, value] of one.fields) data.append(name, value);
      data.set("csrf", document.querySelector("[name=csrf]")?.value ?? "");
      data.set("whose", whose);
      const answer = await fetch(one.url, { method: "POST", body: data, headers: { Accept: "application/problem+json, */*" } });
      const { status, ok } = answer, landed = new URL(answer.url).pathname;
      if (ok && landed.startsWith("/manager")) {
        went++;
        over = one.url.endsWith("/finish");
        await asked((await things()).delete(one.n));
        continue;
      }
      const no = ok ? {} : await answer.json().catch(() => ({}));
      // Signed out, somebody else's session, too much at once, or the other side is away: it waits.
      if (ok || status >= 500 || [401, 403, 408, 425, 429].includes(status) || no.code === "running") break;
      one.refused = [no.detail ?? no.title ?? status, ...(no.errors ?? []).map((field) => field.detail)].join(" ");
      await asked((await things()).put(one));
    }
  } catch { /* no network after all */ }
  sending = false;
  await tell();
  if (went && over) location.assign("/manager");
  else if (went && !typing()) location.reload();
}

// A photo as the other side can read it: what this browser can draw becomes a JPEG, else it throws.
async function readable(file) {
  if (/^(image\/(jpeg|png|webp)|application\/pdf|video\/.*)$/.test(file.type) && file.size <= most) return file;
  const drawn = await createImageBitmap(file), part = Math.min(1, 2400 / Math.max(drawn.width, drawn.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [drawn.width * part, drawn.height * part];
  canvas.getContext("2d").drawImage(drawn, 0, 0, canvas.width, canvas.height);
  const data = await new Promise((go) => canvas.toBlob(go, "image/jpeg", 0.85));
  return new File([data], file.name.replace(/\.\w*$/, "") + ".jpg", { type: "image/jpeg" });
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
  const fields = [...new FormData(form, e.submitter)], file = fields.find(([, value]) => value instanceof File);
  unfit = 0;
  try {
    if (file) file[1] = await readable(file[1]);
    const what = form.querySelector(":checked")?.parentNode.textContent.trim() ?? form.dataset.what;
    await asked((await things()).add({ url: form.action, fields, whose, what: [what, form.elements.words?.value].filter(Boolean).join(" · ") }));
  } catch { unfit = 1; }
  form.reset();
  delete form.dataset.busy;
  await tell();
  send();
}, true);

// The worker keeps this page readable; a page that it did not see yet is shown to it once, and the day with it.
if (/^\/manager(\/|$)/.test(location.pathname)) {
  const workers = navigator.serviceWorker, ahead = () => also.split(" ").filter(Boolean).forEach(async (path) => {
    const kept = await caches.match(path);
    if (!kept || Date.now() - Date.parse(kept.headers.get("Date")) > 36e5) fetch(path).catch(() => {});
  });
  workers?.addEventListener("controllerchange", () => { fetch(location.pathname).catch(() => {}); ahead(); });
  workers?.register(told.dataset.worker, { scope: "/manager" }).catch(() => {});
  if (workers?.controller) ahead();
}

// A phone asks for its place before the first photo that needs one.
if (document.querySelector("[data-placed]")) place();
addEventListener("online", send);
setInterval(send, 30000);
tell().then(send);
