// A hub for the tests of packs: signs manifests and answers addresses; what it answers can be spoilt.
import { createHash } from "node:crypto";

const ISSUER = "https://hub.example";
const utf8 = (text) => new TextEncoder().encode(text);
const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
const digest = (bytes) => createHash("sha256").update(bytes).digest("base64url");
export const NAMES = utf8(JSON.stringify({ zone: "Asia/Shanghai", types: {}, authorities: {} }));

export async function newKey(kid) {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { kid, jwk: { kty, crv, x, y, kid, alg: "ES256", use: "sig" }, pair };
}

export async function signed(claims, { kid, pair }, typ) {
  const input = [{ alg: "ES256", typ, kid }, claims].map((one) => base64url(utf8(JSON.stringify(one)))).join(".");
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, utf8(input));
  return utf8(`${input}.${base64url(new Uint8Array(signature))}`);
}

export class Hub {
  asked = [];
  spoilt = new Map(); // address -> what is answered instead, once or always: (answer) => answer
  issuedAt = 1_800_000_000;
  issuer = ISSUER;
  lists = new Map();

  static async open(kid = "pack-1") {
    const hub = new Hub();
    hub.key = await newKey(kid);
    hub.trust = await signed({ iss: ISSUER, version: 1, seals: [] }, hub.key, "trust-list+jwt");
    return hub;
  }

  // Publishes a list: {edition, statuses}, the changes since the one before kept.
  publish(number, statuses) {
    const before = this.lists.get(number);
    const edition = (before?.edition ?? 0) + 1;
    this.lists.set(number, { edition, statuses, past: [...(before?.past ?? []), statuses] });
    this.issuedAt += 15;
  }

  async manifest(changes = {}, key = this.key) {
    const part = (name, edition, content) => ({
      name, address: `offline-pack/${name}/${edition}`, edition, sha256: digest(content), size: content.length,
    });
    const lists = [...this.lists].map(([number, { edition, statuses }]) => part(`status-lists/${number}`, edition, statuses));
    return signed({
      iss: this.issuer, iat: this.issuedAt, exp: this.issuedAt + 86400, version: 1, policy: { warn_after: 14400, refuse_after: 86400 },
      parts: [part("trust-list", 1, this.trust), part("names", 1, NAMES), ...lists], ...changes,
    }, key, "offline-pack+jwt");
  }

  get = async (address) => {
    this.asked.push(address);
    const answer = await this.#answer(address);
    return this.spoilt.get(address)?.(answer) ?? answer;
  };

  async #answer(address) {
    const given = (content) => ({ status: content ? 200 : 404, content });
    if (address === ".well-known/jwks.json") return given(utf8(JSON.stringify({ keys: [this.key.jwk] })));
    if (address === "offline-pack") return given(await this.manifest());
    if (address === "offline-pack/trust-list/1") return given(this.trust);
    if (address === "offline-pack/names/1") return given(NAMES);
    const [, number, edition, since] = /^offline-pack\/status-lists\/(\d+)\/(\d+)(?:\?since=(\d+))?$/.exec(address) ?? [];
    const past = this.lists.get(Number(number))?.past ?? [];
    if (!past[edition - 1]) return given(null);
    return given(since ? delta(past[since - 1], past[edition - 1]) : past[edition - 1]);
  }
}

// Changes as keys/status_delta.py writes them.
export function delta(before, after) {
  const words = [];
  for (let index = 0; index < after.length * 4; index++) {
    const value = (statuses) => (statuses[index >> 2] >> ((index % 4) * 2)) & 3;
    if (value(before) !== value(after)) words.push(index * 4 + value(after));
  }
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, place) => view.setUint32(place * 4, word));
  return new Uint8Array(view.buffer);
}

export class MemoryStore {
  kept = null;
  load = async () => this.kept && structuredClone(this.kept);
  save = async (contents) => {
    this.kept = structuredClone(contents);
  };
}
