// The period of an X.509 certificate (RFC 5280 section 4.1.2.5), and nothing else of it: chains were checked by the hub when it signed the trust list.
import { textOf } from "./bytes.js";
import { FormatError, VerificationError } from "./refusals.js";

const [SEQUENCE, INTEGER, UTC_TIME, GENERALIZED_TIME, VERSION] = [0x30, 0x02, 0x17, 0x18, 0xa0];
const UTC_PIVOT = 50; // two digits from 50 on are of the last century

// The periods of certificates (base64, as in x5c), as pairs of seconds.
export const periodsOf = (x5c) => x5c.map((one) => periodOf(Uint8Array.from(atob(one), (character) => character.charCodeAt(0))));

// Returns if all of them were good at a moment (seconds).
export function checkPeriods(periods, at) {
  for (const [from, until] of periods) {
    if (at < from) throw new VerificationError("a certificate was not valid yet", "NOT_YET_VALID");
    if (at > until) throw new VerificationError("a certificate had expired", "EXPIRED");
  }
}

function periodOf(der) {
  const whole = expect(SEQUENCE, element(der, 0));
  const signed = expect(SEQUENCE, element(whole.content, 0));
  let [place, next] = [0, element(signed.content, 0)];
  // version, serial number, algorithm, issuer; then the validity
  for (const tag of [VERSION, INTEGER, SEQUENCE, SEQUENCE]) {
    place = expect(tag, next).end;
    next = element(signed.content, place);
  }
  const { content } = expect(SEQUENCE, next);
  const from = element(content, 0);
  return [seconds(from), seconds(element(content, from.end))];
}

function element(der, start) {
  const [tag, short] = [der[start], der[start + 1]];
  const size = short < 0x80 ? 0 : short & 0x7f;
  let length = size ? 0 : short;
  for (const byte of der.subarray(start + 2, start + 2 + size)) length = length * 256 + byte;
  const from = start + 2 + size;
  if (!(size < 4 && from + length <= der.length)) throw new FormatError("a certificate is cut off");
  return { tag, content: der.subarray(from, from + length), end: from + length };
}

function expect(tag, found) {
  if (found.tag !== tag) throw new FormatError("a certificate is not as it must be");
  return found;
}

function seconds({ tag, content }) {
  const text = textOf(content);
  const short = tag === UTC_TIME ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
  const parts = short.exec(text)?.slice(1).map(Number);
  if (!parts || (tag !== UTC_TIME && tag !== GENERALIZED_TIME)) throw new FormatError("a certificate has no period");
  const [year, month, ...rest] = parts;
  const full = tag === UTC_TIME ? year + (year < UTC_PIVOT ? 2000 : 1900) : year;
  return Date.UTC(full, month - 1, ...rest) / 1000;
}
