// Verification of a printed code's token by an opened pack (pack.js): the rows of keys/qr_verification.py, in their order. Only CERTIFICATE looks at
// less: certificates must have been good when the token was signed; that they lead to a root was checked by the hub when it signed the trust list.
import { equal } from "./bytes.js";
import { checkPeriods, periodsOf } from "./certificate.js";
import { TOKEN_TYPE, readToken } from "./code.js";
import { check } from "./cose.js";
import { parts } from "./identifier.js";
import { VerificationError } from "./refusals.js";
import { PASSED, examine, resultOf } from "./report.js";

const CLOCKS_DIFFER = 60;
const ROWS = [
  ["FORMAT", [], format],
  ["HUB", ["FORMAT"], hub],
  ["SEAL_KEY", ["FORMAT", "HUB"], sealKey],
  ["CERTIFICATE", ["SEAL_KEY"], certificate],
  ["SIGNATURE", ["SEAL_KEY"], signature],
  ["ISSUER", ["SIGNATURE"], issuer],
  ["SEAL", ["SIGNATURE"], seal],
  ["VALIDITY", ["SIGNATURE"], validity],
  ["STATUS", ["SIGNATURE", "ISSUER"], status],
];
const PROVES_ORIGIN = ["FORMAT", "HUB", "SEAL_KEY", "CERTIFICATE", "SIGNATURE", "ISSUER"];

// Examines a token at a moment (seconds); `answer` is {status, at} or null. `origin` is whether it is proven whose it is.
export async function verifyToken(data, pack, answer, at) {
  const examined = { data, pack, answer, at, token: null, key: null };
  const checks = await examine(ROWS, examined);
  const passed = new Set(checks.filter((one) => one.outcome === PASSED).map((one) => one.name));
  const origin = PROVES_ORIGIN.every((name) => passed.has(name));
  return { result: resultOf(checks), checks, origin, token: examined.token, key: examined.key };
}

// As Python's isoformat has it.
export const isoformat = (seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "+00:00");

function format(examined) {
  examined.token = readToken(examined.data);
  return "the token of a printed code";
}

function hub({ token, pack }) {
  if (!equal(token.hub, pack.mark)) throw new VerificationError("a code of another hub", "NO_CERTIFICATE_CHAIN_FOUND");
  return "a code of this hub";
}

function sealKey(examined) {
  const found = examined.pack.trust.get(examined.token.hint) ?? [];
  if (found.length !== 1) throw new VerificationError("no trusted key has this kid", "NO_CERTIFICATE_CHAIN_FOUND");
  [examined.key] = found;
  return `seal ${examined.key.esId}`;
}

function certificate({ token, key }) {
  key.periods ??= periodsOf(key.certificates);
  checkPeriods(key.periods, token.issuedAt);
  return "by the trust list, in which the hub checked the chain; good at the sealing time";
}

async function signature({ token, key }) {
  await check(token.message, key, TOKEN_TYPE);
  return `signed under ${key.suite.name}`;
}

function issuer({ token, key, pack }) {
  const { issuer: code } = parts(token.identifier);
  if (key.issuer !== `${pack.issuer}/authorities/${code}` || key.owner !== code) {
    throw new VerificationError("the key does not speak for this issuer", "SIG_CONSTRAINTS_FAILURE");
  }
  return "the key speaks for the issuer";
}

function seal({ token: { issuedAt }, key, at }) {
  const refusals = [
    [issuedAt > at + CLOCKS_DIFFER, "sealed after the moment asked about", "NOT_YET_VALID"],
    [issuedAt < key.validFrom, "sealed before the seal was valid", "NOT_YET_VALID"],
    [issuedAt >= key.validUntil, "sealed after the seal had expired", "EXPIRED"],
    [issuedAt >= key.revokedAt, "sealed after the seal was revoked", "REVOKED"],
    [issuedAt >= key.suspendedAt, "sealed while the seal was suspended", "REVOKED"],
    [key.isCompromised, "the key is compromised and nothing proves an earlier sealing", "NO_POE"],
  ];
  const refusal = refusals.find(([applies]) => applies);
  if (refusal) throw new VerificationError(refusal[1], refusal[2]);
  return "the seal was valid at the sealing time";
}

function validity({ token: { notBefore, expiresAt }, at }) {
  if (expiresAt !== null && at >= expiresAt) throw new VerificationError("it has expired", "EXPIRED");
  if (notBefore !== null && at < notBefore) throw new VerificationError("it is not valid yet", "NOT_YET_VALID");
  return "within the licence's validity";
}

function status({ answer }) {
  if (answer === null) throw new VerificationError("no status could be had", "TRY_LATER");
  const told = `${answer.status} at ${isoformat(answer.at)}`;
  if (answer.status !== "VALID") throw new VerificationError(told, "REVOKED");
  return told;
}
