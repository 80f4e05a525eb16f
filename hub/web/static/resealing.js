// How far a job is, looked at again every two seconds, until it has ended; without script a link does the same.

const place = document.getElementById("progress");
const bar = document.getElementById("bar");
const PAUSE = 2000;

async function look() {
  try {
    const answer = await fetch(place.dataset.from, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok) return location.reload(); // signed out meanwhile, or not his any more: the page says so
    const told = await answer.json();
    bar.max = Math.max(told.total, 1);
    bar.value = told.done;
    for (const each of place.querySelectorAll("[data-told]")) each.textContent = told.said[each.dataset.told];
    if (!told.running) return location.reload();
  } catch {
    // the network is gone for a moment; the job goes on
  }
  setTimeout(look, PAUSE);
}

setTimeout(look, PAUSE);
