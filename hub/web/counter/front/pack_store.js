// Where this browser keeps its offline pack: one record of IndexedDB, replaced in one transaction, so that there is the old pack or the new one and
// never half of one. What is read from it is checked again (verify/pack.js). It holds nothing of any person.

const [NAME, TABLE, KEY] = ["licence-hub-offline", "pack", "current"];

export class PackStore {
  // What was saved last: {jwks, token, parts}, or null.
  async load() {
    return (await this.#inOne("readonly", (table) => table.get(KEY))) ?? null;
  }

  async save(contents) {
    await this.#inOne("readwrite", (table) => table.put(contents, KEY));
  }

  // Removes the pack, keys and all.
  async clear() {
    await this.#inOne("readwrite", (table) => table.delete(KEY));
  }

  async #inOne(mode, ask) {
    const database = await opened();
    try {
      const transaction = database.transaction(TABLE, mode, { durability: "strict" });
      const asked = ask(transaction.objectStore(TABLE));
      await ended(transaction);
      return asked.result;
    } finally {
      database.close();
    }
  }
}

function opened() {
  const asked = indexedDB.open(NAME, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(TABLE);
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

function ended(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}
