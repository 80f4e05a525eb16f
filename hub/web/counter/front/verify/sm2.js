// SM2 with SM3 (GB/T 32918.2), by the package sm-crypto-v2, which is loaded with the first such signature. The package does not look at the range of r
// and s, so that is done here. Where it cannot be loaded, nothing was checked.
import { hex, joined } from "./bytes.js";
import { UncheckableError, VerificationError } from "./refusals.js";

export const USER_ID = "1234567812345678";
const ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
let loading = null;

export async function verify(point, signature, message) {
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)].map((half) => BigInt(`0x${hex(half)}`));
  if (!inRange(r) || !inRange(s) || (r + s) % ORDER === 0n) throw refused();
  const { sm2 } = await loaded();
  const options = { hash: true, der: false, userId: USER_ID };
  if (!sm2.doVerifySignature(message, hex(signature), hex(point), options)) throw refused();
}

// The point of a JWK, uncompressed; throws for one that is not on the curve.
export async function load({ x, y }) {
  const [point, { sm2 }] = [joined(Uint8Array.of(4), x, y), await loaded()];
  if (!sm2.verifyPublicKey(hex(point))) throw new UncheckableError("the key is no point of the curve");
  return point;
}

const inRange = (number) => number > 0n && number < ORDER;

const refused = () => new VerificationError("the signature does not verify under the key");

async function loaded() {
  try {
    return await (loading ??= import("sm-crypto-v2"));
  } catch {
    loading = null; // another time it may be there
    throw new UncheckableError("SM2 cannot be checked here; ask the hub");
  }
}
