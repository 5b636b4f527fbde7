// The worker's half of the phone client: holds the lock and with it the files, and passes requests
// to the WebAssembly module. One worker per tab; one of them has the files.
import init, { handle, release, signal, take } from "./field_client.js";

// -- a trap inside the module never settles its promise: the page must hear of it here

const text = (error) => String(error?.message ?? error);
addEventListener("error", (event) => postMessage({ trapped: event.message }));
addEventListener("unhandledrejection", (event) => postMessage({ trapped: text(event.reason) }));

// -- the lock lives exactly as long as the open files

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
  const request = navigator.locks.request("chengxu-field", options, async (lock) => {
    if (!lock) return wait("open");
    granted = true;
    queued = undefined;
    try {
      await (taking = begin());
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

async function begin() {
  await loaded;
  await take();
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

onmessage = async ({ data: { id, call, ...told } }) => {
  if (told.signal) return holding ? signal(told.signal) : undefined;
  if (!call) {
    queued?.abort();
    if (!supported) return postMessage({ missing: ["OPFS createSyncAccessHandle"] });
    return hold(told.take ? { steal: true } : { ifAvailable: true });
  }
  try {
    while (!holding) await open;
    postMessage({ id, reply: await handle(...call) });
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return postMessage({ trapped: text(error) });
    postMessage({ id, error: text(error) });
  }
};
