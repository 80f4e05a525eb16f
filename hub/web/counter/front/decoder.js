// The page's side of the decoder: one worker, begun with the first picture, one answer for each question.
import { own } from "./trusted.js";

let worker = null;
let last = 0;
const waiting = new Map();

// Returns the texts of the QR codes in ImageData; `thorough` looks longer, for pictures that stand still. Throws where none can be decoded.
export function decode(pixels, thorough) {
  worker ??= begun();
  const id = ++last;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, pixels, thorough }, [pixels.data.buffer]);
  });
}

function begun() {
  const made = new Worker(own(new URL(WORKERS.decoder, import.meta.url)), { type: "module" });
  made.onmessage = ({ data: { id, texts, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(texts);
  };
  made.onerror = () => {
    for (const { reject } of waiting.values()) reject(new Error("the decoder did not start"));
    waiting.clear();
    worker = null;
  };
  return made;
}
