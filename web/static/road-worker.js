// What a manager's phone keeps readable where there is no network: the pages that the server marks so, with what they are
// drawn with. What is brought home is not its business: that waits in the page's own database (road.js).
const KEPT = "road", MARK = "Huoshui-Keep", OLDEST = 7 * 864e5;
const DRAWN = /(?:href|src)="(\/static\/[^"]+)"/g;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (e) => e.waitUntil(clients.claim()));
addEventListener("fetch", (e) => {
  const { request } = e, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) e.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  else if (/^\/manager(\/|$)/.test(url.pathname)) e.respondWith(page(e, url));
});

// The network first, always; what is kept is for where there is none.
async function page(e, url) {
  let answer;
  try {
    answer = await fetch(e.request);
  } catch (gone) {
    const kept = await caches.match(url.pathname);
    if (kept) return aged(kept);
    if (e.request.mode === "navigate" && url.pathname !== "/manager" && await caches.match("/manager"))
      return Response.redirect("/manager");
    throw gone;
  }
  // Signed out, or sent elsewhere: what was kept is nobody's to read on this phone.
  if (answer.type === "opaqueredirect") e.waitUntil(caches.delete(KEPT));
  else if (answer.ok && !url.search) e.waitUntil(keep(url.pathname, answer.clone()));
  return answer;
}

async function keep(path, answer) {
  const whose = answer.headers.get(MARK);
  let store = await caches.open(KEPT);
  if (!whose) return store.delete(path);
  for (const one of await store.keys()) {
    const { headers } = await store.match(one), owner = headers.get(MARK);
    if (owner && owner !== whose) { // another person's phone now
      await caches.delete(KEPT);
      store = await caches.open(KEPT);
      break;
    }
    if (Date.now() - Date.parse(headers.get("Date")) > OLDEST) await store.delete(one);
  }
  const text = await answer.clone().text();
  for (const [, asset] of text.matchAll(DRAWN)) if (!await store.match(asset)) await store.add(asset);
  await store.put(path, answer);
}

// A page that says from when it is, since nobody can ask what happened meanwhile.
async function aged(kept) {
  const { headers } = kept, at = new Date(headers.get("Date"));
  const said = at.toLocaleString(headers.get("Content-Language"), { dateStyle: "medium", timeStyle: "short" });
  const text = (await kept.text()).replace('id="as-of" role="status" hidden', 'id="as-of" role="status"');
  return new Response(text.replace("%as-of%", said), { headers });
}
