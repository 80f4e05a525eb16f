// The offline pack at this desk: kept by the browser, renewed while there is a network, its age known at any time.
import { PackStore } from "./pack_store.js";
import { Packs, fetching } from "./packs.js";
import { REFUSED, VerificationError, verdictOf } from "./verify/index.js";

const RENEWED = 60_000; // milliseconds between two looks whether there is a newer one
const TOLD = { FRESH: "counter.pack.fresh", OLD: "counter.pack.old", REFUSED: "counter.pack.stale" };

export class Offline {
  // `base` is the hub's address without a slash at its end; onChange() is called whenever what `told` says may be another.
  constructor(base, onChange) {
    Object.assign(this, { onChange, pack: null, failed: false });
    this.packs = new Packs({ store: new PackStore(), get: fetching(base) });
  }

  async begin() {
    this.pack = await this.packs.open().catch(() => null);
    this.onChange();
    await this.renew();
    setInterval(() => this.renew(), RENEWED);
  }

  // Fetch what is newer. Without a network the old one stays; one that is not signed as it should be is never taken.
  async renew() {
    try {
      this.pack = await this.packs.refresh();
      this.failed = false;
    } catch (error) {
      this.failed = error instanceof VerificationError;
    }
    this.onChange();
  }

  async verdict(text) {
    return verdictOf(text, this.pack, new Date());
  }

  get isStale() {
    return this.pack === null || this.pack.standing(new Date()) === REFUSED;
  }

  // What the page says of it: an id of words, and how many seconds old it is.
  told() {
    if (this.pack === null) return { words: "counter.pack.none", age: null, from: null };
    const now = new Date();
    const words = this.failed ? "counter.pack.failed" : TOLD[this.pack.standing(now)];
    return { words, age: Math.max(0, this.pack.age(now)), from: this.pack.issuedAt };
  }
}
