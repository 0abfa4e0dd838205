/**
 * The ledger: what this device owes the cloud. All functions run inside a storage transaction.
 *
 * waiting → sent → acknowledged → gone. A sent mutation is never changed again: it may have arrived,
 * and a repeated id gives its first outcome. An acknowledged one stays on top of the record until
 * all up to its seq was told, so that what the owner sees never goes back for a moment.
 */
import { leave, merge, missing } from './ground.ts';
import type { Tx } from './storage.ts';
import type { Fields, Json, Refusal } from './types.ts';
import { overlay, type Replica, readView, recordKey, type Texts, type View } from './view.ts';
import { type Mutation, type Outcome, toBase64 } from './wire.ts';

export interface Entry {
  /** Its key; rises in the order of making. */
  key: string;
  id: string;
  state: 'waiting' | 'sent' | 'acknowledged';
  /** The seq of the record that its maker saw, at the least; of one that it did not hold, what it had been told all of. */
  base: number;
  collection: string;
  record: string;
  op: 'put' | 'delete';
  fields: Fields;
  texts: Texts;
  /** What its updates build on and the cloud may hold no more; see ground.ts. */
  ground?: Texts;
  /** True where it was made on top of another one, whose seq it could not know. */
  chained: boolean;
  /** What its maker saw: the fields it sets (`put`), or all of them (`delete`). */
  seen: Fields;
  seenDeleted: boolean;
  /** The seq of its outcome. */
  seq: number;
}

export interface Refused extends Refusal {
  key: string;
}

export interface Wish {
  collection: string;
  record: string;
  op: 'put' | 'delete';
  fields?: Fields;
  texts?: Texts;
  /** What the maker of `texts` had before them. */
  ground?: Texts;
}

/** Writes wishes down, each for another record: all of them or none. */
export async function enterAll(tx: Tx, wishes: readonly Wish[], uuid: () => string): Promise<void> {
  // Read once: a conversation that is deleted has thousands of messages.
  const owed = new Map<string, Entry[]>();
  for (const entry of await entries(tx)) {
    const key = recordKey(entry.collection, entry.record);
    owed.set(key, [...(owed.get(key) ?? []), entry]);
  }
  for (const wish of wishes) {
    const key = recordKey(wish.collection, wish.record);
    const view = overlay(await tx.get<Replica>('records', key), owed.get(key) ?? []);
    await write(tx, wish, view, uuid);
  }
}

/** Writes a wish down, or joins it to the record's last entry where that was not sent yet. */
export async function enter(tx: Tx, wish: Wish, uuid: () => string): Promise<void> {
  await write(tx, wish, await readView(tx, wish.collection, wish.record), uuid);
}

async function write(tx: Tx, wish: Wish, view: View, uuid: () => string): Promise<void> {
  const fields = wish.fields ?? {};
  const texts = wish.texts ?? {};
  const ground = missing(wish.ground ?? {}, view.texts);
  const last = view.entries.at(-1);
  if (last && last.state === 'waiting' && last.op === 'put' && wish.op === 'put') {
    await tx.put('ledger', last.key, join(last, view, fields, texts, ground));
    return;
  }
  const key = await nextKey(tx);
  const entry: Entry = {
    key,
    id: uuid(),
    state: 'waiting',
    // What lies under an earlier wish was not seen: `rebased` raises the base where nothing was hidden.
    base: last ? last.base : view.seq || ((await tx.get<number>('meta', 'told')) ?? 0),
    collection: wish.collection,
    record: wish.record,
    op: wish.op,
    fields,
    texts,
    ground,
    chained: view.entries.length > 0,
    seen: wish.op === 'delete' ? view.fields : pick(view.fields, Object.keys(fields)),
    seenDeleted: view.deleted,
    seq: 0,
  };
  await tx.put('ledger', key, entry);
}

/**
 * Marks as sent, and returns, the next mutations: at most `limit`, about `bytes` of texts, one a record,
 * each only after those before it on its record are gone. What is `held` is left out, by its key.
 */
