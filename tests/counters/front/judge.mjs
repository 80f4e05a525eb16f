// Judges texts by a pack as the counter's page does: node judge.mjs FRONT FILE reads {pack: {jwks, token, parts}, codes: [{text, at, pack?}]} (bytes in
// base64, moments in milliseconds) and prints the verdicts as JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [front, file] = process.argv.slice(2);
const { openPack, verdictOf } = await import(pathToFileURL(join(front, "verify/index.js")));
const { pack, codes } = JSON.parse(readFileSync(file, "utf8"));
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));

const parts = new Map(Object.entries(pack.parts).map(([name, content]) => [name, bytes(content)]));
const opened = await openPack({ jwks: pack.jwks, token: bytes(pack.token), parts });
const verdicts = [];
for (const { text, at } of codes) verdicts.push(await verdictOf(text, opened, new Date(at)));
console.log(JSON.stringify(verdicts));
