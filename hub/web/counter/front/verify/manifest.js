// The manifest of an offline pack, as keys/offline_pack.py reads it: which parts there are, by digest, and how old they may be.
import { sha256 } from "./bytes.js";
import { verified } from "./jws.js";
import { FormatError, UncheckableError, VerificationError } from "./refusals.js";
import { base64url } from "./spelling.js";

export const [TRUST_LIST, NAMES, STATUS_LISTS] = ["trust-list", "names", "status-lists/"];
export const MOST_BYTES = 4 * 2 ** 20;
const TYPE = "offline-pack+jwt";
const LARGEST_PART = 64 * 2 ** 20;
const LATEST = 2 ** 37;
const NAME = /^(?:trust-list|names|status-lists\/[1-9][0-9]{0,8})$/;
const ADDRESS = /^[A-Za-z0-9._~/-]{1,200}$/;

// What the hub says that a counter needs; the moment is not looked at, for age is judged with every code.
export async function readManifest(token, jwks, issuer = null) {
  if (token.length > MOST_BYTES) throw new FormatError("the manifest is too large");
  const claims = await verified(token, jwks, TYPE);
  if (claims.version !== 1) throw new UncheckableError("the offline pack is of a version that is not known here");
  const manifest = manifestOf(claims);
  if (issuer !== null && manifest.issuer !== issuer) {
    throw new VerificationError("the offline pack is another hub's", "SIG_CONSTRAINTS_FAILURE");
  }
  return manifest;
}

// Returns if the content is that part.
export async function checkPart(part, content) {
  if (content.length !== part.size || base64url.encode(await sha256(content)) !== part.sha256) {
    throw new VerificationError(`${part.name} is not as the manifest has it`, "HASH_FAILURE");
  }
}

function manifestOf({ iss, iat, exp, policy, parts: listed }) {
  if (typeof iss !== "string" || !iss || typeof policy !== "object" || policy === null || !Array.isArray(listed)) {
    throw new FormatError("the manifest has no issuer, policy or parts");
  }
  const parts = new Map(listed.map((one) => [one?.name, partOf(one)]));
  if (parts.size !== listed.length || !parts.has(TRUST_LIST) || !parts.has(NAMES)) {
    throw new FormatError("a part of the manifest is missing, or comes twice");
  }
  const [issuedAt, expiresAt, warnAfter, refuseAfter] = [iat, exp, policy.warn_after, policy.refuse_after].map((one) => whole(one));
  if (expiresAt <= issuedAt || refuseAfter <= warnAfter) {
    throw new FormatError("the manifest ends before it begins, or refuses before it warns");
  }
  return { issuer: iss, issuedAt, expiresAt, warnAfter, refuseAfter, parts };
}

function partOf(members) {
  const { name, address, edition, sha256: digest, size } = members ?? {};
  if (!NAME.test(name) || !ADDRESS.test(address) || typeof digest !== "string") {
    throw new FormatError("a part of the manifest is not known, or has no address or digest");
  }
  if (base64url.decode(digest).length !== 32) throw new FormatError("a digest of the manifest is none");
  return { name, address, edition: whole(edition), sha256: digest, size: whole(size, LARGEST_PART) };
}

function whole(value, most = LATEST) {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new FormatError("a number of the manifest is missing, not whole, or out of range");
  }
  return value;
}
