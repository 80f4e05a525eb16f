// The form of an application for a seal with script: the picture follows what is typed, also what was typed before this script had come, or what the browser
// filled in when somebody came back. The hub draws it; of several answers the newest counts, the picture that is seen stays until the next is ready, and
// nothing is kept. Without script a button does the same.

const form = document.querySelector("form[data-preview]");
const words = JSON.parse(document.getElementById("preview-words").textContent);
const panel = document.querySelector(".preview");
const said = document.getElementById("preview-said");
const size = document.getElementById("preview-size");
const PAUSE = 200; // milliseconds without a key before a picture is asked for
const PAUSE_WITH_FILE = 600; // a picture that was handed in goes along each time
const SHOWN = ["owner_name", "text", "number", "picture"]; // what the picture comes from
const MM = 96 / 25.4;
let timer = 0;
let running = null;

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(draw, wait);
}

async function draw() {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  try {
    const answer = await fetch(form.dataset.preview, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      signal: mine.signal,
      cache: "no-store",
    });
    if (!answer.ok) return trouble(answer);
    const told = await answer.json();
    if (told.picture) await show(told);
    panel.classList.toggle("stale", !told.picture);
    if (running === mine) tell(told.faults);
  } catch (error) {
    if (error.name !== "AbortError") stale(words["seals.preview.failed"]);
  }
}

async function show({ picture, width, height }) {
  const mine = running;
  const next = new Image(Math.round(width * MM), Math.round(height * MM));
  next.src = picture;
  next.alt = words["seals.preview.alt"];
  next.id = "preview";
  await next.decode();
  if (running !== mine) return;
  document.getElementById("preview").replaceWith(next);
  size.textContent = words["seals.preview.size"].replace("{width}", width).replace("{height}", height);
}

/** Say what keeps the seal from being drawn; what is not typed yet is no fault. */
function tell(faults) {
  const typed = (name) => (name === "text" ? true : Boolean(form.elements[name]?.value));
  const wrong = SHOWN.filter((name) => faults[name] && typed(name)).map((name) => faults[name]);
  const text = [...new Set(wrong)].join(" ");
  if (said.textContent !== text) said.textContent = text;
}

function trouble(answer) {
  if (answer.status === 429) later(1000 * Number(answer.headers.get("Retry-After") || 1));
  else stale(words["seals.preview.failed"]);
}

function stale(text) {
  panel.classList.add("stale");
  said.textContent = text;
}

function pause() {
  return form.elements.picture.files.length ? PAUSE_WITH_FILE : PAUSE;
}

/** Whether the picture is not that of what stands in the form: something did not come with the page, or no picture did. */
function isBehind() {
  const came = form.cloneNode(true);
  came.reset();
  const [now, then] = [form, came].map((each) => new URLSearchParams(new FormData(each)).toString());
  return now !== then || form.elements.picture.files.length > 0 || !document.getElementById("preview").src;
}

form.addEventListener("input", () => later(pause()));
form.addEventListener("submit", () => running?.abort());
if (isBehind()) later(pause());
