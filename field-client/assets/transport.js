// The page's half of the phone client: looks what the browser can do, runs the worker that is the
// client, and carries requests to it. Offers `window.field`: `fetch` (as the browser's, answered by
// the worker) and `turn` (new version).

const html = document.documentElement;
const waiting = new Map(); // requests that the worker has not answered yet
let worker;
let sequence = 0;
let traps = 0; // in a row
const MAX_TRAPS = 3;

// -- the sentences are templates in shell.html, in both languages

const say = (name) => document.getElementById(`say-${name}`).content.cloneNode(true);
function full(name, detail = "") {
  document.body.replaceChildren(say(name));
  const slot = document.querySelector("[data-detail]");
  if (slot) slot.textContent = detail;
}

// -- can this browser do it?

const webview = () => /MicroMessenger|DingTalk|AlipayClient/i.test(navigator.userAgent);
function missing() {
  const needed = {
    HTTPS: isSecureContext,
    "Web Worker": window.Worker,
    "Service Worker": navigator.serviceWorker,
    "Web Locks": navigator.locks,
    "Web Crypto": crypto.subtle,
    IndexedDB: window.indexedDB,
    WebAssembly: window.WebAssembly,
    "Origin Private File System": navigator.storage?.getDirectory,
  };
  return Object.keys(needed).filter((name) => !needed[name]);
}

// -- the worker

function start() {
  const mine = new Worker("/field/assets/worker.js", { type: "module" });
  // What an ended worker still had to say no longer counts.
  mine.onmessage = ({ data }) => mine === worker && heard(data);
  mine.onerror = (event) => mine === worker && restart(event.message ?? "worker");
  worker = mine;
  // The tab that had the files has them again after a reload, though another one waits for them.
  worker.postMessage({ take: Boolean(sessionStorage.held) });
}

function heard(message) {
  if (message.ready) {
    document.getElementById("elsewhere")?.remove();
    sessionStorage.held = "yes";
    // Files live longer where the browser promised to keep them. Only a page may ask.
    navigator.storage.persist?.();
  } else if (message.busy) elsewhere(message.busy);
  else if (message.missing) full("missing", message.missing.join(", "));
  else if (message.failed) full("failed", message.failed);
  else if (message.trapped) restart(message.trapped);
  else {
    const { good, bad } = waiting.get(message.id) ?? {};
    waiting.delete(message.id);
    if (message.error) return bad?.(new Error(message.error));
    traps = 0;
    good?.(message.reply);
  }
}

// A trapped instance never answers again: end it, answer what waits, begin anew. What was saved is
// in the files.
function restart(why) {
  console.error("the client stopped:", why);
  worker.terminate();
  for (const { bad } of waiting.values()) bad(new Error(why));
  waiting.clear();
  if (++traps >= MAX_TRAPS) return full("failed", why);
  if (stale) return location.reload();
  start();
}

// As fetch: what the worker answers, sent on to where it redirects to.
async function local(input, init) {
  const request = new Request(input, init);
  const headers = [...request.headers, ["accept-language", navigator.language]].flat();
  const body = new Uint8Array(await request.arrayBuffer());
  const [content, shape, to] = await new Promise((good, bad) => {
    const id = ++sequence;
    waiting.set(id, { good, bad });
    worker.postMessage({ id, call: [request.method, request.url, headers, body] }, [body.buffer]);
  });
  // A made response has neither address nor redirect; a fetched one has both.
  return Object.defineProperties(new Response(content, shape), {
    url: { value: new URL(to, request.url).href },
    redirected: { value: to !== "" },
  });
}

// -- one tab at a time

function elsewhere(why) {
  delete sessionStorage.held;
  if (stale && why === "lost") return location.reload();
  if (document.getElementById("elsewhere")) return;
  html.append(say("elsewhere"));
  const dialog = document.getElementById("elsewhere");
  dialog.oncancel = (event) => event.preventDefault();
  dialog.querySelector("button").onclick = () => worker.postMessage({ take: true });
  dialog.showModal();
}

// -- versions: a new service worker waits until nothing is in flight, then the next navigation
// loads all of it

let fresh; // the service worker that waits with a newer version
let stale = false; // another tab moved on: load nothing more of the old version
let going; // where to, once the new version is in charge

function turn(url) {
  if (waiting.size || (!fresh && !stale)) return false;
  going = url.href;
  if (fresh) fresh.postMessage("activate");
  else location.assign(going);
  return true;
}

async function keepCurrent(shell) {
  const serviceWorker = navigator.serviceWorker;
  let ruled = Boolean(serviceWorker.controller);
  serviceWorker.addEventListener("controllerchange", () => {
    if (!ruled) return void (ruled = true);
    if (going) return location.assign(going);
    stale = true;
    fresh = undefined;
    if (document.getElementById("elsewhere")) location.reload();
  });
  const registration = await serviceWorker.register("/field/sw.js", { scope: "/field/" });
  const look = () => {
    if (!registration.waiting || !serviceWorker.controller || fresh) return;
    fresh = registration.waiting;
    shell.notice(
      "新版本已就绪，打开下一页时启用。",
      "A new version is ready and starts with the next page.",
      true,
    );
  };
  registration.addEventListener("updatefound", () =>
    registration.installing?.addEventListener("statechange", look),
  );
  look();
  addEventListener("online", () => registration.update().catch(() => {}));
}

// -- what the page notices, for the worker

function signals() {
  const signal = (kind) => worker.postMessage({ signal: kind });
  for (const kind of ["online", "offline"]) addEventListener(kind, () => signal(kind));
  addEventListener("pagehide", () => signal("hidden"));
  document.addEventListener("visibilitychange", () => signal(document.visibilityState));
}

async function begin() {
  if (webview()) return full("webview");
  const lacks = missing();
  if (lacks.length) return full("missing", lacks.join(", "));
  window.field = { fetch: local, turn };
  start();
  signals();
  const shell = await import("./shell.js");
  import("./capture.js").catch(console.warn);
  keepCurrent(shell).catch(console.warn); // without, no start offline
  await shell.visit(new URL(location), { push: false });
  if (!html.dataset.visit && !going) full("failed", "no first page");
}
begin().catch((error) => full("failed", String(error)));
