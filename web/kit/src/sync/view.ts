/** What the owner sees of a record: the cloud's state with this device's ledger on top. */
import * as Y from 'yjs';
import type { Entry } from './ledger.ts';
import type { Tx } from './storage.ts';
import type { Fields, SyncRecord } from './types.ts';
import { TEXT_ROOT } from './wire.ts';

export type Texts = { [field: string]: Uint8Array };

/** A record as the cloud last told it. A tombstone under pending mutations keeps what the record was. */
export interface Replica {
  collection: string;
  id: string;
  seq: number;
  deleted: boolean;
  fields: Fields;
  texts: Texts;
  /** The snapshot that last held it; see exchange.ts. */
  generation: number;
}

export interface View {
  seq: number;
  deleted: boolean;
  fields: Fields;
  texts: Texts;
  /** The ledger's entries of this record, oldest first. */
  entries: Entry[];
}

export function recordKey(collection: string, id: string): string {
  return `${collection}/${id}`;
}

/** With `cloud`, the ledger is left aside. */
export async function readView(
  tx: Tx,
  collection: string,
  id: string,
  options = { cloud: false },
): Promise<View> {
  const replica = await tx.get<Replica>('records', recordKey(collection, id));
  if (options.cloud) return overlay(replica, []);
  const ledger = await tx.list<Entry>('ledger');
  return overlay(
    replica,
    ledger.filter((entry) => entry.collection === collection && entry.record === id),
  );
}

/** The records of a collection that are not deleted, by id. */
export async function readCollection(tx: Tx, collection: string): Promise<SyncRecord[]> {
  const replicas = await tx.list<Replica>('records', `${collection}/`);
  const mine = new Map<string, Entry[]>();
  for (const entry of await tx.list<Entry>('ledger')) {
    if (entry.collection !== collection) continue;
    mine.set(entry.record, [...(mine.get(entry.record) ?? []), entry]);
  }
  const known = new Map(replicas.map((replica) => [replica.id, replica]));
  const ids = new Set([...known.keys(), ...mine.keys()]);
  return [...ids].sort().flatMap((id) => {
    const view = overlay(known.get(id), mine.get(id) ?? []);
    return view.deleted ? [] : [toRecord(collection, id, view)];
  });
}

export function toRecord(collection: string, id: string, view: View): SyncRecord {
  const pending = view.entries.some((entry) => entry.state !== 'acknowledged');
  return { collection, id, fields: view.fields, seq: view.seq, pending };
}

export function overlay(replica: Replica | undefined, entries: Entry[]): View {
  const base = standing(replica, entries);
  const view: View = {
    seq: replica?.seq ?? 0,
    deleted: !base,
    fields: { ...base?.fields },
    texts: { ...base?.texts },
    entries,
  };
  for (const entry of entries) {
    if (entry.op === 'delete') Object.assign(view, { deleted: true, fields: {}, texts: {} });
    else applyPut(view, entry);
  }
  return view;
}

/** The plain string of a text. */
export function plainText(state: Uint8Array): string {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  const text = doc.getText(TEXT_ROOT).toString();
  doc.destroy();
  return text;
}

/**
 * What the ledger lies on: the record where it lives, or where a put that had not seen its tombstone
 * brings it back as it was.
 */
export function standing(replica: Replica | undefined, entries: Entry[]): Replica | undefined {
  if (!replica?.deleted) return replica;
  const first = entries.find((entry) => entry.state !== 'acknowledged' || entry.seq > replica.seq);
  return first?.op === 'put' && first.base < replica.seq ? replica : undefined;
}

function applyPut(view: View, entry: Entry): void {
  view.deleted = false;
  for (const [name, value] of Object.entries(entry.fields)) {
    if (value === null) delete view.fields[name];
    else view.fields[name] = value;
  }
  for (const field of new Set([...Object.keys(entry.ground ?? {}), ...Object.keys(entry.texts)])) {
    const parts = [view.texts[field], entry.ground?.[field], entry.texts[field]];
    const state = Y.mergeUpdates(parts.filter((part) => part !== undefined));
    view.texts[field] = state;
    view.fields[field] = plainText(state);
  }
}
