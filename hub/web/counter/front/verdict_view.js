// Shows what came of a scan: the panel of hub/web/templates/verdict.html, and for who cannot see it the same in one sentence.
import { fillVerdict, moment, readWords } from "../../static/verdict.js";

const texts = readWords();
const page = JSON.parse(document.getElementById("counter-words").textContent);
const byId = (id) => document.getElementById(id);

// Returns a text of the page with values in place of its braces.
export const say = (name, values = {}) => (page[name] ?? name).replace(/\{(\w+)\}/g, (_, value) => values[value]);
export const at = (instant) => moment(instant, texts);
export const wordOf = (verdict) => texts.texts[`verdict.word.${verdict.word}`];
export const nameOf = (names) => names[texts.short];

export function time(instant) {
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: texts.zone };
  return new Intl.DateTimeFormat("en-GB", clock).format(new Date(instant));
}

// In the largest unit that fits, as a person would say it; rather too long than too short.
export function span(seconds) {
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const [unit, length] = units.find(([, each]) => seconds >= each) ?? units.at(-1);
  const written = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(texts.locale, written).format(Math.ceil(seconds / length) || 1);
}

export function show({ verdict, licences, materials }, remark = "") {
  const several = licences.length > 1 ? licences : [];
  byId("place").replaceChildren(...[verdict, ...several].map((each) => fillVerdict(each, texts)));
  remarked(remark);
  showMaterials(materials);
  // Emptied first: the same sentence twice must be read twice.
  const reason = texts.texts[`verdict.reason.${verdict.reason}`];
  const type = verdict.licence ? nameOf(verdict.licence.typeNames) : "";
  announce([wordOf(verdict), reason, type, remark].filter(Boolean).join(" "));
}

export function showReady() {
  byId("place").replaceChildren(byId("ready").content.cloneNode(true));
  remarked("");
  showMaterials([]);
}

export function busy(is) {
  byId("place").setAttribute("aria-busy", String(is));
}

function remarked(text) {
  byId("remark").textContent = text;
  byId("remark").hidden = !text;
}

function announce(text) {
  byId("announced").textContent = "";
  setTimeout(() => (byId("announced").textContent = text), 50);
}

function showMaterials(materials) {
  const rows = materials.map(({ result, ...names }) => {
    const [row, mark, name] = ["li", "strong", "span"].map((tag) => document.createElement(tag));
    row.dataset.result = result;
    mark.textContent = say(`counter.materials.${result}`);
    name.textContent = nameOf(names);
    row.append(mark, " ", name);
    return row;
  });
  byId("material-list").replaceChildren(...rows);
  byId("materials").hidden = rows.length === 0;
}

export function showScans(all) {
  const rows = all.map((scan) => {
    const row = byId("scan-row").content.firstElementChild.cloneNode(true);
    const put = (slot, text) => (row.querySelector(`[data-slot="${slot}"]`).textContent = text);
    put("at", time(scan.at));
    put("word", wordOf(scan));
    put("type", scan.type ? nameOf(scan.type) : "");
    put("how", say(scan.online ? "counter.scans.online" : "counter.scans.offline"));
    row.querySelector(".tag").dataset.colour = scan.colour;
    return row;
  });
  byId("scans").tBodies[0].replaceChildren(...rows);
  byId("scans").hidden = rows.length === 0;
  byId("no-scans").hidden = rows.length > 0;
}
