// The counter: whatever brings a code, one verdict comes of it, by the hub, or by the offline pack where the hub cannot be asked.
//
// Decides which of both answers. An answer of the hub is always preferred; the kept pack never makes up for a refusal, only for silence. A code that was
// scanned later wins: an older answer that comes late is not shown.
import { cameraView } from "./camera_view.js";
import { caseNow, foldCase, offerItems, openCase, watchCase } from "./case.js";
import { codesAmong, isCode, isDisplayed } from "./codes.js";
import { OfflineError, RefusedError, ask } from "./hub.js";
import { Offline } from "./offline.js";
import { isPdf, textsIn, watchFiles } from "./pictures.js";
import { Scans } from "./scans.js";
import * as tone from "./sound.js";
import { own } from "./trusted.js";
import { at, busy, say, show, showReady, showScans, span } from "./verdict_view.js";
import { wedge } from "./wedge.js";

const LOOKED = 15_000; // milliseconds between two looks whether the hub is back
const UPLOADING = 60_000;
const byId = (id) => document.getElementById(id);
const { scan: SCAN, state: STATE, page: PAGE, worker: WORKER, base: BASE } = byId("counter").dataset;
const FAILURES = {
  CASE_MISMATCH: "counter.failed.CASE_MISMATCH",
  INPUT_INVALID: "counter.failed.INPUT_INVALID",
  ROLE_MISSING: "counter.failed.ROLE_MISSING",
  NOT_GRANTED: "counter.failed.NOT_GRANTED",
};
const SIGNED_OUT = new Set(["SESSION_INVALID", "SESSION_EXPIRED"]);

const scans = new Scans(sessionStorage);
const offline = new Offline(BASE, tellLine);
let token = "";
let connected = navigator.onLine;
let latest = 0;

// -- a scan ---------------------------------------------------------------------------------------------------------------

async function check(text, remark = "") {
  if (!text.trim()) return;
  const mine = begin();
  await finish(mine, () => answerOf(text), remark);
}

async function checkFile(file) {
  const mine = begin();
  if (isPdf(file)) return finish(mine, () => byHub(uploaded(file)), "", "counter.offline.pdf");
  const codes = codesAmong(await textsIn(file));
  if (codes.length === 0) return finish(mine, async () => none("NOTHING_FOUND"));
  const remark = codes.length > 1 ? say("counter.several", { count: codes.length }) : "";
  for (const code of codes.slice(0, 20)) await finish(mine, () => answerOf(code), remark);
}

function begin() {
  byId("trouble").hidden = true;
  byId("code").value = "";
  busy(true);
  return ++latest;
}

async function finish(mine, answer, remark = "", offlineText = "") {
  try {
    const found = await answer();
    scans.add(found.verdict, Date.now());
    showScans(scans.all);
    if (mine === latest) {
      show(found, [remark, found.remark].filter(Boolean).join(" "));
      tone.sound(found.verdict.colour);
    }
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof OfflineError)) throw error;
    if (mine === latest) refused(error, offlineText);
  } finally {
    if (mine === latest) busy(false);
  }
}

async function answerOf(text) {
  const inCase = caseNow();
  try {
    const found = await byHub(JSON.stringify({ code: text, ...inCase }));
    if ("item" in inCase) foldCase();
    return isDisplayed(text) && !("item" in inCase) ? { ...found, remark: say("counter.displayed") } : found;
  } catch (error) {
    if (!(error instanceof OfflineError) && !SIGNED_OUT.has(error.code)) throw error;
    return byPack(text, "item" in inCase);
  }
}

// A token of the form's is of one session: after another sign-in in this browser there is a new one.
async function byHub(body, again = true) {
  try {
    const patience = typeof body === "string" ? undefined : UPLOADING;
    const { usedAt, ...found } = await ask(SCAN, { method: "POST", body, token, patience });
    online(true);
    return { ...found, remark: usedAt ? say("counter.used_at", { moment: at(usedAt) }) : "" };
  } catch (error) {
    if (error instanceof OfflineError) online(false);
    else if (SIGNED_OUT.has(error.code)) byId("signed-out").hidden = false;
    else if (error.code === "FORM_REFUSED" && again && (await refreshState())) return byHub(body, false);
    throw error;
  }
}

