// Photos and signatures. A picture is shrunk, which also drops what the camera wrote into it, and
// put into its form as one text with a thumbnail, the hash of the camera's file, its time and the
// position; strokes become the path data of an SVG.
import { notice } from "./shell.js";

const SIDE = 1600;
const BYTES = 300 * 1024;
const THUMB = 160;
const THUMB_BYTES = 8 * 1024;
const FIX_MS = 1_000;
const FIX_FRESH_MS = 60_000;

// -- photos: <input type="file" data-photo>

const working = new Map(); // forms whose picture is not ready, and the button that waits

addEventListener("change", async ({ target }) => {
  const [file] = target.matches("[data-photo]") ? target.files : [];
  if (!file) return;
  const { form } = target;
  const tell = (what, hidden) =>
    form.querySelectorAll(`[data-photo-${what}]`).forEach((word) => (word.hidden = hidden));
  working.set(form, form.querySelector("button[name=act][value=save]"));
  tell("busy", false);
  try {
    const field = { type: "hidden", name: "photo", value: await pack(file) };
    if (!form.isConnected) throw new Error("the page was left");
    form.append(Object.assign(document.createElement("input"), field));
    tell("ready", false);
  } catch (error) {
    console.warn(error);
    working.delete(form);
    notice("照片没有保存，请重拍。", "The photo was not saved; please take it again.");
  }
  target.value = "";
  tell("busy", true);
  const button = working.get(form);
  working.delete(form);
  if (button) form.requestSubmit(button);
});

// A form that is sent while its picture is in the works waits for it.
function hold(event) {
  if (!working.has(event.target)) return;
  event.preventDefault();
  working.set(event.target, event.submitter);
}
addEventListener("submit", hold, true);

// The position is looked for while the camera is open.
addEventListener("click", ({ target }) => {
  if (target.matches("[data-photo]")) locate();
  if (target.matches("[data-pad-clear]")) strokes(target, "");
});

async function pack(file) {
  const place = locate();
  const original = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  const hex = [...new Uint8Array(original)].map((byte) => byte.toString(16).padStart(2, "0"));
  const image = await createImageBitmap(file);
  const thumb = await shrink(image, THUMB, THUMB_BYTES);
  const picture = await shrink(image, SIDE, BYTES);
  image.close();
  return ["v1", hex.join(""), file.lastModified, await place, thumb, picture].join(";");
}

// As JPEG in base64url: worse first, then smaller, until it fits.
async function shrink(image, side, bytes) {
  const canvas = document.createElement("canvas");
  for (let quality = 0.85; ; quality -= 0.15) {
    if (quality < 0.4) [side, quality] = [side * 0.8, 0.7];
    const scale = Math.min(1, side / Math.max(image.width, image.height));
    canvas.width = Math.ceil(image.width * scale);
    canvas.height = Math.ceil(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const [, data] = canvas.toDataURL("image/jpeg", quality).split(",");
    if ((data.length * 3) / 4 <= bytes) {
      return data.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    }
  }
}

// "lat,lon,accuracy" in millionths of a degree and metres, or nothing: a photo does not wait long.
const locate = () =>
  new Promise((good) => {
    const none = () => good("");
    setTimeout(none, FIX_MS); // also while nobody answers whether we may
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) =>
        good([latitude * 1e6, longitude * 1e6, accuracy].map(Math.round).join()),
      none,
      { enableHighAccuracy: true, maximumAge: FIX_FRESH_MS },
    );
  });

// -- the pad: strokes in a box of 600 × 240; a stroke begins with M, every further point with L

let pen; // the box that is drawn in, and the last point

addEventListener("pointerdown", (event) => {
  const box = event.target.closest("[data-pad] svg");
  if (!box || !event.isPrimary || event.button) return;
  event.preventDefault();
  pen = { box };
  draw(event);
});
addEventListener("pointermove", (event) => {
  if (!pen || !event.isPrimary) return;
  [...(event.getCoalescedEvents?.() ?? []), event].forEach(draw);
});
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (pen = undefined));

function draw({ clientX, clientY }) {
  const { left, top, width, height } = pen.box.getBoundingClientRect();
  const within = (part, most) => Math.round(Math.min(1, Math.max(0, part)) * most);
  const x = within((clientX - left) / width, 600);
  const y = within((clientY - top) / height, 240);
  if (pen.at && Math.hypot(x - pen.at[0], y - pen.at[1]) < 2) return;
  const all = `${strokes(pen.box).value}${pen.at ? "L" : "M"}${x} ${y}`;
  if (all.length > 8 * 1024) return;
  pen.at = [x, y];
  strokes(pen.box, all);
}

// The strokes in the field beside the box, where they are sent from; drawn anew if given.
function strokes(inside, all) {
  const pad = inside.closest("[data-pad]");
  const field = pad.querySelector("[name=drawing]");
  if (all === undefined) return field;
  field.value = all;
  pad.querySelector("path").setAttribute("d", all);
}

