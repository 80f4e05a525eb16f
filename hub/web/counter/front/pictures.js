// Pictures that are chosen, dropped or pasted: decoded here, so they never leave this computer. A PDF is for the hub to read.
import { pixelsOf } from "./camera.js";
import { decode } from "./decoder.js";

const LONGEST_SIDE = 3000;
const LARGEST = 40 * 1024 * 1024;

export const isPdf = (file) => file.type === "application/pdf" || /\.pdf$/i.test(file.name);

// Returns the texts of the codes in a picture; none for what is no picture.
export async function textsIn(file) {
  if (file.size > LARGEST) return [];
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return [];
  try {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    return await decode(pixelsOf(context, picture, picture.width, picture.height, LONGEST_SIDE), true);
  } finally {
    picture.close();
  }
}

// Calls onFile(file) with what is chosen in `input`, or dropped or pasted anywhere on the page.
export function watchFiles(page, input, onFile) {
  input.addEventListener("change", () => {
    if (input.files[0]) onFile(input.files[0]);
    input.value = "";
  });
  page.addEventListener("dragover", (event) => event.preventDefault());
  page.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) onFile(event.dataTransfer.files[0]);
  });
  page.addEventListener("paste", (event) => {
    if (event.clipboardData.files[0]) onFile(event.clipboardData.files[0]);
  });
}
