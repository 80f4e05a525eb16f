// Measures verdictOf beside the bare verification of the same signatures: node measure.mjs FRONT FILE ROUNDS reads {pack, texts, at} as
// tests/counters/front/judge.mjs does and prints {suite, bare, ours, opening}: microseconds of one, round by round, and milliseconds to open the pack.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [front, file, rounds] = process.argv.slice(2);
const module = (name) => import(pathToFileURL(join(front, name)));
const { openPack, verdictOf } = await module("verify/index.js");
const { readText, readToken } = await module("verify/code.js");
const { pack, texts, at } = JSON.parse(readFileSync(file, "utf8"));
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const moment = new Date(at);

const contents = {
  jwks: pack.jwks, token: bytes(pack.token), parts: new Map(Object.entries(pack.parts).map(([name, content]) => [name, bytes(content)])),
};
const begun = performance.now();
const opened = await openPack(contents);
const opening = performance.now() - begun;
const messages = texts.map((text) => readToken(readText(text).token));
const [key] = opened.trust.get(messages[0].hint);

async function each(things, step) {
  const started = performance.now();
  for (const thing of things) await step(thing);
  return ((performance.now() - started) / things.length) * 1000;
}

const jwk = JSON.parse(Buffer.from(new TextDecoder().decode(contents.parts.get("trust-list")).split(".")[1], "base64url")).seals.flatMap((seal) => seal.keys)[0];
const bare = await bareVerify(jwk);
const judge = async (text) => {
  const { word } = await verdictOf(text, opened, moment);
  if (word !== "VALID") throw new Error(`a good code reads as ${word}`);
};
const measured = { suite: key.suite.name, bare: [], ours: [], opening };
for (let round = 0; round <= Number(rounds); round++) {
  const [one, other] = [await each(messages, bare), await each(texts, judge)];
  if (round) measured.bare.push(one), measured.ours.push(other); // the first warms up
}
console.log(JSON.stringify(measured));

async function bareVerify({ kty, crv, x, y, alg }) {
  if (crv === "SM2") {
    const { sm2 } = await import(pathToFileURL(join(front, "../node_modules/sm-crypto-v2/dist/index.mjs")));
    const hex = (text) => Buffer.from(text).toString("hex");
    const point = `04${Buffer.from(x, "base64url").toString("hex")}${Buffer.from(y, "base64url").toString("hex")}`;
    return async ({ message }) => sm2.doVerifySignature(message.toBeSigned, hex(message.signature), point, { hash: true, userId: "1234567812345678" });
  }
  const how = alg === "ES256" ? { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } : { name: "Ed25519" };
  const imported = await crypto.subtle.importKey("jwk", kty === "EC" ? { kty, crv, x, y } : { kty, crv, x }, how, false, ["verify"]);
  return ({ message }) => crypto.subtle.verify(how, imported, message.signature, message.toBeSigned);
}
