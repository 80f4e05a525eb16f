// The verdict on what was scanned, by a pack alone: the tables of hub/counters/verdict.py, as they are where the hub is not asked.
import { DISPLAYED, LONGEST, readText, readToken } from "./code.js";
import { parts } from "./identifier.js";
import { REFUSED } from "./pack.js";
import { FormatError } from "./refusals.js";
import { FAILED, PASSED, TOTAL_PASSED } from "./report.js";
import { isoformat, verifyToken } from "./verification.js";

const DAY = 86400;
const AMBER = new Set(["CANNOT_CONFIRM", "OTHER_HUB", "NOT_A_CODE"]);
const FAILURES = {
  FORMAT: ["NOT_GENUINE", "MALFORMED"],
  CERTIFICATE: ["NOT_GENUINE", "SEAL_NOT_VALID"],
  SIGNATURE: ["NOT_GENUINE", "ALTERED"],
  ISSUER: ["NOT_GENUINE", "WRONG_AUTHORITY"],
  SEAL: ["NOT_GENUINE", "SEAL_NOT_VALID"],
};
const DOUBTS = {
  HUB: ["OTHER_HUB", "OTHER_HUB"],
  SEAL_KEY: ["CANNOT_CONFIRM", "UNKNOWN_SEAL"],
  CERTIFICATE: ["CANNOT_CONFIRM", "UNKNOWN_SEAL"],
  SEAL: ["CANNOT_CONFIRM", "STOLEN_KEY"],
  STATUS: ["CANNOT_CONFIRM", "NO_STATUS"],
};
const STATUSES = {
  NOT_YET_VALID: ["NOT_YET_VALID", "NOT_YET_VALID"],
  EXPIRED: ["EXPIRED", "EXPIRED"],
  SUSPENDED: ["SUSPENDED", "SUSPENDED"],
  INVALID: ["REVOKED", "ENDED"],
  APPLICATION_SPECIFIC: ["SUPERSEDED", "REPLACED_OR_MOVED"],
};
const ORDER = ["FORMAT", "HUB", "SEAL_KEY", "CERTIFICATE", "SIGNATURE", "ISSUER", "SEAL", "STATUS", "VALIDITY"];

// What a text that was scanned or typed is worth, by a pack, at a moment (Date). Never throws for what the text holds.
export async function verdictOf(text, pack, at) {
  if (text.slice(0, LONGEST).toUpperCase().includes(DISPLAYED)) return said("CANNOT_CONFIRM", "NEEDS_HUB");
  const code = orNull(() => readText(text));
  if (code === null) return said("NOT_A_CODE", "NOT_A_CODE");
  const token = orNull(() => readToken(code.token));
  if (token === null && !code.address) return said("NOT_A_CODE", "NOT_A_CODE"); // it may be any word in base32
  const answer = token && statusOf(token, pack, at);
  const report = await verifyToken(code.token, pack, answer, at.getTime() / 1000);
  const [word, reason] = wordOf(report, answer?.status, pack.standing(at) === REFUSED);
  const shown = report.origin && report.checks.some((one) => one.name === "SEAL" && one.outcome === PASSED);
  return said(word, reason, report.checks, shown ? licenceOf(report, pack) : null, shown && answer ? isoformat(answer.at) : null);
}

function said(word, reason, checks = [], licence = null, asOf = null) {
  const colour = word === "VALID" ? "GREEN" : AMBER.has(word) ? "AMBER" : "RED";
  return { word, colour, reason, checks, licence, asOf, online: false, fields: null };
}

// A pack that is too old confirms nothing; what it knows to be bad it says.
function statusOf(token, pack, at) {
  const answer = pack.statusOf(token);
  return answer?.status === "VALID" && pack.standing(at) === REFUSED ? null : answer;
}

function wordOf({ result, checks }, status, stale) {
  if (result === TOTAL_PASSED) return ["VALID", "VALID"];
  const unpassed = ORDER.map((name) => checks.find((one) => one.name === name)).filter((one) => one.outcome !== PASSED);
  const failed = unpassed.find((one) => one.outcome === FAILED);
  if (failed) return ofFailed(failed, status);
  const [{ name, subIndication }] = unpassed;
  if (name === "STATUS" && stale) return ["CANNOT_CONFIRM", "STALE"];
  return (subIndication !== "GENERIC" && DOUBTS[name]) || ["CANNOT_CONFIRM", "NEEDS_HUB"];
}

function ofFailed({ name, subIndication }, status) {
  if (name === "STATUS") return STATUSES[status] ?? ["CANNOT_CONFIRM", "NO_STATUS"];
  if (name === "VALIDITY") return STATUSES[subIndication] ?? ["NOT_GENUINE", "MALFORMED"];
  return FAILURES[name] ?? ["NOT_GENUINE", "ALTERED"];
}

// Everything here was signed, or is public.
function licenceOf({ token, key }, pack) {
  const { typeCode, issuer } = parts(token.identifier);
  const type = pack.typeOf(typeCode);
  return {
    identifier: token.identifier,
    type: type.key,
    typeNames: type.names,
    issuer,
    issuerNames: pack.authorityNames(issuer),
    holder: token.holder,
    validFrom: token.notBefore === null ? null : pack.day(token.notBefore),
    validUntil: token.expiresAt === null ? null : pack.day(token.expiresAt - DAY),
    seal: key.esId,
    sealNames: pack.sealNames(key.esId),
  };
}

function orNull(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
