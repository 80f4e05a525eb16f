// The public page with script: reads the code from the address's fragment, takes it out of the address bar, and shows the verdict.
// Keeps nothing: no storage, no cookie, no history. Without it the form does the same.
import { fillVerdict, readWords } from "./verdict.js";

const SIDES = [2400, 1600, 1000]; // pixels: enough for any code that fills a good part of the picture
const LARGE = 1_500_000; // bytes
const place = document.getElementById("verdict");
const working = document.getElementById("working");
const trouble = document.getElementById("trouble");
const form = document.getElementById("form");
const words = JSON.parse(document.getElementById("public-words").textContent);
const TROUBLES = { 413: "large", 429: "busy" };

async function ask(body, headers = {}) {
  place.replaceChildren();
  trouble.hidden = true;
  working.hidden = false;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json", ...headers },
      credentials: "omit",
      cache: "no-store",
    });
    if (answer.ok) show(await answer.json());
    else fail(TROUBLES[answer.status] ?? "failed");
  } catch {
    fail("failed");
  } finally {
    working.hidden = true;
  }
}

function show(verdict) {
  const panel = fillVerdict(verdict, readWords());
  place.replaceChildren(panel);
  const title = document.querySelector("#ask h1");
  if (title) {
    const smaller = document.createElement("h2");
    smaller.textContent = words["public.again"];
    title.replaceWith(smaller);
  }
  scrollTo(0, 0);
  panel.focus();
}

function fail(name) {
  trouble.textContent = words[`public.script.${name}`];
  trouble.hidden = false;
}

/** A photograph of today is larger than the hub takes: make it as much smaller as is needed, here. */
async function smaller(file) {
  if (!file.type.startsWith("image/") || file.size < LARGE) return file;
  try {
    const picture = await createImageBitmap(file);
    let made = file;
    for (const side of SIDES) {
      made = await drawn(picture, Math.min(1, side / Math.max(picture.width, picture.height)));
      if (made.size < LARGE) break;
    }
    return made;
  } catch {
    return file; // the hub says what it thinks of it
  }
}

function drawn(picture, share) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * share);
  canvas.height = Math.round(picture.height * share);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((made, failed) => canvas.toBlob((blob) => (blob ? made(blob) : failed()), "image/jpeg", 0.85));
}

function readAddress() {
  const code = location.hash.slice(1);
  if (!code || document.getElementById(code)) return; // a place on this page
  history.replaceState(null, "", location.pathname);
  ask(JSON.stringify({ code }), { "Content-Type": "application/json" });
}

form.addEventListener("submit", async (event) => {
  const picture = form.elements.picture?.files[0];
  const code = form.elements.code.value.trim();
  if (!picture && !code) return; // the page says what is missing
  event.preventDefault();
  const body = new FormData();
  if (picture) body.append("picture", await smaller(picture), "picture");
  else body.append("code", code);
  form.reset();
  await ask(body);
});
addEventListener("hashchange", readAddress);
readAddress();
