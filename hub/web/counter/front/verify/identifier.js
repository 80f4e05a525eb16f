// The licence identifier of GB/T 36904-2018 in its packed form, and its check character of ISO/IEC 7064 MOD 37,36, as keys/licence_identifier.py.
import { hex } from "./bytes.js";
import { FormatError } from "./refusals.js";

const ROOT = "1.2.156.3005.2";
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const COMPACT = /^([0-9A-Z]{21})([0-9A-Z]{18})([0-9A-Z]{1,64})([0-9]{3})([0-9A-Z])$/;
const LONGEST_PACKED = 70;

export function unpack(data) {
  if (!data.length || data.length > LONGEST_PACKED || !data[0]) throw new FormatError("not a packed licence identifier");
  const digits = BigInt(`0x${hex(data)}`).toString(36).toUpperCase();
  const compact = digits.slice(1);
  if (!compact || checkCharacter(compact.slice(0, -1)) !== compact.at(-1)) {
    throw new FormatError("the check character of the licence identifier is wrong");
  }
  const shape = COMPACT.exec(compact);
  if (!shape || digits[0] !== "1") throw new FormatError("not a packed licence identifier");
  return [ROOT, ...shape.slice(1)].join(".");
}

// Type code and issuer's credit code of an identifier that was read.
export function parts(identifier) {
  const [typeCode, issuer] = identifier.slice(ROOT.length + 1).split(".");
  return { typeCode, issuer };
}

function checkCharacter(body) {
  let product = 36;
  for (const character of body) product = (((product + ALPHABET.indexOf(character)) % 36 || 36) * 2) % 37;
  return ALPHABET[(37 - product) % 36];
}
