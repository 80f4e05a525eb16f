// The offline pack of this browser: installed, kept up to date by what changed, and switched to a new one only when all of that one was checked.
// The hub's keys are taken with the first pack, from the hub itself over https, and kept: later packs must be signed by these. A manifest that is
// older than the one kept is never taken, nor an older edition of a part.
import { changed } from "./verify/status_list.js";
import { MOST_BYTES, STATUS_LISTS, checkPart, readManifest } from "./verify/manifest.js";
import { object } from "./verify/jws.js";
import { openPack } from "./verify/pack.js";
import { UncheckableError, VerificationError } from "./verify/refusals.js";

const [JWKS, MANIFEST] = [".well-known/jwks.json", "offline-pack"];
const MOST_OF_KEYS = 2 ** 16;
const TRIES = 3; // a part may be replaced while the pack is fetched

// What a part answers that is not of the present pack any more, or does not tell what changed.
class GoneError extends UncheckableError {}

export class Packs {
  #store;
  #get;

  // `store` keeps one pack (pack_store.js): `load()`, `save(contents)`, all or nothing. `get(address, most)` gives {status, content}.
  constructor({ store, get }) {
    [this.#store, this.#get] = [store, get];
  }

  // The pack that is kept, checked again; null where there is none. Throws VerificationError where it is not as it was signed.
  async open() {
    const kept = await this.#store.load();
    return kept && openPack(kept);
  }

  // Fetches what is new and returns the pack that is then kept. Throws and keeps the old one if there is no network (UncheckableError), or anything is
  // not as it was signed (VerificationError), or the hub signs by other keys (UncheckableError): then a person must `install` it again.
  async refresh() {
    const kept = await this.#kept();
    return kept ? this.#switchTo(kept.jwks, kept) : this.install();
  }

  // Takes the hub's keys and its pack, whatever was kept before.
  async install() {
    const { keys } = object(await this.#fetch(JWKS, MOST_OF_KEYS));
    if (!Array.isArray(keys)) throw new VerificationError("the hub's keys are no JWK Set", "FORMAT_FAILURE");
    return this.#switchTo(keys, null);
  }

  // A kept pack that was damaged is as good as none, but for the keys.
  async #kept() {
    const kept = await this.#store.load();
    if (!kept) return null;
    try {
      return { ...kept, pack: await openPack(kept) };
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      return { jwks: kept.jwks, pack: null, parts: new Map() };
    }
  }

  async #switchTo(jwks, kept) {
    for (let left = TRIES; ; left--) {
      try {
        return await this.#attempt(jwks, kept);
      } catch (error) {
        if (!(error instanceof GoneError) || left === 1) throw error;
      }
    }
  }

  async #attempt(jwks, kept) {
    const token = await this.#fetch(MANIFEST, MOST_BYTES);
    const manifest = await readManifest(token, jwks, kept?.pack?.issuer ?? null);
    if (kept?.pack && manifest.issuedAt <= kept.pack.issuedAt) return kept.pack; // another process of the hub was asked, or somebody replays
    const parts = new Map();
    for (const part of manifest.parts.values()) parts.set(part.name, await this.#part(part, kept));
    const contents = { jwks, token, parts };
    const pack = await openPack(contents);
    await this.#store.save(contents);
    return pack;
  }

  async #part(part, kept) {
    const [old, content] = [kept?.pack?.manifest.parts.get(part.name), kept?.parts.get(part.name)];
    if (old && part.edition < old.edition) throw new VerificationError(`${part.name} is older than one seen before`, "TRY_LATER");
    if (old && part.sha256 === old.sha256) return content;
    return (old && part.name.startsWith(STATUS_LISTS) && (await this.#updated(part, old, content))) || this.#whole(part);
  }

  async #whole(part) {
    const content = await this.#fetch(part.address, part.size);
    await checkPart(part, content);
    return content;
  }

  // The list with what changed since; null where that is not told, or does not come to what was signed.
  async #updated(part, old, content) {
    try {
      const delta = await this.#fetch(`${part.address}?since=${old.edition}`, part.size);
      const updated = changed(content, delta);
      await checkPart(part, updated);
      return updated;
    } catch (error) {
      if (error instanceof VerificationError || error instanceof GoneError) return null;
      throw error;
    }
  }

  async #fetch(address, most) {
    const { status, content } = await this.#get(address, most);
    if (status === 404) throw new GoneError("the hub does not have this part any more");
    if (status !== 200) throw new UncheckableError(`the hub answered ${status}`);
    return content;
  }
}

// Gets from a hub, below its address; an answer that grows beyond what is expected is cut off.
export const fetching = (base) => async (address, most) => {
  try {
    const answer = await fetch(`${base}/${address}`, { credentials: "omit", redirect: "error" });
    return { status: answer.status, content: answer.status === 200 ? await read(answer.body.getReader(), most) : new Uint8Array() };
  } catch (error) {
    throw error instanceof VerificationError ? error : new UncheckableError("the hub cannot be reached");
  }
};

async function read(reader, most) {
  const chunks = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > most) {
      await reader.cancel();
      throw new VerificationError("a part is larger than the manifest has it", "HASH_FAILURE");
    }
    chunks.push(next.value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
