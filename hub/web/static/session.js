// Warns two minutes before a session ends, and stays signed in by a button: what was typed is not lost. The hub's clock counts, not this machine's.

const SOON = 120_000;
const bar = document.querySelector("[data-session]");
const warning = bar.querySelector("[role=alertdialog]");
const offset = Date.parse(bar.dataset.now) - Date.now();
let idleAt = Date.parse(bar.dataset.idleAt);
const endsAt = Date.parse(bar.dataset.endsAt);
let timer;

function say(name) {
  for (const each of warning.querySelectorAll("[data-said]")) each.hidden = each.dataset.said !== name;
  warning.querySelector("button").hidden = name !== "idle";
  warning.hidden = false;
}

function look() {
  const left = idleAt - (Date.now() + offset);
  clearTimeout(timer);
  if (left <= 0) say("over");
  else if (left > SOON) {
    warning.hidden = true;
    timer = setTimeout(look, left - SOON);
  } else {
    const first = warning.hidden;
    say(idleAt >= endsAt ? "end" : "idle");
    if (first) warning.querySelector("button:not([hidden])")?.focus();
    timer = setTimeout(look, left);
  }
}

async function stay() {
  const answer = await fetch(bar.querySelector("a").href, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) idleAt = Date.parse((await answer.json()).idleAt);
  else if (answer) idleAt = 0;
  look();
}

warning.querySelector("button").addEventListener("click", stay);
document.addEventListener("visibilitychange", look); // a machine that slept has missed its timers
look();
