// The counter without a network: keeps the page as it is for everybody (`shell`) and its files, all of one edition.
//
// Decides what is kept: nothing that was made for somebody. The hub is asked for the page first, always; the kept one answers when the hub does
// not. Files carry the hash of their content in their names. What is scanned and answered never passes through here.
const ROOT = new URL(".", self.location.href); // /counter/
const PAGE = new URL(ROOT.pathname.replace(/\/$/, ""), ROOT).href;
const SHELL = new URL("shell", ROOT).href;
const STATIC = new URL("../static/", ROOT).pathname;
const ASSETS = new URL("assets/", ROOT).pathname;
const CACHE = `counter-${EDITION}`;
const PATIENCE = 5000;

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && origin + pathname === PAGE) event.respondWith(page(event));
  else if (pathname.startsWith(ASSETS) || pathname.startsWith(STATIC)) event.respondWith(file(request));
});

async function keep() {
  const cache = await caches.open(CACHE);
  await Promise.all(BUILT.map((name) => cache.add(ASSETS + name)));
  await keepShell();
}

// The shell, and the files it names: a new version of the hub brings new ones.
async function keepShell() {
  const cache = await caches.open(CACHE);
  const answer = await fetch(SHELL, { cache: "no-store", credentials: "same-origin" });
  if (!answer.ok) throw new Error(`the shell: ${answer.status}`);
  const text = await answer.clone().text();
  const named = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address]) => new URL(address, SHELL));
  const files = named.filter(({ origin, pathname }) => origin === self.location.origin && pathname.startsWith(STATIC));
  await Promise.all(files.map(async (each) => (await cache.match(each.href)) ?? (await cache.add(each.href))));
  await cache.put(SHELL, answer);
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("counter-") && name !== CACHE).map((name) => caches.delete(name)));
}

async function page(event) {
  try {
    const answer = await fetch(event.request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status < 500) {
      if (answer.ok && answer.type === "basic") event.waitUntil(keepShell().catch(() => {}));
      return answer;
    }
  } catch {
    // no network: the kept page says so
  }
  return (await caches.match(SHELL)) ?? Response.error();
}

async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}
