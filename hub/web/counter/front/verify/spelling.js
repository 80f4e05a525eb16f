// Base32 (RFC 4648 section 6) and base64url (section 5), both without padding and read strictly: one accepted spelling for each byte string.
import { FormatError } from "./refusals.js";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export const base32 = spelling("base32", BASE32, 5);
export const base64url = spelling("base64url", BASE64URL, 6);

function spelling(name, alphabet, width) {
  const values = new Map(Array.from(alphabet, (character, value) => [character, value]));

  function decode(text) {
    const bytes = new Uint8Array(Math.floor((text.length * width) / 8));
    let [held, bits, place] = [0, 0, 0];
    for (const character of text) {
      const value = values.get(character);
      if (value === undefined) throw new FormatError(`not ${name}`);
      held = ((held << width) | value) & 0xffff;
      bits += width;
      if (bits >= 8) {
        bits -= 8;
        bytes[place++] = held >> bits;
      }
    }
    // What is over is less than a character, and zero.
    if (bits >= width || held & ((1 << bits) - 1)) throw new FormatError(`not the one spelling of this ${name}`);
    return bytes;
  }

  function encode(bytes) {
    let [text, held, bits] = ["", 0, 0];
    for (const byte of bytes) {
      held = ((held << 8) | byte) & 0xffff;
      bits += 8;
      while (bits >= width) {
        bits -= width;
        text += alphabet[(held >> bits) & ((1 << width) - 1)];
      }
    }
    return bits ? text + alphabet[(held << (width - bits)) & ((1 << width) - 1)] : text;
  }

  return { decode, encode };
}
