// Fills the verdict panel (templates/verdict.html) with a verdict as JSON (hub.counters.verdict), in the reader's language.
// Texts are put in as text: nothing that a licence says is ever read as markup.

/** Read the words that a page brings for verdicts. */
export function readWords(page = document) {
  return JSON.parse(page.getElementById("verdict-words").textContent);
}

/** Return a panel for `verdict`, made of the page's templates. */
export function fillVerdict(verdict, words, page = document) {
  const panel = copyOf("verdict-template", page);
  const say = (name, values) => said(words, `verdict.${name}`, values);
  panel.dataset.colour = verdict.colour;
  put(panel, "word", say(`word.${verdict.word}`));
  put(panel, "otherWord", words.other[`verdict.word.${verdict.word}`]);
  put(panel, "reason", say(`reason.${verdict.reason}`));
  put(panel, "fresh", fresh(verdict, words, say));
  panel.querySelector('[data-row="fresh"]').hidden = !verdict.licence;
  for (const [name, text, code] of rowsOf(verdict.licence, words, say)) {
    put(panel, name, text);
    put(panel, `${name}Code`, code);
    panel.querySelector(`[data-row="${name}"]`).hidden = !(text || code);
  }
  rows(panel, "fields", "verdict-field", page, verdict.fields, (field) => ({
    label: field.label[words.short],
    value: typeof field.value === "string" ? field.value : JSON.stringify(field.value),
  }));
  rows(panel, "checks", "verdict-check", page, verdict.checks, (check) => ({
    name: words.texts[`verdict.check.${check.name}`] ?? check.name,
    outcome: say(`outcome.${check.outcome}`),
    detail: [check.subIndication, check.detail].filter(Boolean).join(" · "),
    data: check.outcome,
  }));
  panel.querySelector('[data-row="checks"]').hidden = !verdict.checks?.length;
  return panel;
}

/** Return a text of the catalogue with values in place of its braces. */
export function said(words, name, values = {}) {
  return (words.texts[name] ?? name).replace(/\{(\w+)\}/g, (_, value) => values[value]);
}

/** Write a legal day (ISO 8601) as the hub's pages do. */
export function day(text, words) {
  return new Intl.DateTimeFormat(localeOf(words), { dateStyle: "long", timeZone: "UTC" }).format(new Date(text));
}

/** Write a moment, to the minute, in the hub's time zone. */
export function moment(text, words) {
  const at = new Date(text);
  const inZone = { timeZone: words.zone };
  const date = new Intl.DateTimeFormat(localeOf(words), { dateStyle: "long", ...inZone }).format(at);
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...inZone };
  return `${date} ${new Intl.DateTimeFormat(localeOf(words), clock).format(at)}`;
}

function localeOf(words) {
  return words.locale === "en" ? "en-GB" : words.locale;
}

function rowsOf(licence, words, say) {
  if (!licence) return [];
  return [
    ["holder", licence.holder],
    ["type", licence.typeNames[words.short]],
    ["issuer", licence.issuerNames[words.short], licence.issuer],
    ["period", period(licence, words, say)],
    ["identifier", "", licence.identifier],
    ["seal", licence.sealNames[words.short], licence.seal],
  ];
}

function period({ validFrom, validUntil }, words, say) {
  const values = { begin: validFrom && day(validFrom, words), end: validUntil && day(validUntil, words) };
  if (validFrom) return say(validUntil ? "period" : "period.open", values);
  return validUntil ? say("period.until", values) : "";
}

function fresh(verdict, words, say) {
  if (!verdict.asOf) return say("fresh.none");
  return say(verdict.online ? "fresh.online" : "fresh.offline", { moment: moment(verdict.asOf, words) });
}

function rows(panel, name, template, page, values, textsOf) {
  const place = panel.querySelector(`[data-rows="${name}"]`);
  for (const value of values ?? []) {
    const { data, ...texts } = textsOf(value);
    const row = copyOf(template, page);
    if (data) row.dataset.outcome = data;
    for (const [slot, text] of Object.entries(texts)) put(row, slot, text);
    place.append(row);
  }
}

function copyOf(id, page) {
  return page.getElementById(id).content.firstElementChild.cloneNode(true);
}

function put(element, slot, text) {
  element.querySelector(`[data-slot="${slot}"]`).textContent = text ?? "";
}
