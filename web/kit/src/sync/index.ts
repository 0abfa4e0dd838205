/** The device's sync. See docs/design/journal.md. */

import * as Y from 'yjs';
import { type Effects, Exchange, readCursor } from './exchange.ts';
import { merge } from './ground.ts';
import { type Entry, enter, enterAll, type Refused, type Wish } from './ledger.ts';
import type { Storage, Tx } from './storage.ts';
import { type Message, OneTab, type Tabs } from './tabs.ts';
import { HttpTransport, ProblemError, type Transport } from './transport.ts';
import type { Fields, Refusal, Sync, SyncRecord, SyncStatus, SyncText } from './types.ts';
import { readCollection, readView, type Texts, toRecord } from './view.ts';

export { openIndexedDb } from './indexeddb.ts';
export { MemoryStorage, type Storage } from './storage.ts';
export { BrowserTabs, OneTab, type Tabs, tabsOf } from './tabs.ts';
export { HttpTransport, type Transport } from './transport.ts';
export * from './types.ts';
export { TEXT_ROOT } from './wire.ts';

export interface Clock {
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Random {
  uuid(): string;
  /** 0 ≤ x < 1. */
  number(): number;
}

export interface SyncOptions {
  /** Where the API is, such as "https://pileus.localhost:8080/api/v1"; not needed with a `transport`. */
  baseUrl?: string;
  token?: string | (() => string);
  storage: Storage;
  transport?: Transport;
  tabs?: Tabs;
  clock?: Clock;
  random?: Random;
  /** Milliseconds between exchanges when nothing rings. */
  poll?: number;
}

const POLL = 60_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

export function createSync(options: SyncOptions): Sync {
  const given = options.token ?? '';
  const token = typeof given === 'string' ? () => given : given;
  const transport = options.transport ?? new HttpTransport({ baseUrl: options.baseUrl ?? '/api/v1', token });
  return new DeviceSync(
    options.storage,
    transport,
    options.tabs ?? new OneTab(),
    options.clock ?? wallClock,
    options.random ?? systemRandom,
    options.poll ?? POLL,
  );
}

class DeviceSync implements Sync {
  private readonly subscribers = new Map<string, Set<(changed: string[]) => void>>();
  private readonly textListeners = new Map<string, Set<(update: Uint8Array) => void>>();
  private readonly statusListeners = new Set<(status: SyncStatus) => void>();
  private readonly dirty = new Map<string, Set<string>>();
  /** What other tabs are to hear of. */
  private news: [collection: string, id: string][] = [];
  private current: SyncStatus = { unsafe: 0, online: false, cursor: 0 };
  private health: { online: boolean; problem: string | null } = { online: false, problem: null };
  private running: AbortController | undefined;
  private loop: Promise<void> = Promise.resolve();
  private leave: (() => void)[] = [];
  private rung = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly storage: Storage,
    private readonly transport: Transport,
    private readonly tabs: Tabs,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly poll: number,
  ) {}

  async start(): Promise<void> {
    if (this.running) return;
    const running = new AbortController();
    this.running = running;
    this.leave = [this.tabs.listen((message) => this.hear(message)), listenToBrowser(() => this.ring())];
    await this.refresh();
    this.loop = this.exchangeForEver(running.signal);
  }

  async stop(): Promise<void> {
    this.running?.abort();
    this.running = undefined;
    for (const leave of this.leave.splice(0)) leave();
    await this.loop;
  }

  ring(): void {
    this.rung = true;
    this.wake();
    this.tabs.post({ kind: 'ring' });
  }

  async get(collection: string, id: string): Promise<SyncRecord | undefined> {
    const view = await this.storage.transaction('readonly', (tx) => readView(tx, collection, id));
    return view.deleted ? undefined : toRecord(collection, id, view);
  }

  async query(collection: string, where?: (record: SyncRecord) => boolean): Promise<SyncRecord[]> {
    const records = await this.storage.transaction('readonly', (tx) => readCollection(tx, collection));
    return where ? records.filter(where) : records;
  }

