// The last 50 scans of this tab. Kept is when, which word, which type of licence and whether the hub was asked; never a name, a number or a code.
// They end with the tab, and with the session: another clerk at the same desk begins anew.
const [KEPT, WHOSE, MOST] = ["counter.scans", "counter.scans.of", 50];

export class Scans {
  constructor(storage) {
    this.storage = storage;
    this.all = JSON.parse(storage.getItem(KEPT) ?? "[]");
  }

  // Begin anew unless they were made in this session; `session` is a digest that tells it from others, and no more.
  of(session) {
    if (this.storage.getItem(WHOSE) !== session) this.clear();
    this.storage.setItem(WHOSE, session);
  }

  add(verdict, at) {
    const { word, colour, online, licence } = verdict;
    this.all = [{ at, word, colour, online, type: licence?.typeNames ?? null }, ...this.all].slice(0, MOST);
    this.storage.setItem(KEPT, JSON.stringify(this.all));
  }

  clear() {
    this.all = [];
    this.storage.removeItem(KEPT);
  }
}
