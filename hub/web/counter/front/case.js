// The case a clerk works on: kept in the page while he does, and nowhere else.
import { nameOf } from "./verdict_view.js";

const byId = (id) => document.getElementById(id);
const FIELDS = ["item", "caseNumber", "codeType", "applicant"];

// What goes with a scan; nothing outside a case.
export function caseNow() {
  if (!byId("item").value) return {};
  return Object.fromEntries(FIELDS.map((name) => [name, byId(name).value.trim()]));
}

export function offerItems(items) {
  const chosen = byId("item").value;
  const options = items.map((each) => new Option(nameOf(each), each.code));
  byId("item").replaceChildren(byId("item").options[0], ...options);
  byId("item").value = items.some((each) => each.code === chosen) ? chosen : "";
  byId("no-items").hidden = items.length > 0;
}

export function watchCase(onEnd) {
  byId("case").addEventListener("input", told);
  byId("case-end").addEventListener("click", () => {
    for (const name of ["item", "caseNumber", "applicant"]) byId(name).value = "";
    byId("case").open = false;
    told();
    onEnd();
  });
  told();
}

export function openCase() {
  byId("case").open = true;
  byId(byId("item").value ? "caseNumber" : "item").focus();
}

// What was chosen stays in view beside the title; the fields make room for the verdict.
export function foldCase() {
  byId("case").open = false;
}

function told() {
  const item = byId("item");
  const parts = item.value ? [item.selectedOptions[0].text, byId("caseNumber").value.trim()] : [];
  byId("case-now").textContent = parts.filter(Boolean).join(" · ");
}
