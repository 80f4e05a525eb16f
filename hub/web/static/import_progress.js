// An import as it goes: the figures of its page every two seconds while somebody looks; at its end the page is loaded anew.
// Without script the page does so by itself (<meta http-equiv="refresh">).

const EVERY = 2000;
const bar = document.querySelector("[data-progress] progress");

async function look() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(location.href, { headers: { accept: "application/json" } });
  if (!answer.ok) {
    location.reload(); // signed out, or gone: the page says so
    return;
  }
  const figures = await answer.json();
  if (figures.ended) {
    location.reload();
    return;
  }
  bar.value = figures.percent;
  for (const slot of document.querySelectorAll("[data-slot]")) slot.textContent = figures[slot.dataset.slot];
}

setInterval(() => {
  look().catch(() => {}); // no network for a moment: the next look may find one
}, EVERY);
