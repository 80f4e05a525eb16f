// The signature suites: one table, one row each, as in keys/suites.py. A key is never used under a suite other than its own; what this browser
// cannot compute was not checked.
import { base64url } from "./spelling.js";
import { FormatError, UncheckableError, VerificationError } from "./refusals.js";
import * as sm2 from "./sm2.js";

const SIGNATURE_BYTES = 64;
const REFUSED = "the signature does not verify under the key";

const SUITES = [
  {
    name: "ES256", kty: "EC", crv: "P-256", jose: ["ES256"], cose: -7,
    ...web({ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }),
  },
  { name: "Ed25519", kty: "OKP", crv: "Ed25519", jose: ["Ed25519", "EdDSA"], cose: -19, ...web({ name: "Ed25519" }, { name: "Ed25519" }) },
  {
    name: "SM2-SM3", kty: "EC", crv: "SM2", jose: ["SM2-SM3"], cose: -70010,
    load: (jwk) => sm2.load({ x: coordinate(jwk.x), y: coordinate(jwk.y) }),
    verify: sm2.verify,
  },
];

// The key of a public JWK: `suite` and `verify(signature, message)`; the key itself is loaded with the first signature.
export function keyOf(jwk) {
  const suite = SUITES.find((one) => one.kty === jwk.kty && one.crv === jwk.crv);
  if (!suite) throw new UncheckableError("no suite for this JWK");
  if (jwk.alg !== undefined && !suite.jose.includes(jwk.alg)) throw new FormatError("the JWK's alg is not that of its curve");
  let loading = null;
  return {
    suite,
    async verify(signature, message) {
      if (signature.length !== SIGNATURE_BYTES) {
        throw new VerificationError(`the signature is not ${SIGNATURE_BYTES} bytes long`);
      }
      loading ??= suite.load(jwk);
      await suite.verify(await loading.catch((error) => ((loading = null), Promise.reject(error))), signature, message);
    },
  };
}

function web(importing, verifying) {
  return {
    async load({ kty, crv, x, y }) {
      const members = y === undefined ? { kty, crv, x } : { kty, crv, x, y };
      try {
        return await crypto.subtle.importKey("jwk", members, importing, false, ["verify"]);
      } catch {
        throw new UncheckableError(`${importing.name} cannot be checked here; ask the hub`);
      }
    },
    async verify(key, signature, message) {
      if (!(await crypto.subtle.verify(verifying, key, signature, message))) throw new VerificationError(REFUSED);
    },
  };
}

function coordinate(text) {
  const value = base64url.decode(text);
  if (value.length !== 32) throw new FormatError("the JWK's coordinate is not 32 bytes");
  return value;
}
