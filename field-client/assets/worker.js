// The worker's half of the phone client: holds the lock and the files, gives the WebAssembly module
// what it asks of the machine (`host`), and passes requests to it. One worker per tab; one of them
// has the files.
import init, { boot, handle, release, resume, signal } from "./field_client.js";

// -- the machine, as src/host/worker.rs knows it

async function post(path, token, body, deflated, [timeout, cap]) {
  const headers = { "content-type": "application/cbor" };
  if (token) headers.authorization = `Bearer ${token}`;
  if (deflated) headers["content-encoding"] = "deflate";
  const answer = await fetch(path, {
    method: "POST",
    headers,
    body,
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(timeout),
  });
  return [answer.status, answer.headers.get("content-type") ?? "", await read(answer, cap)];
}

async function read(answer, cap) {
  const chunks = [];
  let length = 0;
  for (const reader = answer.body?.getReader(); reader;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > cap) {
      reader.cancel();
      throw new Error("answer too long");
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

// The wrapped key is sealed once more, with a key that no script can read out: a copy of the files
// is not enough.
const done = (request) =>
  new Promise((good, bad) => {
    request.onsuccess = () => good(request.result);
    request.onerror = () => bad(request.error);
  });

async function vault(mode, work) {
  const opening = indexedDB.open("chengxu", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("vault");
  const database = await done(opening);
  try {
    const transaction = database.transaction("vault", mode, { durability: "strict" });
    const ended = new Promise((good, bad) => {
      transaction.oncomplete = good;
      transaction.onabort = () => bad(transaction.error);
    });
    const result = await work(transaction.objectStore("vault"));
    await ended;
    return result;
  } finally {
    database.close();
  }
}
const sealed = () =>
  vault("readonly", (store) => Promise.all([done(store.get("seal")), done(store.get("wrapped"))]));

async function load_vault() {
  const [seal, wrapped] = await sealed();
  if (!wrapped) return undefined;
  if (!seal) throw new Error("the vault has lost its seal");
  const { iv, data } = wrapped;
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, seal, data));
}

async function save_vault(bytes) {
  const use = ["encrypt", "decrypt"];
  const [old] = await sealed();
  const seal =
    old ?? (await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, use));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, seal, bytes);
  await vault("readwrite", (store) => {
    store.put(seal, "seal");
    return done(store.put({ iv, data }, "wrapped"));
  });
}

globalThis.host = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: (buffer) => crypto.getRandomValues(buffer),
  sleep: (millis) => new Promise((good) => setTimeout(good, millis)),
  panicked: (message) => console.error(message),
  post,
  load_vault,
  save_vault,
};

// -- a trap inside the module never settles its promise: the page must hear of it here

const text = (error) => String(error?.message ?? error);
addEventListener("error", (event) => postMessage({ trapped: event.message }));
addEventListener("unhandledrejection", (event) => postMessage({ trapped: text(event.reason) }));

// -- the lock lives exactly as long as the open files

const LOCK = "chengxu-field";
const RETRY_MS = 50;
const RETRIES = 100;
let booted = false;
let queued; // aborts our place in the queue for the lock
let holding = false;
let taking; // the files are being opened
let open; // resolves when the files are ours
let opened;
const close = () => {
  holding = false;
  open = new Promise((good) => (opened = good));
};
close();

const supported = globalThis.FileSystemFileHandle?.prototype.createSyncAccessHandle;
const loaded = supported && init({ module_or_path: "/field/assets/field_client_bg.wasm" });

function hold(options) {
  let granted = false; // a place in the queue that we gave up ends in AbortError too
  const request = navigator.locks.request(LOCK, options, async (lock) => {
    if (!lock) return wait("open");
    granted = true;
    queued = undefined;
    try {
      await (taking = take());
    } catch (error) {
      return postMessage({ failed: text(error) });
    }
    return new Promise(() => {}); // keeps the lock
  });
  request.catch((error) => {
    if (error.name !== "AbortError") throw error;
    if (granted) lost();
  });
}

// The files of a tab that has just ended are free a little later than its lock.
async function take() {
  await loaded;
  for (let tries = 1; ; tries++) {
    try {
      await (booted ? resume() : boot());
      break;
    } catch (error) {
      if (tries > RETRIES || !/NoModificationAllowed/.test(text(error))) throw error;
      await host.sleep(RETRY_MS);
    }
  }
  booted = true;
  holding = true;
  opened();
  postMessage({ ready: true });
}

// Files that are being opened must be open before they can be let go. After that nothing else runs
// on this thread, so no transaction is open.
async function lost() {
  await taking.catch(() => {});
  if (!holding) return; // they would not open, and the page has been told
  close();
  release();
  wait("lost");
}

function wait(why) {
  postMessage({ busy: why });
  queued = new AbortController();
  hold({ signal: queued.signal });
}

onmessage = async ({ data: message }) => {
  if (message.signal) return holding ? signal(message.signal) : undefined;
  if ("take" in message) {
    queued?.abort();
    if (!supported) return postMessage({ missing: ["OPFS createSyncAccessHandle"] });
    return hold(message.take ? { steal: true } : { ifAvailable: true });
  }
  try {
    while (!holding) await open;
    const body = new Uint8Array(message.body ?? 0);
    const reply = await handle(message.method, message.url, message.headers, body);
    const { status, headers, body: bytes } = reply;
    reply.free();
    postMessage({ id: message.id, status, headers, body: bytes.buffer }, [bytes.buffer]);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return postMessage({ trapped: text(error) });
    postMessage({ id: message.id, error: text(error) });
  }
};