  put(collection: string, id: string, fields: Fields): Promise<void> {
    return this.enter({ collection, record: id, op: 'put', fields });
  }

  delete(collection: string, id: string): Promise<void> {
    return this.enter({ collection, record: id, op: 'delete' });
  }

  async change(collections: Readonly<Record<string, ReadonlyMap<string, Fields | null>>>): Promise<void> {
    const wishes = Object.entries(collections).flatMap(([collection, records]) =>
      [...records].map(
        ([record, fields]): Wish =>
          fields ? { collection, record, op: 'put', fields } : { collection, record, op: 'delete' },
      ),
    );
    await this.storage.transaction('readwrite', (tx) => enterAll(tx, wishes, () => this.random.uuid()));
    for (const { collection, record } of wishes) this.mark(collection, record);
    await this.entered();
  }

  text(collection: string, id: string, field: string): SyncText {
    // What whoever edits it has: it may be more than the record holds by the time of the next edit.
    let known: Texts = {};
    const learn = (update: Uint8Array) => {
      known = merge(known, { [field]: update });
    };
    return {
      state: async () => {
        const view = await this.storage.transaction('readonly', (tx) => readView(tx, collection, id));
        const state = view.texts[field] ?? Y.encodeStateAsUpdate(new Y.Doc());
        learn(state);
        return state;
      },
      update: async (update) => {
        const ground = known;
        learn(update);
        await this.enter({ collection, record: id, op: 'put', texts: { [field]: update }, ground });
        this.tabs.post({ kind: 'text', collection, id, field, update });
      },
      onUpdate: (listener) =>
        listen(this.textListeners, textKey(collection, id, field), (update) => {
          learn(update);
          listener(update);
        }),
    };
  }

  subscribe(collection: string, listener: (changed: string[]) => void): () => void {
    return listen(this.subscribers, collection, listener);
  }

  status(): SyncStatus {
    return this.current;
  }

