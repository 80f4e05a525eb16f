// Bytes: compared, joined, spelt.

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const writer = new TextEncoder();

export const utf8 = (text) => writer.encode(text);

// Throws a TypeError for bytes that are no UTF-8.
export const textOf = (bytes) => strict.decode(bytes);

export const equal = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
