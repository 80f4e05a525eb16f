// Packs are installed, kept up to date by what changed, and never half of one: node --test, with FRONT naming the folder of the modules.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { Hub, MemoryStore, delta, newKey } from "./hub.mjs";

const module = (name) => import(pathToFileURL(join(process.env.FRONT, name)));
const { Packs, fetching } = await module("packs.js");
const { UncheckableError, VerificationError } = await module("verify/index.js");
const { changed, statusAt } = await module("verify/status_list.js");

const PLACES = 4096;
const list = (...places) => {
  const statuses = new Uint8Array(PLACES / 4);
  for (const place of places) statuses[place >> 2] |= 1 << ((place % 4) * 2);
  return statuses;
};
const shown = (pack, statusIndex, statusList = 1) => pack.statusOf({ statusList, statusIndex })?.status;

async function installed() {
  const [hub, store] = [await Hub.open(), new MemoryStore()];
  hub.publish(1, list(7));
  hub.publish(2, list());
  const packs = new Packs({ store, get: hub.get });
  await packs.refresh();
  hub.asked.length = 0;
  return { hub, store, packs };
}

test("a pack is installed with the hub's keys, and opened again from what is kept", async () => {
  const { hub, packs, store } = await installed();
  const pack = await packs.open();
  assert.deepEqual([shown(pack, 7), shown(pack, 8), shown(pack, 7, 2)], ["INVALID", "VALID", "VALID"]);
  assert.equal(shown(pack, PLACES), undefined);
  assert.deepEqual(store.kept.jwks, [hub.key.jwk]);
  assert.equal(await new Packs({ store: new MemoryStore(), get: hub.get }).open(), null);
});

test("an update fetches the manifest and what changed, and nothing else", async () => {
  const { hub, packs } = await installed();
  hub.publish(1, list(7, 9));
  hub.publish(1, list(9, 4000));
  const pack = await packs.refresh();
  assert.deepEqual(hub.asked, ["offline-pack", "offline-pack/status-lists/1/3?since=1"]);
  assert.deepEqual([7, 9, 4000].map((place) => shown(pack, place)), ["VALID", "INVALID", "INVALID"]);
  assert.equal(shown(await packs.open(), 4000), "INVALID");
});

test("a publication that changed nothing is not fetched", async () => {
  const { hub, packs } = await installed();
  hub.publish(1, list(7));
  await packs.refresh();
  assert.deepEqual(hub.asked, ["offline-pack"]);
});

for (const [what, spoil] of Object.entries({
  "that are not told": () => ({ status: 404, content: null }),
  "that come to something else": () => ({ status: 200, content: delta(list(), list(8)) }),
  "that are cut off": ({ content }) => ({ status: 200, content: content.subarray(0, 3) }),
  "that are out of order": () => ({ status: 200, content: Uint8Array.of(0, 0, 0, 36, 0, 0, 0, 36) }),
  "of places that are not there": () => ({ status: 200, content: Uint8Array.of(255, 255, 255, 255) }),
})) {
  test(`instead of changes ${what} the whole list is fetched`, async () => {
    const { hub, packs } = await installed();
    hub.publish(1, list(7, 9));
    hub.spoilt.set("offline-pack/status-lists/1/2?since=1", spoil);
    assert.equal(shown(await packs.refresh(), 9), "INVALID");
    assert.equal(hub.asked.at(-1), "offline-pack/status-lists/1/2");
  });
}

const flipped = ({ content }) => ({ status: 200, content: content.map((byte, place) => (place === 3 ? byte ^ 1 : byte)) });
const last = "offline-pack/status-lists/3/1";
const FAULTS = {
  "a part that was altered": [last, flipped, VerificationError],
  "a part that is cut off": [last, ({ content }) => ({ status: 200, content: content.subarray(0, 100) }), VerificationError],
  "a part that is not there": [last, () => ({ status: 404, content: null }), UncheckableError],
  "a hub that fails": [last, () => ({ status: 503, content: null }), UncheckableError],
  "a network that is gone": [last, () => { throw new UncheckableError("the hub cannot be reached"); }, UncheckableError],
  "a manifest that was altered": ["offline-pack", flipped, VerificationError],
  "a manifest that is none": ["offline-pack", () => ({ status: 200, content: new TextEncoder().encode("<html>") }), VerificationError],
};
for (const [what, [address, spoil, kind]] of Object.entries(FAULTS)) {
  test(`${what} leaves the old pack as it was`, async () => {
    const { hub, packs, store } = await installed();
    const before = await store.load();
    hub.publish(3, list(1));
    hub.spoilt.set(address, spoil);
    await assert.rejects(packs.refresh(), kind);
    assert.deepEqual(await store.load(), before);
    assert.equal(shown(await packs.open(), 7), "INVALID");
    hub.spoilt.clear();
    assert.equal(shown(await packs.refresh(), 1, 3), "INVALID");
  });
}

