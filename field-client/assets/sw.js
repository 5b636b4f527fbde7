// Makes the phone client start without a network: every file of one version, cached together and
// replaced together. The build writes the version and the exact list; their names carry the hash of
// their content.
const VERSION = "BUILD_VERSION";
const FILES = ["BUILD_FILES"];
const SHELL = FILES.find((file) => file.includes("/shell.") && file.endsWith(".html"));
const CACHE = `field-${VERSION}`;

// Pages drawn by the client name files without their hash.
const byName = new Map(FILES.map((file) => [file.replace(/\.[0-9a-f]{12}(?=\.\w+$)/, ""), file]));

oninstall = (event) => event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));

onactivate = (event) =>
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((key) => key.startsWith("field-") && key !== CACHE);
      await Promise.all(old.map((key) => caches.delete(key)));
      await clients.claim();
    })(),
  );

// A new version waits until a page says that nothing is in flight.
onmessage = ({ data }) => {
  if (data === "activate") skipWaiting();
};

onfetch = (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (!pathname.startsWith("/field/") || pathname === "/field/sw.js") return;
  const file = FILES.includes(pathname) ? pathname : byName.get(pathname);
  if (file) event.respondWith(cached(file, request));
  else if (request.mode === "navigate") event.respondWith(cached(SHELL, request));
};

async function cached(file, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(file)) ?? fetch(request);
}
