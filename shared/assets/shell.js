// Navigation without page loads, for the phone client and the console alike: links and forms stay
// plain, so a page without this script still works. On the phone `window.field` answers requests;
// elsewhere fetch does.
import { Idiomorph } from "./vendor/idiomorph.js";

const html = document.documentElement;
const PROGRESS_AFTER_MS = 300;
const call = (url, init) => (window.field?.fetch ?? fetch)(url, init);

let latest = 0; // number of the newest visit: older answers are dropped
let shown = window.field ? null : location.pathname; // path of the page on the screen
let touched = false; // something was typed since it was drawn
let refreshing;

// -- what the person is told, in both languages

const region = (role, className) => {
  const element = Object.assign(document.createElement("div"), { role, className });
  html.append(element);
  return element;
};
const live = region("status", "visually-hidden");
const board = region("alert", "shell-notice");
board.hidden = true;

// Gone with the next page, unless it lasts.
let lasts = false;
export function notice(zh, en, lasting = false) {
  const line = (lang, textContent) =>
    Object.assign(document.createElement("p"), { lang, textContent });
  board.replaceChildren(line("zh-CN", zh), line("en", en));
  board.hidden = false;
  lasts = lasting;
}

// -- one visit: ask, draw, settle

export async function visit(url, { init, push = true, y = 0, quiet = false } = {}) {
  if (!init && !quiet && window.field?.turn(url)) return;
  const mine = ++latest;
  const slow = setTimeout(() => (html.dataset.busy = ""), PROGRESS_AFTER_MS);
  try {
    const answer = await call(url.href, init);
    const type = answer.headers.get("content-type") ?? "";
    if (!type.startsWith("text/html")) {
      if (!answer.ok || window.field) throw new Error(`${answer.status} ${type}`);
      return location.assign(url); // a file is the browser's
    }
    const text = await answer.text();
    if (mine !== latest) return;
    const at = init && !answer.redirected ? new URL(location) : new URL(answer.url);
    at.hash ||= init ? "" : url.hash;
    board.hidden ||= !lasts;
    draw(text, at, { push: push && !quiet, y, quiet });
  } catch (error) {
    if (quiet || mine !== latest) return;
    console.warn(error);
    notice(
      "没有得到回应。已保存的内容没有丢失，请再试一次。",
      "No answer. What was saved is not lost; please try again.",
    );
  } finally {
    clearTimeout(slow);
    if (mine === latest) delete html.dataset.busy;
  }
}

function draw(text, at, { push, y, quiet }) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const moved = at.pathname !== shown;
  if (at.href !== location.href) {
    // Sent elsewhere, as to the PIN: forms post to the address that is shown.
    if (push) remember();
    history[push ? "pushState" : "replaceState"](push ? {} : history.state, "", at);
  }
  shown = at.pathname;
  document.title = page.title;
  html.lang = page.documentElement.lang || html.lang;
  html.className = page.documentElement.className;
  if (moved) document.body.replaceWith(document.adoptNode(page.body));
  else morph(page.body, quiet);
  touched &&= quiet;
  fillCode();
  if (moved || y) scrollTo(0, y);
  if (!quiet) settle(moved, y);
  watch();
  html.dataset.visit = Number(html.dataset.visit ?? 0) + 1;
  performance.mark("rendered");
}

function morph(body, quiet) {
  Idiomorph.morph(document.body, body, {
    morphStyle: "outerHTML",
    ignoreActiveValue: quiet,
    callbacks: {
      // What the person folded or unfolded stays so.
      beforeAttributeUpdated: (name, node) => !(name === "open" && node.localName === "details"),
    },
  });
}

// Focus goes to the first error, else to the heading of a new page; a page drawn again keeps it.
function settle(moved, y) {
  const first = (...choices) => choices.map((s) => document.querySelector(s)).find(Boolean);
  const error = first("[data-focus]", "[aria-invalid='true']");
  const target = error ?? (moved ? first("main [autofocus]", "main h1", "main") : undefined);
  if (target) {
    if (target.tabIndex < 0) target.tabIndex = -1;
    target.focus({ preventScroll: !error && (moved || y > 0) });
  }
  live.textContent = document.title;
}

// -- `data-refresh="SECONDS"` in a page draws it again, unless somebody types or looks elsewhere

function watch() {
  clearTimeout(refreshing);
  const seconds = Number(document.querySelector("[data-refresh]")?.dataset.refresh);
  if (!seconds) return;
  refreshing = setTimeout(async () => {
    const idle = !touched && !document.hidden && !sending.size && !("busy" in html.dataset);
    if (idle) await visit(new URL(location), { quiet: true });
    watch();
  }, seconds * 1000);
}

// -- the enrolment code is in the fragment, which no server sees; it leaves the address at once

let code = "";
function takeCode() {
  if (!location.pathname.endsWith("/enrol") || location.hash.length < 2) return;
  code = decodeURIComponent(location.hash.slice(1));
  history.replaceState(history.state, "", location.pathname + location.search);
}
function fillCode() {
  takeCode();
  const field = document.querySelector("input[type=hidden][name=code]");
  if (field && code) field.value = code;
}

// -- links, forms, history

// Forms with files are not ours.
const plain = (element) => element.target || element.matches("[data-plain], [download], [enctype]");
const ours = (url) =>
  url.origin === location.origin &&
  url.pathname.startsWith("/field/") === location.pathname.startsWith("/field/");

addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) return void print();
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || plain(link)) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href);
  if (!ours(url) || (url.hash && url.pathname === location.pathname)) return;
  event.preventDefault();
  visit(url);
});

const sending = new Set(); // what is on its way: the same form sent twice goes once
let line = Promise.resolve(); // forms go in the order of the taps

addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  // By attribute: an input named "action" hides the property.
  const said = (name) => button?.getAttribute(`form${name}`) ?? form.getAttribute(name);
  const method = (said("method") ?? "get").toLowerCase();
  const url = new URL(said("action") || location.href, location);
  if (event.defaultPrevented || !ours(url) || plain(form) || method === "dialog") return;
  event.preventDefault();
  const pairs = new URLSearchParams(new FormData(form));
  if (button?.name) pairs.append(button.name, button.value);
  if (method === "get") {
    url.search = pairs;
    return void visit(url);
  }
  const key = `${url} ${pairs}`;
  if (sending.has(key)) return;
  sending.add(key);
  const init = { method: "POST", body: pairs };
  line = line.then(() => visit(url, { init })).finally(() => sending.delete(key));
});

addEventListener("input", () => (touched = true));
addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-autosubmit")) form.requestSubmit();
});

const remember = () => history.replaceState({ ...history.state, y: scrollY }, "");
addEventListener("popstate", (event) => {
  if (location.pathname === shown && location.hash) return fillCode();
  visit(new URL(location), { push: false, y: event.state?.y ?? 0 });
});
addEventListener("pagehide", remember);
history.scrollRestoration = "manual";

fillCode();
watch();
export const busy = () => sending.size > 0;
