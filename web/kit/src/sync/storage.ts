/**
 * Where a device keeps its records and its ledger: string keys in named stores, changed in transactions.
 *
 * A transaction is atomic and isolated (also between tabs), and durable once `transaction` resolves.
 * Inside its function await nothing but the transaction itself: IndexedDB commits as soon as nothing is asked.
 */

export type Store = 'meta' | 'records' | 'ledger' | 'refused';
export const STORES: readonly Store[] = ['meta', 'records', 'ledger', 'refused'];

export interface Tx {
  get<T>(store: Store, key: string): Promise<T | undefined>;
  /** Values by rising key, of the keys that begin with `prefix`. */
  list<T>(store: Store, prefix?: string): Promise<T[]>;
  /** Only in a "readwrite" transaction. Values are structured-cloneable; don't change one afterwards. */
  put(store: Store, key: string, value: unknown): Promise<void>;
  delete(store: Store, key: string): Promise<void>;
}

export interface Storage {
  transaction<T>(mode: 'readonly' | 'readwrite', work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Above every key that begins with a prefix. */
export const LAST = '\uffff';

/** Storage in memory, for Node and tests. `beforeCommit` stands for the disk: until it resolves nothing is kept. */
export class MemoryStorage implements Storage {
  private readonly stores = new Map<Store, Map<string, unknown>>(STORES.map((name) => [name, new Map()]));
  private tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly beforeCommit: () => Promise<void> | undefined = () => undefined) {}

  transaction<T>(mode: 'readonly' | 'readwrite', work: (tx: Tx) => Promise<T>): Promise<T> {
    const run = this.tail.then(() => this.run(mode, work));
    this.tail = run.catch(() => undefined);
    return run;
  }

  async close(): Promise<void> {}

  /** What a crash leaves: a storage with all that was committed; what this one does later stays apart. */
  survivor(beforeCommit?: () => Promise<void> | undefined): MemoryStorage {
    const fresh = new MemoryStorage(beforeCommit);
    for (const [name, values] of this.stores) fresh.stores.set(name, new Map(values));
    return fresh;
  }

  private async run<T>(mode: 'readonly' | 'readwrite', work: (tx: Tx) => Promise<T>): Promise<T> {
    const staged = new Map<Store, Map<string, unknown>>();
    const tx = new MemoryTx(this.stores, staged, mode === 'readwrite');
    const result = await work(tx);
    if (staged.size > 0) {
      const wait = this.beforeCommit();
      if (wait) await wait;
      for (const [name, changes] of staged) {
        const store = this.stores.get(name) as Map<string, unknown>;
        for (const [key, value] of changes) {
          if (value === undefined) store.delete(key);
          else store.set(key, value);
        }
      }
    }
    return result;
  }
}

class MemoryTx implements Tx {
  constructor(
    private readonly stores: Map<Store, Map<string, unknown>>,
    private readonly staged: Map<Store, Map<string, unknown>>,
    private readonly writable: boolean,
  ) {}

  async get<T>(store: Store, key: string): Promise<T | undefined> {
    const changes = this.staged.get(store);
    return (changes?.has(key) ? changes.get(key) : this.stores.get(store)?.get(key)) as T | undefined;
  }

  async list<T>(store: Store, prefix = ''): Promise<T[]> {
    const merged = new Map(this.stores.get(store));
    for (const [key, value] of this.staged.get(store) ?? []) merged.set(key, value);
    return [...merged]
      .filter(([key, value]) => value !== undefined && key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, value]) => value as T);
  }

  async put(store: Store, key: string, value: unknown): Promise<void> {
    this.stage(store).set(key, value);
  }

  async delete(store: Store, key: string): Promise<void> {
    this.stage(store).set(key, undefined);
  }

  private stage(store: Store): Map<string, unknown> {
    if (!this.writable) throw new Error('a read-only transaction cannot change anything');
    const changes = this.staged.get(store) ?? new Map<string, unknown>();
    this.staged.set(store, changes);
    return changes;
  }
}
