// The text of a printed code and the token in it, as keys/qr_text.py and keys/qr_token.py read them. Nothing here believes anything.
import { base32, base64url } from "./spelling.js";
import { loadsMap } from "./cbor.js";
import { ALGORITHM, KID, TYPE, parse as parseSign1 } from "./cose.js";
import { unpack } from "./identifier.js";
import { FormatError } from "./refusals.js";

export const DISPLAYED = "/P/#";
export const LONGEST = 4096;
export const TOKEN_TYPE = 65010;
const MARK = "/V/#";
const MOST_BYTES = 230;
const [KID_BYTES, HUB_BYTES] = [9, 4];
const [EXPIRES, NOT_BEFORE, ISSUED, LICENCE] = [4, 5, 6, -70020];
const CLAIMS = new Set([EXPIRES, NOT_BEFORE, ISSUED, LICENCE]);
const [LATEST, PLACES] = [2 ** 37, 2 ** 32];
const ASCII = /^[\x00-\x7f]*$/;
const BLANKS = /[ \t\r\n\f\v]+/g;
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

// The address that stands in front, empty for a bare token, and the token's bytes.
export function readText(text) {
  if (text.length > LONGEST || !ASCII.test(text)) throw new FormatError("not the text of a printed code");
  const bare = text.replace(BLANKS, "");
  const start = bare.toUpperCase().lastIndexOf(MARK);
  const [address, code] = start < 0 ? ["", bare] : [bare.slice(0, start), bare.slice(start + MARK.length)];
  if (!code) throw new FormatError("a code without a token");
  return { address, token: base32.decode(code.toUpperCase()) };
}

// A token taken apart: what it says, how its kid begins, and the message that was signed.
export function readToken(data) {
  if (data.length > MOST_BYTES) throw new FormatError("longer than a token can be");
  const message = parseSign1(data);
  if (message.unprotected.size || message.header.size !== 3 || ![ALGORITHM, KID, TYPE].every((one) => message.header.has(one))) {
    throw new FormatError("a token has three headers, and all of them are signed");
  }
  const hint = message.header.get(KID);
  if (message.header.get(TYPE) !== TOKEN_TYPE || !(hint instanceof Uint8Array) || hint.length !== KID_BYTES) {
    throw new FormatError("not the token of a printed code");
  }
  return { ...claimsOf(loadsMap(message.payload)), hint: base64url.encode(hint), message };
}

function claimsOf(claims) {
  const members = claims.get(LICENCE);
  if (![...claims.keys()].every((name) => CLAIMS.has(name)) || !claims.has(ISSUED) || !Array.isArray(members)) {
    throw new FormatError("a claim of the token is missing, or not known");
  }
  if (members.length !== 4 && members.length !== 5) {
    throw new FormatError("a member of the token's licence is missing, or not known");
  }
  const [hub, packed, number, index, holder = null] = members;
  if (!(hub instanceof Uint8Array) || hub.length !== HUB_BYTES || !(packed instanceof Uint8Array)) {
    throw new FormatError("the token's hub or licence is not as it must be");
  }
  const time = (name) => (claims.has(name) ? whole(claims.get(name), 1, LATEST) : null);
  return {
    hub, expiresAt: time(EXPIRES), notBefore: time(NOT_BEFORE), issuedAt: time(ISSUED), identifier: unpack(packed),
    statusList: whole(number, 1, PLACES), statusIndex: whole(index, 0, PLACES),
    holder: members.length === 5 ? name(holder) : null,
  };
}

function whole(value, least, below) {
  if (!Number.isInteger(value) || value < least || value >= below) {
    throw new FormatError("a number of the token is none, or out of range");
  }
  return value;
}

function name(value) {
  if (typeof value !== "string" || !value || UNSEEN.test(value)) {
    throw new FormatError("the holder's name is no text, or has characters that are not seen");
  }
  return value;
}
