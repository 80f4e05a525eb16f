// JWS in compact form (RFC 7515), as keys/jws.py reads it: the token never chooses its key or its algorithm, `crit` is refused. Claims are read after
// the signature was checked, so what they say is their publisher's.
import { textOf, utf8 } from "./bytes.js";
import { base64url } from "./spelling.js";
import { FormatError, UncheckableError, VerificationError } from "./refusals.js";
import { keyOf } from "./suites.js";

// The claims of a token (bytes) that one of the JWKs signed, under that type.
export async function verified(token, jwks, type) {
  const parts = ascii(token).split(".");
  if (parts.length !== 3) throw new FormatError("a compact JWS has three parts");
  const [header, payload, signature] = parts.map(base64url.decode);
  const { alg, typ, kid, crit } = object(header);
  if (crit !== undefined) throw new FormatError("the header has critical members that are not understood");
  const jwk = jwks.find((one) => typeof kid === "string" && one.kid === kid);
  if (!jwk) throw new UncheckableError("none of the published keys signed this; fetch them again");
  const key = keyOf(jwk);
  if (!key.suite.jose.includes(alg)) throw new VerificationError("the token's algorithm is not that of the key");
  if (typ !== type) throw new VerificationError("the token is of another type", "SIG_CONSTRAINTS_FAILURE");
  await key.verify(signature, utf8(`${parts[0]}.${parts[1]}`));
  return object(payload);
}

export function object(bytes) {
  let value = null;
  try {
    value = JSON.parse(textOf(bytes));
  } catch {
    throw new FormatError("not well-formed JSON");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new FormatError("not a JSON object");
  return value;
}

function ascii(token) {
  try {
    return textOf(token);
  } catch {
    throw new FormatError("not a compact JWS");
  }
}
