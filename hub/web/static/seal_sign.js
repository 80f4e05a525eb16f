// A file's digest, worked out here: the file itself never leaves the browser. Without script somebody pastes what a command has told him.

const choose = document.getElementById("choose");
const digest = document.getElementById("digest");

async function taken(event) {
  const [file] = event.target.files;
  if (!file) return;
  digest.value = "";
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  digest.value = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
}

if (crypto.subtle) {
  choose.hidden = false;
  document.getElementById("document").addEventListener("change", taken);
}
