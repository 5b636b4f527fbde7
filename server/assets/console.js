// Keys in lists: j and k go to the next and the previous line, Enter opens it as it opens any link.
// Only while the focus is in a list marked `data-keys` (WCAG 2.1.4); without this, Tab does it.
const root = document.documentElement;
root.dataset.script = ""; // the hint is shown only where the keys work

addEventListener("keydown", (event) => {
  const step = { j: 1, k: -1 }[event.key];
  if (!step || event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = event.target;
  if (at.closest("input, select, textarea, [contenteditable]")) return;
  const list = at.closest("[data-keys]");
  const items = [...(list?.querySelectorAll("li") ?? [])];
  const lines = items.map((line) => line.querySelector("a[href]")).filter(Boolean);
  const here = lines.findIndex((link) => link.closest("li") === at.closest("li"));
  const next = lines[here + step];
  if (here < 0 || !next) return;
  event.preventDefault();
  next.focus();
});
