/** Storage in IndexedDB. */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import { LAST, STORES, type Storage, type Store, type Tx } from './storage.ts';

type Value = { key: string; value: unknown };
interface Schema extends DBSchema {
  meta: Value;
  records: Value;
  ledger: Value;
  refused: Value;
}

/** Opens (makes) the database `name`; one an account. Rejects where the browser allows no storage. */
export async function openIndexedDb(name: string): Promise<Storage> {
  const db = await openDB<Schema>(name, 1, {
    upgrade(fresh) {
      for (const store of STORES) fresh.createObjectStore(store);
    },
    blocking: () => db.close(),
  });
  return new IndexedDbStorage(db);
}

class IndexedDbStorage implements Storage {
  constructor(private readonly db: IDBPDatabase<Schema>) {}

  async transaction<T>(mode: 'readonly' | 'readwrite', work: (tx: Tx) => Promise<T>): Promise<T> {
    // "strict": the promise means on the disk, not in the browser's cache.
    const raw = this.db.transaction([...STORES], mode, { durability: 'strict' });
    const done = raw.done;
    done.catch(() => undefined); // told below, unless `work` failed first
    let result: T;
    try {
      result = await work(new IndexedDbTx(raw));
    } catch (error) {
      try {
        raw.abort();
      } catch {
        // it has ended already
      }
      throw error;
    }
    await done;
    return result;
  }

  async close(): Promise<void> {
    this.db.close();
  }
}

class IndexedDbTx implements Tx {
  constructor(private readonly raw: IDBPTransaction<Schema, Store[], 'readonly' | 'readwrite'>) {}

  async get<T>(store: Store, key: string): Promise<T | undefined> {
    return (await this.raw.objectStore(store).get(key)) as T | undefined;
  }

  async list<T>(store: Store, prefix = ''): Promise<T[]> {
    const range = prefix ? IDBKeyRange.bound(prefix, prefix + LAST) : undefined;
    return (await this.raw.objectStore(store).getAll(range)) as T[];
  }

  async put(store: Store, key: string, value: unknown): Promise<void> {
    await this.raw.objectStore(store).put?.(value, key);
  }

  async delete(store: Store, key: string): Promise<void> {
    await this.raw.objectStore(store).delete?.(key);
  }
}
