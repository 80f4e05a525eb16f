// The trust list as a reader of printed codes needs it: which keys seal for whom, and what became of them (keys/trust_list.py, keys/listed_seal.py).
// It is believed for its publisher's signature, under which it is whole and without contradiction: chains and histories were checked there.
import { FormatError, UncheckableError, VerificationError } from "./refusals.js";
import { verified } from "./jws.js";
import { keyOf } from "./suites.js";

const TYPE = "trust-list+jwt";
const HINT = 12;

// The keys that seal licences, by the first twelve characters of their kid, and all seals' names by number.
export async function readTrustList(token, jwks, issuer) {
  const claims = await verified(token, jwks, TYPE);
  if (claims.version !== 1) throw new UncheckableError("the trust list is of a version that is not known here");
  if (claims.iss !== issuer) throw new VerificationError("the trust list is another hub's", "SIG_CONSTRAINTS_FAILURE");
  if (!Array.isArray(claims.seals)) throw new FormatError("a member of the trust list is missing, or is not a list");
  const [keys, names] = [new Map(), new Map()];
  for (const seal of claims.seals) {
    names.set(seal.seal, seal.name);
    for (const jwk of seal.issuer ? seal.keys : []) {
      const hint = jwk.kid.slice(0, HINT);
      keys.set(hint, [...(keys.get(hint) ?? []), trusted(seal, jwk)]);
    }
  }
  return { keys, names };
}

// Moments in seconds; what never is, is infinitely far.
function trusted(seal, jwk) {
  return {
    ...keyOf(jwk),
    esId: seal.seal,
    issuer: seal.issuer,
    owner: seal.owner,
    certificates: jwk.x5c,
    periods: null, // of the certificates, once they are asked for
    validFrom: jwk.nbf ?? -Infinity,
    validUntil: jwk.exp ?? Infinity,
    revokedAt: jwk.revoked_at ?? Infinity,
    suspendedAt: jwk.suspended_at ?? Infinity,
    isCompromised: jwk.compromised_at !== undefined,
  };
}
