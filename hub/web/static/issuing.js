// Rows of lists are added and taken away at once. Without this script the same buttons send the form, which comes back with a row more or less.

const NAMED = ["name", "id", "for", "value", "aria-describedby", "data-rows"];

function rowsOf(list) {
  return [...list.children].filter((child) => "row" in child.dataset);
}

function idOf(path) {
  return `f-${path.replaceAll("$", "act-").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "")}`;
}

// What stands in a row is named after its place: move all of it from one place to another.
function rename(row, list, from, to) {
  const [before, after] = [`${list.dataset.rows}[${from}]`, `${list.dataset.rows}[${to}]`];
  const [idBefore, idAfter] = [idOf(before), idOf(after)];
  for (const each of [row, ...row.querySelectorAll("*")]) {
    for (const name of NAMED) {
      const value = each.getAttribute(name);
      if (value === null || (name === "value" && each.name !== "act")) continue;
      const moved = value.split(" ").map((word) =>
        word === idBefore || word.startsWith(`${idBefore}-`) ? idAfter + word.slice(idBefore.length) : word.replace(before, () => after));
      each.setAttribute(name, moved.join(" "));
    }
  }
}

function empty(row) {
  for (const each of row.querySelectorAll("input, textarea")) {
    if (each.type === "checkbox" || each.type === "radio") each.checked = each.defaultChecked = false;
    else { each.value = ""; each.defaultValue = ""; }
    each.removeAttribute("aria-invalid");
  }
  for (const each of row.querySelectorAll("option")) each.selected = each.defaultSelected = false;
  for (const each of row.querySelectorAll(".kept-picture, .wrong")) each.remove();
  for (const each of row.querySelectorAll(".has-error")) each.classList.remove("has-error");
  for (const inner of row.querySelectorAll("[data-rows]")) rowsOf(inner).slice(Math.max(Number(inner.dataset.fewest), 1)).forEach((each) => each.remove());
}

function settle(list) {
  const rows = rowsOf(list), label = list.querySelector("legend").firstChild.textContent.trim();
  rows.forEach((row, place) => {
    const head = row.querySelector(":scope > .row-head");
    const told = list.closest("form").dataset.rowWords.replace("{label}", label).replace("{place}", place + 1);
    row.setAttribute("aria-label", told);
    head.querySelector("[data-place]").textContent = place + 1;
    const remove = head.querySelector("button");
    remove.hidden = rows.length <= Number(list.dataset.fewest);
    remove.setAttribute("aria-label", `${remove.textContent}: ${told}`);
  });
  const add = [...list.children].find((child) => child.value === `add:${list.dataset.rows}`);
  add.hidden = rows.length >= Number(list.dataset.most);
}

function add(list) {
  const rows = rowsOf(list), last = rows.at(-1);
  if (last === undefined) return false;
  const row = last.cloneNode(true);
  rename(row, list, rows.length - 1, rows.length);
  empty(row);
  last.after(row);
  settle(list);
  row.querySelector("input, select, textarea").focus();
  return true;
}

function remove(list, row) {
  const rows = rowsOf(list), place = rows.indexOf(row);
  if (rows.length === 1) return false;
  row.remove();
  rows.slice(place + 1).forEach((each, after) => rename(each, list, place + after + 1, place + after));
  settle(list);
  (rows[place + 1] ?? rows[place - 1]).focus();
  return true;
}

document.querySelector("[data-form]")?.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=act]");
  const list = button?.closest("[data-rows]");
  if (!list) return;
  const done = button.value.startsWith("add:") ? add(list) : remove(list, button.closest("[data-row]"));
  if (done) event.preventDefault();
});