async function byPack(text, inCase) {
  const remarks = [isDisplayed(text) && say("counter.offline.displayed"), inCase && say("counter.offline.case")];
  const remark = remarks.filter(Boolean).join(" ");
  if (isDisplayed(text)) return { ...none("CANNOT_CONFIRM", "CANNOT_CONFIRM"), remark };
  if (offline.pack === null) return { ...none("CANNOT_CONFIRM", "CANNOT_CONFIRM"), remark: say("counter.pack.none") };
  return { verdict: await offline.verdict(text), licences: [], materials: [], remark };
}

function none(reason, word = "NOT_A_CODE") {
  const verdict = { word, colour: "AMBER", reason, checks: [], licence: null, asOf: null, online: false, fields: null };
  return { verdict, licences: [], materials: [] };
}

function uploaded(file) {
  const body = new FormData();
  body.append("picture", file, "picture");
  for (const [name, value] of Object.entries(caseNow())) body.append(name, value);
  return body;
}

function refused(error, offlineText) {
  showReady();
  if (SIGNED_OUT.has(error.code)) return;
  const known = error instanceof OfflineError ? offlineText : FAILURES[error.code];
  byId("trouble").textContent = say(known || "counter.failed", { code: error.code ?? "" });
  byId("trouble").hidden = false;
}

// -- the hub, and the session -------------------------------------------------------------------------------------------------

function online(is) {
  connected = is;
  tellLine();
}

async function refreshState() {
  try {
    take(await ask(STATE));
    online(true);
    return true;
  } catch (error) {
    if (error instanceof OfflineError) online(false);
    else byId("signed-out").hidden = false;
    return false;
  }
}

function take(state) {
  token = state.token;
  byId("token").value = token;
  byId("signed-out").hidden = true;
  scans.of(state.session);
  showScans(scans.all);
  offerItems(state.items);
}

async function lookAgain() {
  if (connected && token) return;
  if (await refreshState()) await offline.renew();
}

function tellLine() {
  const { words, age, from } = offline.told();
  byId("line").dataset.hub = connected ? "online" : "offline";
  byId("line").dataset.pack = words === "counter.pack.none" ? "none" : offline.isStale ? "stale" : "good";
  byId("line-hub").textContent = say(connected ? "counter.online" : "counter.offline");
  byId("line-pack").textContent = say(words, from === null ? {} : { moment: at(from * 1000), age: span(age) });
}

// -- the page -------------------------------------------------------------------------------------------------------------

const camera = cameraView((text) => check(text));
const ready = () => matchMedia("(pointer: coarse)").matches || byId("code").focus({ preventScroll: true });
const KEYS = {
  F2: () => (byId("code").select(), byId("code").focus()),
  F4: () => camera.toggle(),
  F8: () => byId("picture").click(),
  F9: openCase,
  Escape: () => (camera.stop(), ready()),
};

function begun() {
  for (const each of document.querySelectorAll("[data-script]")) each.hidden = false;
  byId("picture-field").hidden = true;
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    check(byId("code").value);
    ready();
  });
  byId("code").addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (!isCode(text)) return;
    event.preventDefault();
    check(text);
  });
  byId("picture-button").addEventListener("click", () => byId("picture").click());
  byId("scans-clear").addEventListener("click", () => (scans.clear(), showScans(scans.all), ready()));
  byId("sound").checked = tone.isOn();
  byId("sound").addEventListener("change", (event) => tone.switchTo(event.target.checked));
  document.addEventListener("keydown", (event) => {
    const act = event.ctrlKey || event.altKey || event.metaKey ? undefined : KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.querySelector('form[action$="/sign-out"]')?.addEventListener("submit", () => scans.clear());
  wedge(window, byId("code"), isCode, (text) => (check(text), ready()));
  watchFiles(document, byId("picture"), checkFile);
  watchCase(ready);
  addEventListener("online", lookAgain);
  addEventListener("offline", () => online(false));
  setInterval(lookAgain, LOOKED);
  setInterval(tellLine, 1000);
  showScans(scans.all);
  ready();
}

const state = JSON.parse(byId("counter-state").textContent);
begun();
if (state) take(state);
else refreshState();
offline.begin();
navigator.serviceWorker?.register(own(WORKER), { scope: PAGE, type: "module" }).catch(() => {});
