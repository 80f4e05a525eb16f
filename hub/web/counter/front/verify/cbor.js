// CBOR (RFC 8949) as signed formats need it, with the refusals of keys/strict_cbor.py: one meaning for each byte string, and one byte string for
// each meaning. Refused: tags, floats, undefined and other simple values, indefinite lengths, lengths longer than what is there, heads that are
// longer than they need to be, members that come twice or are named by anything but numbers and text, deep nesting, bytes left over.
// Numbers beyond 2^53 are BigInts, so that none of them is taken for another.
import { textOf } from "./bytes.js";
import { FormatError } from "./refusals.js";

const DEEPEST = 8;
const [UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, , SIMPLE] = [0, 1, 2, 3, 4, 5, 6, 7];
const PLAIN = new Map([[20, false], [21, true], [22, null]]);
const NAMES = new Set([UNSIGNED, NEGATIVE, TEXT]);

export function loads(data) {
  const reader = { data, view: new DataView(data.buffer, data.byteOffset, data.byteLength), place: 0 };
  const value = item(reader, DEEPEST);
  if (reader.place !== data.length) throw new FormatError("bytes are left over after the CBOR item");
  return value;
}

export function loadsMap(data) {
  const value = loads(data);
  if (!(value instanceof Map)) throw new FormatError("not a CBOR map");
  return value;
}

// The head of a byte string, for what is signed around it (RFC 8949 section 3).
export function byteString(bytes) {
  const size = bytes.length;
  const head = size < 24 ? [0x40 | size] : size < 256 ? [0x58, size] : [0x59, size >> 8, size & 255];
  if (size > 0xffff) throw new FormatError("longer than anything that is signed here");
  return [Uint8Array.from(head), bytes];
}

function item(reader, depth) {
  const { major, argument } = head(reader);
  if (major === UNSIGNED) return argument;
  if (major === NEGATIVE) return typeof argument === "bigint" ? -1n - argument : narrow(-1n - BigInt(argument));
  if (major === SIMPLE) return PLAIN.get(argument);
  if (major === BYTES) return take(reader, argument);
  if (major === TEXT) return text(take(reader, argument));
  return holding(reader, major, argument, depth);
}

function holding(reader, major, argument, depth) {
  const count = Number(argument) * (major === MAP ? 2 : 1);
  if (typeof argument === "bigint" || count > reader.data.length - reader.place || (count && !depth)) {
    throw new FormatError("a CBOR item holds more than what is there, or is nested too deeply");
  }
  return major === ARRAY ? Array.from({ length: argument }, () => item(reader, depth - 1)) : map(reader, argument, depth);
}

function map(reader, count, depth) {
  const found = new Map();
  for (let each = 0; each < count; each++) {
    if (!NAMES.has(reader.data[reader.place] >> 5)) {
      throw new FormatError("a name in a CBOR map is neither a number nor text");
    }
    const name = item(reader, depth - 1);
    if (found.has(name)) throw new FormatError("not the one spelling of this CBOR item");
    found.set(name, item(reader, depth - 1));
  }
  return found;
}

function head(reader) {
  const [{ data, view }, start] = [reader, reader.place];
  const [major, short] = [data[start] >> 5, data[start] & 31];
  const size = { 24: 1, 25: 2, 26: 4, 27: 8 }[short] ?? 0;
  const known = major === SIMPLE ? PLAIN.has(short) : major <= MAP && (short < 24 || size > 0);
  if (start >= data.length || !known || start + 1 + size > data.length) {
    throw new FormatError("a CBOR item is cut off, indefinite, tagged or of a kind that is not read here");
  }
  reader.place += 1 + size;
  if (!size) return { major, argument: short };
  const long = size === 8 ? view.getBigUint64(start + 1) : BigInt(view[`getUint${size * 8}`](start + 1));
  const least = size === 1 ? 24n : 1n << BigInt(size * 4);
  if (long < least) throw new FormatError("not the one spelling of this CBOR item");
  return { major, argument: narrow(long) };
}

const narrow = (number) => (Number.isSafeInteger(Number(number)) ? Number(number) : number);

function take(reader, size) {
  if (size > reader.data.length - reader.place) throw new FormatError("a CBOR string is longer than what is there");
  reader.place += size;
  return reader.data.subarray(reader.place - size, reader.place);
}

function text(bytes) {
  try {
    return textOf(bytes);
  } catch {
    throw new FormatError("not well-formed CBOR");
  }
}