export async function take(
  tx: Tx,
  limit: number,
  bytes: number,
  held: { has(key: string): boolean },
): Promise<Entry[]> {
  const busy = new Set<string>();
  const taken: Entry[] = [];
  let weight = 0;
  for (const entry of await entries(tx)) {
    const record = `${entry.collection}/${entry.record}`;
    if (busy.has(record)) continue;
    busy.add(record);
    if (entry.state === 'acknowledged' || held.has(entry.key)) continue;
    weight += size(entry);
    if (taken.length > 0 && weight > bytes) break;
    const sent = entry.state === 'sent' ? entry : await rebased(tx, { ...entry, state: 'sent' });
    await tx.put('ledger', sent.key, sent);
    taken.push(sent);
    if (taken.length >= limit) break;
  }
  return taken;
}

/** Writes an outcome down. A refused mutation moves to the refusals. */
export async function settle(tx: Tx, entry: Entry, outcome: Outcome, told: number): Promise<void> {
  if (outcome.status === 'refused') {
    const { id, collection, record, op, fields, texts } = entry;
    const why = { code: outcome.code ?? 'refused', detail: outcome.detail ?? '' };
    const refused: Refused = { key: entry.key, id, collection, record, op, fields, texts, ...why };
    await tx.put('refused', entry.key, refused);
    await leave(tx, entry.key);
  } else if (outcome.seq <= told) {
    await leave(tx, entry.key);
  } else {
    await tx.put('ledger', entry.key, { ...entry, state: 'acknowledged', seq: outcome.seq } satisfies Entry);
  }
}

/** Drops what the cloud acknowledged up to where all was told: the records hold it now. */
export async function pass(tx: Tx, told: number): Promise<void> {
  for (const entry of await entries(tx)) {
    if (entry.state === 'acknowledged' && entry.seq <= told) await leave(tx, entry.key);
  }
}

export function entries(tx: Tx): Promise<Entry[]> {
  return tx.list<Entry>('ledger');
}

export function toMutation(entry: Entry): Mutation {
  const texts = Object.entries(entry.texts).map(([field, update]) => [field, toBase64(update)]);
  return {
    id: entry.id,
    base: entry.base,
    collection: entry.collection,
    record: entry.record,
    op: entry.op,
    fields: entry.fields,
    texts: Object.fromEntries(texts),
  };
}

function join(last: Entry, view: View, fields: Fields, texts: Texts, ground: Texts): Entry {
  const seen = { ...pick(view.fields, Object.keys(fields)), ...last.seen };
  const joined = { texts: merge(last.texts, texts), ground: merge(last.ground, ground) };
  return { ...last, fields: { ...last.fields, ...fields }, ...joined, seen };
}

/**
 * An entry made on top of this device's own earlier one takes that one's seq as its base, but only
 * where the cloud shows just what its maker saw: then nobody else came between. What is not there any
 * more hides nothing from who deletes the rest.
 */
async function rebased(tx: Tx, entry: Entry): Promise<Entry> {
  if (!entry.chained) return entry;
  const now = await readView(tx, entry.collection, entry.record, { cloud: true });
  const names = Object.keys(entry.op === 'delete' ? now.fields : entry.fields);
  const same = names.every((name) => equal(now.fields[name], entry.seen[name]));
  return same && now.deleted === entry.seenDeleted
    ? { ...entry, base: Math.max(entry.base, now.seq) }
    : entry;
}

async function nextKey(tx: Tx): Promise<string> {
  const next = ((await tx.get<number>('meta', 'ledger')) ?? 0) + 1;
  await tx.put('meta', 'ledger', next);
  return next.toString().padStart(16, '0');
}

function pick(fields: Fields, names: string[]): Fields {
  return Object.fromEntries(
    names.filter((name) => name in fields).map((name) => [name, fields[name] as Json]),
  );
}

function size(entry: Entry): number {
  const texts = Object.values(entry.texts).reduce((sum, update) => sum + update.length * 1.4, 0);
  return texts + JSON.stringify(entry.fields).length;
}

function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => key in b && equal((a as Fields)[key], (b as Fields)[key]));
}
