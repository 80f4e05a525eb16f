// A status list as a pack holds it: two bits a place, least significant first (Token Status List, 4.1), and changes taken into it (keys/status_delta.py).
import { FormatError } from "./refusals.js";

const BITS = 2;
const PER_BYTE = 8 / BITS;
const WORDS = ["VALID", "INVALID", "SUSPENDED", "APPLICATION_SPECIFIC"];

// What the list calls the value at a place; null where it has no such place.
export function statusAt(statuses, index) {
  const place = Math.floor(index / PER_BYTE);
  return place < statuses.length ? WORDS[(statuses[place] >> ((index % PER_BYTE) * BITS)) & 3] : null;
}

// The list with changes taken in; whether it is then right is told by its digest.
export function changed(statuses, delta) {
  if (delta.length % 4) throw new FormatError("the changes of a status list are cut off");
  const [after, view] = [Uint8Array.from(statuses), new DataView(delta.buffer, delta.byteOffset, delta.byteLength)];
  let before = -1;
  for (let start = 0; start < delta.length; start += 4) {
    const word = view.getUint32(start);
    const [index, value] = [word >>> BITS, word & 3];
    const [place, shift] = [index >>> 2, (index % PER_BYTE) * BITS];
    if (index <= before || place >= after.length) throw new FormatError("the changes of a status list are not in order");
    after[place] = (after[place] & ~(3 << shift)) | (value << shift);
    before = index;
  }
  return after;
}