test("an older manifest is not taken, nor an older edition under a later one", async () => {
  const { hub, packs, store } = await installed();
  hub.publish(1, list());
  await packs.refresh();
  const [kept, lists] = [await store.load(), new Map(hub.lists)];
  hub.issuedAt -= 60;
  hub.lists.delete(1);
  assert.equal(shown(await packs.refresh(), 7), "VALID");
  hub.issuedAt += 3600;
  hub.lists = new Map([...lists, [1, { ...lists.get(1), edition: 1, statuses: list(7) }]]);
  await assert.rejects(packs.refresh(), /older than one seen before/);
  assert.deepEqual(await store.load(), kept);
});

test("another hub's pack is refused, under its own key and under the kept one", async () => {
  const { hub, packs, store } = await installed();
  const before = await store.load();
  hub.publish(1, list());
  const other = await newKey("pack-1");
  for (const [token, kind] of [
    [await hub.manifest({}, other), VerificationError],
    [await hub.manifest({ iss: "https://other.example" }), VerificationError],
    [await hub.manifest({}, { ...other, kid: "pack-2" }), UncheckableError],
    [await hub.manifest({ version: 2 }), UncheckableError],
    [hub.trust, VerificationError],
  ]) {
    hub.spoilt.set("offline-pack", () => ({ status: 200, content: token }));
    await assert.rejects(packs.refresh(), kind);
  }
  assert.deepEqual(await store.load(), before);
});

test("whoever has new keys is believed only when a person installs anew", async () => {
  const { store } = await installed();
  const renewed = await Hub.open("pack-2");
  renewed.publish(1, list(5));
  renewed.issuedAt += 3600;
  const packs = new Packs({ store, get: renewed.get });
  await assert.rejects(packs.refresh(), UncheckableError);
  assert.equal(shown(await packs.install(), 5), "INVALID");
});

test("a part that is replaced while the pack is fetched begins the fetch again", async () => {
  const { hub, packs } = await installed();
  hub.publish(3, list(1));
  hub.spoilt.set(last, () => {
    hub.spoilt.delete(last);
    hub.publish(3, list(2));
    return { status: 404, content: null };
  });
  assert.equal(shown(await packs.refresh(), 2, 3), "INVALID");
});

test("what was kept and is damaged is not believed, and fetched whole under the same keys", async () => {
  const { hub, packs, store } = await installed();
  store.kept.parts.get("status-lists/1")[1] = 0;
  await assert.rejects(packs.open(), VerificationError);
  assert.equal(shown(await packs.refresh(), 7), "INVALID");
  assert.ok(hub.asked.includes("offline-pack/status-lists/1/1") && !hub.asked.includes(".well-known/jwks.json"));
});

test("age counts from the manifest, and a wrong clock confirms nothing", async () => {
  const { packs } = await installed();
  const pack = await packs.open();
  const after = (seconds) => new Date((pack.issuedAt + seconds) * 1000);
  const standings = [-61, -60, 0, 14399, 14400, 86399, 86400].map((seconds) => pack.standing(after(seconds)));
  assert.deepEqual(standings, ["REFUSED", "FRESH", "FRESH", "FRESH", "OLD", "OLD", "REFUSED"]);
  assert.equal(pack.age(after(90)), 90);
});

test("an answer that grows beyond what was announced is cut off", async () => {
  const original = globalThis.fetch;
  globalThis.fetch = async () => new Response(new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(1000)) }));
  try {
    await assert.rejects(fetching("")("offline-pack", 10_000), VerificationError);
    globalThis.fetch = async () => Promise.reject(new TypeError("offline"));
    await assert.rejects(fetching("")("offline-pack", 10_000), UncheckableError);
  } finally {
    globalThis.fetch = original;
  }
});

test("a list with changes taken in is the later list, whatever changed", () => {
  let before = new Uint8Array(PLACES / 4);
  for (let round = 0; round < 50; round++) {
    const after = Uint8Array.from(before);
    for (let change = 0; change < round * 3; change++) crypto.getRandomValues(after.subarray(change * 5, change * 5 + 1));
    assert.deepEqual(changed(before, delta(before, after)), after);
    before = after;
  }
  assert.equal(statusAt(before, PLACES), null);
});
