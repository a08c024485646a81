// The person's own avatar, kept in this browser (IndexedDB) and nowhere else.

const DATABASE = "visavis";
const STORE = "avatars";

export interface Kept {
  readonly look: string;
  readonly name: string;
  readonly file: Blob;
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("the store is in use"));
  });
}

async function run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  } finally {
    database.close();
  }
}

/** Only the last one is kept. Rejects when the browser has no room or keeps nothing (private windows). */
export const keep = async (avatar: Kept): Promise<void> =>
  void (await run("readwrite", (s) => s.put(avatar, "own")));
export const kept = async (): Promise<Kept | undefined> =>
  (await run("readonly", (s) => s.get("own"))) as Kept | undefined;
export const forget = async (): Promise<void> => void (await run("readwrite", (s) => s.delete("own")));
