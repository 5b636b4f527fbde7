// The page's half of the phone client: looks what the browser can do, runs the worker that is the
// client, and carries requests to it. Offers `window.field`: `fetch` (as the browser's, answered by
// the worker) and `turn` (new version).

const html = document.documentElement;
const waiting = new Map(); // requests that the worker has not answered yet
let worker;
let sequence = 0;
let traps = 0; // in a row
const TRAPS_BEFORE_GIVING_UP = 3;

// -- the sentences are templates in shell.html, in both languages

const say = (name) => document.getElementById(`say-${name}`).content.cloneNode(true);
function full(name, detail = "") {
  document.body.replaceChildren(say(name));
  const slot = document.querySelector("[data-detail]");
  if (slot) slot.textContent = detail;
}

// -- can this browser do it?

function webview() {
  return /MicroMessenger|DingTalk|AlipayClient/i.test(navigator.userAgent);
}
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
    good?.(message);
  }
}

// A trapped instance never answers again: end it, answer what waits, begin anew. What was saved is
// in the files.
function restart(why) {
  console.error("the client stopped:", why);
  worker.terminate();
  for (const { bad } of waiting.values()) bad(new Error(why));
  waiting.clear();
  if (++traps >= TRAPS_BEFORE_GIVING_UP) return full("failed", why);
  if (stale) return location.reload();
  start();
}

function ask(message, transfer = []) {
  return new Promise((good, bad) => {
    const id = ++sequence;
    waiting.set(id, { good, bad });
    worker.postMessage({ ...message, id }, transfer);
  });
}

async function local(input, init) {
  const request = new Request(input, init);
  const url = new URL(request.url);
  const quiet = request.method === "GET" || request.method === "HEAD";
  const body = quiet ? undefined : await request.arrayBuffer();
  const sent = { method: request.method, url: url.pathname + url.search };
  const headers = [...request.headers, ["accept-language", navigator.language]].flat();
  const answer = await ask({ ...sent, headers, body }, body ? [body] : []);
  const pairs = [];
  for (let i = 0; i < answer.headers.length; i += 2) pairs.push(answer.headers.slice(i, i + 2));
  const to = [301, 302, 303].includes(answer.status) && pairs.find(([name]) => name === "location");
  if (to) {
    const at = new URL(to[1], url);
    const next = await local(at);
    return shaped(next, next.redirected ? next.url : at.href, true);
  }
  const empty = [204, 205, 304].includes(answer.status);
  const response = new Response(empty ? null : answer.body, {
    status: answer.status,
    headers: pairs,
  });
  return shaped(response, url.href, false);
}

// A made Response has neither address nor redirect; a fetched one has both.
function shaped(response, url, redirected) {
  const own = (value) => ({ value, configurable: true });
  return Object.defineProperties(response, { url: own(url), redirected: own(redirected) });
}

// -- one tab at a time

function elsewhere(why) {
  delete sessionStorage.held;
  if (stale && why === "lost") return location.reload();
  if (document.getElementById("elsewhere")) return;
  const dialog = document.createElement("dialog");
  dialog.id = "elsewhere";
  dialog.className = "shell-dialog";
  dialog.append(say("elsewhere"));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.querySelector("button").onclick = () => worker.postMessage({ take: true });
  html.append(dialog);
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
  addEventListener("online", () => signal("online"));
  addEventListener("offline", () => signal("offline"));
  addEventListener("pagehide", () => signal("hidden"));
  document.addEventListener("visibilitychange", () =>
    signal(document.hidden ? "hidden" : "visible"),
  );
}

async function begin() {
  if (webview()) return full("webview");
  const lacks = missing();
  if (lacks.length) return full("missing", lacks.join(", "));
  window.field = { fetch: local, turn };
  start();
  signals();
  const shell = await import("./shell.js");
  import("./capture.js").catch((error) => console.warn("no camera:", error));
  keepCurrent(shell).catch((error) => console.warn("no offline start:", error));
  await shell.visit(new URL(location), { push: false });
  if (!html.dataset.visit && !going) full("failed", "no first page");
}
begin().catch((error) => full("failed", String(error)));
