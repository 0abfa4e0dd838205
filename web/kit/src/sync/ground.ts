/**
 * Ground: the text that a pending update builds on and the cloud may hold no more, because the record
 * was deleted and made again, or its tombstone was forgotten. All functions run inside a storage transaction.
 *
 * It passes along the ledger: what vanishes from the record goes to the oldest entry of that record,
 * what an entry held goes to the next when it leaves, and a deletion by this device ends it. It is sent
 * only where the cloud says that an update lacks it, so nothing deleted comes back without need.
 */
import * as Y from 'yjs';
import type { Entry } from './ledger.ts';
import type { Tx } from './storage.ts';
import { type Replica, recordKey, standing, type Texts } from './view.ts';

/** The ledger's entries by `recordKey`, oldest first. */
export async function byRecord(tx: Tx): Promise<ReadonlyMap<string, Entry[]>> {
  const found = new Map<string, Entry[]>();
  for (const entry of await tx.list<Entry>('ledger')) {
    const key = recordKey(entry.collection, entry.record);
    found.set(key, [...(found.get(key) ?? []), entry]);
  }
  return found;
}

/** Gives the oldest of `heirs` (one record's entries) what `held` lacks of texts that they change. */
export async function inherit(tx: Tx, heirs: Entry[], texts: Texts, held: Texts): Promise<void> {
  const [first] = heirs;
  if (!first || first.op === 'delete') return;
  const end = heirs.findIndex((entry) => entry.op === 'delete');
  const builders = end < 0 ? heirs : heirs.slice(0, end);
  const changed = new Set(builders.flatMap((entry) => Object.keys(entry.texts)));
  const ground = missing(pick(texts, changed), held);
  if (Object.keys(ground).length === 0) return;
  await tx.put('ledger', first.key, { ...first, ground: merge(first.ground, ground) } satisfies Entry);
}

/** Removes an entry. What those after it built on, and the record does not hold, goes to the next. */
export async function leave(tx: Tx, key: string): Promise<void> {
  const entry = await tx.get<Entry>('ledger', key);
  if (!entry) return;
  await tx.delete('ledger', key);
  const texts = merge(entry.ground, entry.texts);
  if (Object.keys(texts).length === 0) return;
  const heirs = await entriesOf(tx, entry);
  await inherit(tx, heirs, texts, await grounds(tx, entry, heirs));
}

/**
 * Puts its ground under an update that the cloud found incomplete: what was kept for it, and where that was
 * put there before, what the record holds. False where there is nothing more to give.
 */
export async function underlay(tx: Tx, sent: Entry): Promise<boolean> {
  const mine = await entriesOf(tx, sent);
  const entry = mine.find(({ key }) => key === sent.key);
  if (!entry) return true;
  const changed = new Set(Object.keys(entry.texts));
  for (const ground of [entry.ground ?? {}, await grounds(tx, entry, mine)]) {
    const more = missing(pick(ground, changed), entry.texts);
    if (Object.keys(more).length === 0) continue;
    await tx.put('ledger', entry.key, { ...entry, texts: merge(more, entry.texts) } satisfies Entry);
    return true;
  }
  return false;
}

/** Those of `texts` that hold something which `held` lacks. */
export function missing(texts: Texts, held: Texts): Texts {
  return Object.fromEntries(
    Object.entries(texts).filter(([field, state]) => {
      const seen = held[field];
      const vector = seen ? Y.encodeStateVectorFromUpdate(seen) : new Uint8Array([0]);
      // An update begins with the number of clients whose structs it holds.
      return Y.diffUpdate(state, vector)[0] !== 0;
    }),
  );
}

export function merge(below: Texts | undefined, above: Texts): Texts {
  const merged = { ...below };
  for (const [field, update] of Object.entries(above)) {
    const state = merged[field];
    merged[field] = state ? Y.mergeUpdates([state, update]) : update;
  }
  return merged;
}

async function entriesOf(tx: Tx, { collection, record }: Entry): Promise<Entry[]> {
  const all = await tx.list<Entry>('ledger');
  return all.filter((entry) => entry.collection === collection && entry.record === record);
}

async function grounds(tx: Tx, { collection, record }: Entry, mine: Entry[]): Promise<Texts> {
  const replica = await tx.get<Replica>('records', recordKey(collection, record));
  return standing(replica, mine)?.texts ?? {};
}

function pick(texts: Texts, fields: Set<string>): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([field]) => fields.has(field)));
}