  onStatus(listener: (status: SyncStatus) => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  refused(): Promise<Refusal[]> {
    return this.storage.transaction('readonly', async (tx) =>
      (await tx.list<Refused>('refused')).map(({ key: _, ...refusal }) => refusal),
    );
  }

  async dismiss(id: string): Promise<void> {
    await this.storage.transaction('readwrite', async (tx) => {
      for (const refusal of await tx.list<Refused>('refused')) {
        if (refusal.id === id) await tx.delete('refused', refusal.key);
      }
    });
    await this.refresh();
    this.tabs.post({ kind: 'changed', records: [] });
  }

  private async enter(wish: Wish): Promise<void> {
    await this.storage.transaction('readwrite', (tx) => enter(tx, wish, () => this.random.uuid()));
    this.mark(wish.collection, wish.record);
    await this.entered();
  }

  private async entered(): Promise<void> {
    await this.refresh();
    // While the cloud is out of reach an edit does not hurry the next attempt.
    if (this.health.problem === null) this.ring();
  }

  /** The loop of the leading tab: exchange, then wait for a ring or the next poll; after a failure, longer. */
  private async exchangeForEver(signal: AbortSignal): Promise<void> {
    const effects: Effects = {
      changed: (collection, id) => this.mark(collection, id),
      text: (collection, id, field, update) => {
        this.tellText(collection, id, field, update);
        this.tabs.post({ kind: 'text', collection, id, field, update });
      },
      page: () => this.refresh(),
    };
    const exchange = new Exchange(this.storage, this.transport, effects);
    let end: () => void;
    try {
      end = await this.tabs.lead(signal);
    } catch {
      return; // stopped while another tab led
    }
    const hangUp = this.transport.doorbell?.(() => this.ring());
    let failures = 0;
    while (!signal.aborted) {
      this.rung = false;
      try {
        await exchange.run(signal);
        failures = 0;
        this.health = { online: true, problem: null };
      } catch (error) {
        failures += 1;
        if (!signal.aborted) this.health = diagnose(error);
      }
      await this.refresh();
      this.tabs.post({ kind: 'health', ...this.health });
      if (!signal.aborted) await this.pause(failures, signal);
    }
    hangUp?.();
    end();
  }

  private async pause(failures: number, signal: AbortSignal): Promise<void> {
    if (this.rung) return;
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures - 1, 16));
    const pause = failures === 0 ? this.poll : longest * (0.5 + this.random.number() / 2);
    const awake = new AbortController();
    const rouse = () => awake.abort();
    signal.addEventListener('abort', rouse);
    this.wake = rouse;
    await this.clock.sleep(pause, awake.signal);
    this.wake = () => undefined;
    signal.removeEventListener('abort', rouse);
  }

  private hear(message: Message): void {
    if (message.kind === 'ring') {
      this.rung = true;
      this.wake();
    } else if (message.kind === 'text') {
      this.tellText(message.collection, message.id, message.field, message.update);
    } else {
      if (message.kind === 'changed')
        for (const [collection, id] of message.records) this.markLocal(collection, id);
      else this.health = { online: message.online, problem: message.problem };
      void this.refresh();
    }
  }

  private mark(collection: string, id: string): void {
    this.markLocal(collection, id);
    this.news.push([collection, id]);
  }

  private markLocal(collection: string, id: string): void {
    const ids = this.dirty.get(collection) ?? new Set<string>();
    this.dirty.set(collection, ids.add(id));
  }

  private tellText(collection: string, id: string, field: string, update: Uint8Array): void {
    for (const listener of this.textListeners.get(textKey(collection, id, field)) ?? []) listener(update);
  }

  /** Tells subscribers what changed since the last time, then the status where it is another one. */
  private async refresh(): Promise<void> {
    const changed = [...this.dirty];
    this.dirty.clear();
    if (this.news.length > 0) this.tabs.post({ kind: 'changed', records: this.news.splice(0) });
    for (const [collection, ids] of changed) {
      for (const listener of this.subscribers.get(collection) ?? []) listener([...ids]);
    }
    const next = await this.storage.transaction('readonly', (tx) => this.readStatus(tx));
    if (JSON.stringify(next) === JSON.stringify(this.current)) return;
    this.current = next;
    for (const listener of this.statusListeners) listener(next);
  }

  private async readStatus(tx: Tx): Promise<SyncStatus> {
    const owed = (await tx.list<Entry>('ledger')).filter((entry) => entry.state !== 'acknowledged');
    const refused = await tx.list<Refusal>('refused');
    const records = new Set([...owed, ...refused].map((item) => `${item.collection}/${item.record}`));
    const problem = this.health.problem ?? (refused.length > 0 ? 'refused' : undefined);
    return {
      unsafe: records.size,
      online: this.health.online,
      cursor: (await readCursor(tx)) ?? 0,
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

function diagnose(error: unknown): { online: boolean; problem: string } {
  if (!(error instanceof ProblemError)) return { online: false, problem: 'offline' };
  const reached = error.status < 500 || error.status === 507;
  return { online: reached, problem: error.status === 401 ? 'signed-out' : error.code };
}

function listen<T>(all: Map<string, Set<T>>, key: string, listener: T): () => void {
  const set = all.get(key) ?? new Set<T>();
  all.set(key, set.add(listener));
  return () => set.delete(listener);
}

function textKey(collection: string, id: string, field: string): string {
  return `${collection}/${id}#${field}`;
}

/** Rings when the network comes or goes, or the page is looked at again. */
function listenToBrowser(ring: () => void): () => void {
  if (typeof window !== 'object' || typeof document !== 'object') return () => undefined;
  const look = () => document.visibilityState === 'visible' && ring();
  window.addEventListener('online', ring);
  window.addEventListener('offline', ring);
  document.addEventListener('visibilitychange', look);
  return () => {
    window.removeEventListener('online', ring);
    window.removeEventListener('offline', ring);
    document.removeEventListener('visibilitychange', look);
  };
}

const wallClock: Clock = {
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

const systemRandom: Random = { uuid: () => crypto.randomUUID(), number: () => Math.random() };
