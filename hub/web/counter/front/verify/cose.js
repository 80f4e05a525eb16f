// COSE_Sign1 (RFC 9052 section 4.2), tagged, with the refusals of keys/cose.py. The message never chooses its key or its algorithm.
import { joined, utf8 } from "./bytes.js";
import { byteString, loads, loadsMap } from "./cbor.js";
import { FormatError, VerificationError } from "./refusals.js";

export const [ALGORITHM, CRITICAL, KID, TYPE] = [1, 2, 4, 16];
const TAG = 0xd2; // 18
const SIGNATURE1 = joined(Uint8Array.of(0x84, 0x6a), utf8("Signature1"));
const NOTHING = Uint8Array.of(0x40);

// Takes a message apart without believing it.
export function parse(data) {
  if (data[0] !== TAG) throw new FormatError("not a tagged COSE_Sign1");
  const parts = loads(data.subarray(1));
  if (!Array.isArray(parts) || parts.length !== 4) throw new FormatError("a COSE_Sign1 has four parts");
  const [protectedBytes, unprotected, payload, signature] = parts;
  if (!(unprotected instanceof Map) || ![protectedBytes, payload, signature].every((one) => one instanceof Uint8Array)) {
    throw new FormatError("a part of the COSE_Sign1 is of the wrong kind");
  }
  const header = loadsMap(protectedBytes);
  checkHeaders(header, unprotected);
  return { header, unprotected, payload, signature, toBeSigned: toBeSigned(protectedBytes, payload) };
}

// Checks a message that was taken apart, under a key (suites.js) and a type.
export async function check(message, key, type) {
  if (message.header.get(ALGORITHM) !== key.suite.cose) {
    throw new VerificationError("the message's algorithm is not that of the key");
  }
  if (message.header.get(TYPE) !== type) {
    throw new VerificationError("the message is of another type", "SIG_CONSTRAINTS_FAILURE");
  }
  await key.verify(message.signature, message.toBeSigned);
}

function checkHeaders(header, unprotected) {
  if ([...header.keys()].some((name) => unprotected.has(name))) {
    throw new FormatError("a header parameter stands in both headers");
  }
  if (header.has(CRITICAL) || unprotected.has(CRITICAL)) {
    throw new FormatError("the header has critical members that are not understood");
  }
}

// The Sig_structure of RFC 9052 section 4.4, without external data.
function toBeSigned(protectedBytes, payload) {
  return joined(SIGNATURE1, ...byteString(protectedBytes), NOTHING, ...byteString(payload));
}
