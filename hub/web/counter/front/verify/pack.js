// An offline pack, opened: everything in it was checked again, by signature and digest, whoever kept it meanwhile.
import { sha256, utf8 } from "./bytes.js";
import { object } from "./jws.js";
import { NAMES, STATUS_LISTS, TRUST_LIST, checkPart, readManifest } from "./manifest.js";
import { FormatError, VerificationError } from "./refusals.js";
import { statusAt } from "./status_list.js";
import { readTrustList } from "./trust_list.js";

const HUB_BYTES = 4;
const CLOCKS_DIFFER = 60;
export const [FRESH, OLD, REFUSED] = ["FRESH", "OLD", "REFUSED"];

// `contents` is what is kept: `jwks` (the hub's keys), `token` (the manifest), `parts` (name -> bytes). Throws if anything is not as it was signed.
export async function openPack({ jwks, token, parts }, issuer = null) {
  const manifest = await readManifest(token, jwks, issuer);
  for (const part of manifest.parts.values()) {
    if (!parts.has(part.name)) throw new VerificationError(`${part.name} is missing`, "HASH_FAILURE");
    await checkPart(part, parts.get(part.name));
  }
  const { keys, names: seals } = await readTrustList(parts.get(TRUST_LIST), jwks, manifest.issuer);
  const mark = (await sha256(utf8(manifest.issuer))).subarray(0, HUB_BYTES);
  return new Pack(manifest, mark, keys, seals, object(parts.get(NAMES)), parts);
}

class Pack {
  #parts;
  #names;
  #seals;
  #days;

  constructor(manifest, mark, trust, seals, names, parts) {
    const { issuer, issuedAt, warnAfter, refuseAfter } = manifest;
    Object.assign(this, { manifest, mark, trust, issuer, issuedAt, warnAfter, refuseAfter });
    [this.#parts, this.#names, this.#seals] = [parts, names, seals];
    try {
      this.#days = new Intl.DateTimeFormat("en-CA", { timeZone: names.zone, year: "numeric", month: "2-digit", day: "2-digit" });
    } catch {
      throw new FormatError("the names are of no time zone");
    }
  }

  // Seconds since what it holds was the present state, at a moment (Date); less than none where a clock is wrong.
  age(at) {
    return at.getTime() / 1000 - this.manifest.issuedAt;
  }

  // How far it may be used: FRESH, OLD (say so), or REFUSED: nothing is confirmed by it.
  standing(at) {
    const [age, { warnAfter, refuseAfter, expiresAt }] = [this.age(at), this.manifest];
    if (age < -CLOCKS_DIFFER || age >= refuseAfter || at.getTime() / 1000 >= expiresAt) return REFUSED;
    return age >= warnAfter ? OLD : FRESH;
  }

  // The status that was true at the manifest's time, in a status list's words; null where none can be had.
  statusOf({ statusList, statusIndex }) {
    const statuses = this.#parts.get(`${STATUS_LISTS}${statusList}`);
    const status = statuses ? statusAt(statuses, statusIndex) : null;
    return status && { status, at: this.manifest.issuedAt };
  }

  // Key and names of a type by its code, of an authority and of a seal; what has no name is called by its code.
  typeOf(code) {
    const { key = code, zh = code, en = code } = own(this.#names.types, code);
    return { key, names: { zh, en } };
  }

  authorityNames(code) {
    const { zh = code, en = code } = own(this.#names.authorities, code);
    return { zh, en };
  }

  sealNames(esId) {
    const name = this.#seals.get(esId) ?? esId;
    return { zh: name, en: name };
  }

  // The legal day of an instant (seconds), as YYYY-MM-DD.
  day(seconds) {
    const { year, month, day } = Object.fromEntries(this.#days.formatToParts(seconds * 1000).map((one) => [one.type, one.value]));
    return `${year.padStart(4, "0")}-${month}-${day}`;
  }
}

const own = (table, name) => (Object.hasOwn(table ?? {}, name) ? table[name] : {});
