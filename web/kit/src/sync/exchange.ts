/**
 * One exchange with the cloud: the ledger goes up, the journal's tail comes down.
 *
 * Every step is one storage transaction, so that a crash between any two of them repeats work and
 * never loses any. Steps reject with `ProblemError` or the transport's error.
 */
import * as Y from 'yjs';
import { byRecord, inherit, underlay } from './ground.ts';
import { type Entry, pass, settle, take, toMutation } from './ledger.ts';
import type { Storage, Tx } from './storage.ts';
import { ask, ProblemError, type Transport } from './transport.ts';
import { overlay, type Replica, recordKey, standing } from './view.ts';
import { BATCH, type Change, type ChangesPage, fromBase64, type Outcome, type SnapshotPage } from './wire.ts';

/** A snapshot under way, kept so that a restart goes on with it. */
interface Progress {
  generation: number;
  asOf: number;
  next: string | null;
}

/** What an exchange changed on this device. */
export interface Effects {
  changed(collection: string, id: string): void;
  text(collection: string, id: string, field: string, update: Uint8Array): void;
  /**
   * Pages of many are there: what they changed may be shown before the rest has come. Told after the first, second,
   * fourth, eighth …: whoever reads everything anew at each change does so a few times, and not once a page.
   */
  page(): Promise<void>;
}

/** Entries, by key, that the cloud refused for now, and why: in this exchange they are not sent again. */
type Held = Map<string, ProblemError>;

/** Refusals that the same mutation may escape later: it stays in the ledger. */
const PASSING: ReadonlySet<string> = new Set(['quota-exceeded', 'internal']);
/** A refusal of a text update that builds on what the cloud does not hold. */
const INCOMPLETE = 'text-incomplete';
const PAGE = 1000;
/** Bytes of texts and fields in one request; the cloud takes several times that. */
const WEIGHT = 512 * 1024;

export class Exchange {
  constructor(
    private readonly storage: Storage,
    private readonly transport: Transport,
    private readonly effects: Effects,
  ) {}

  /**
   * Everything up, everything down. What is chained to an acknowledged mutation goes up in the next turn.
   * What the cloud would not take now waits for the next exchange and holds up nothing but its own record:
   * behind it may stand the very deletion that makes room.
   */
  async run(signal: AbortSignal): Promise<void> {
    const held: Held = new Map();
    for (let first = true; ; first = false) {
      let pushed = false;
      let failure: unknown;
      try {
        pushed = await this.push(signal, held);
      } catch (error) {
        // A cloud that takes nothing now may still tell something; one out of reach will not.
        if (!(error instanceof ProblemError) || error.status === 401) throw error;
        failure = error;
      }
      if (first || pushed || failure) await this.pull(signal);
      if (failure) throw failure;
      if (pushed) continue;
      for (const refusal of held.values()) throw refusal;
      return;
    }
  }

  /** Sends what may be sent and is not held; true where something was. Adds what is to be held. */
  private async push(signal: AbortSignal, held: Held): Promise<boolean> {
    let any = false;
    for (let limit = BATCH; ; ) {
      const batch = await this.storage.transaction('readwrite', (tx) => take(tx, limit, WEIGHT, held));
      if (batch.length === 0) return any;
      any = true;
      try {
        const body = { mutations: batch.map(toMutation) };
        const path = '/journal/mutations';
        const answer = await ask<{ outcomes: Outcome[] }>(
          this.transport,
          { method: 'POST', path, body },
          signal,
        );
        const outcomes = new Map(answer.outcomes.map((outcome) => [outcome.id, outcome]));
        if (!batch.every((entry) => outcomes.has(entry.id))) {
          throw new ProblemError(502, 'outcomes-missing', 'The cloud did not answer each mutation.');
        }
        await this.storage.transaction('readwrite', async (tx) => {
          const told = (await tx.get<number>('meta', 'told')) ?? 0;
          for (const entry of batch) {
            const outcome = outcomes.get(entry.id) as Outcome;
            // The same id, with more under its texts: where the first had arrived after all, it was complete.
            if (outcome.code === INCOMPLETE && (await underlay(tx, entry))) continue;
            if (!PASSING.has(outcome.code ?? '')) await settle(tx, entry, outcome, told);
          }
        });
        for (const entry of batch) {
          const { code, detail } = outcomes.get(entry.id) as Outcome;
          if (code && PASSING.has(code)) held.set(entry.key, new ProblemError(503, code, detail ?? ''));
          this.effects.changed(entry.collection, entry.record);
        }
      } catch (error) {
        if (!(error instanceof ProblemError) || error.passes) throw error;
        // The request as a whole was refused: find the one that spoils it.
        if (batch.length === 1 && batch[0]) {
          const outcome = {
            id: batch[0].id,
            status: 'refused',
            seq: 0,
            code: error.code,
            detail: error.detail,
          } as const;
          const entry = batch[0];
          await this.storage.transaction('readwrite', (tx) => settle(tx, entry, outcome, 0));
          this.effects.changed(entry.collection, entry.record);
          limit = BATCH;
        } else {
          limit = Math.ceil(batch.length / 2);
        }
      }
    }
  }

  /** Reads the tail, or a snapshot where there is no cursor or it is gone. */
  async pull(signal: AbortSignal): Promise<void> {
    for (let pages = 1; ; pages += 1) {
      const cursor = await this.storage.transaction('readonly', readCursor);
      if (cursor === undefined) {
        await this.snapshot(signal);
        continue;
      }
      try {
        const path = `/journal/changes?since=${cursor}&limit=${PAGE}`;
        const page = await ask<ChangesPage>(this.transport, { method: 'GET', path }, signal);
        await this.storage.transaction('readwrite', (tx) => this.applyTail(tx, page));
        if (!page.more) return;
        if (isPowerOfTwo(pages)) await this.effects.page();
      } catch (error) {
        if (!(error instanceof ProblemError) || error.status !== 410) throw error;
        await this.storage.transaction('readwrite', async (tx) => {
          await tx.delete('meta', 'cursor');
          await tx.delete('meta', 'told');
        });
      }
    }
  }

  /** Reads a snapshot, or the rest of the one that was begun; while one page is kept the next one comes. */
  private async snapshot(signal: AbortSignal): Promise<void> {
    let coming: Promise<SnapshotPage> | undefined;
    for (let pages = 1; ; pages += 1) {
      const progress = await this.storage.transaction('readonly', (tx) =>
        tx.get<Progress>('meta', 'snapshot'),
      );
      const token = progress?.next;
      try {
        const page = await (coming ?? this.snapshotPage(token, signal));
        coming = page.next === null ? undefined : this.snapshotPage(page.next, signal);
        coming?.catch(() => undefined); // told where it is awaited
        if (await this.storage.transaction('readwrite', (tx) => this.applySnapshot(tx, page, progress)))
          return;
        if (isPowerOfTwo(pages)) await this.effects.page();
      } catch (error) {
        if (!(error instanceof ProblemError) || error.passes || !token) throw error;
        coming = undefined;
        await this.storage.transaction('readwrite', async (tx) => {
          await tx.delete('meta', 'snapshot');
          // What its pages held may be gone by now: none of it counts as held by the one that follows.
          if (progress) await tx.put('meta', 'generation', progress.generation);
        });
      }
    }
  }

  private snapshotPage(token: string | null | undefined, signal: AbortSignal): Promise<SnapshotPage> {
    const path = `/journal/snapshot?limit=${PAGE}${token ? `&page=${encodeURIComponent(token)}` : ''}`;
    return ask<SnapshotPage>(this.transport, { method: 'GET', path }, signal);
  }

  private async applyTail(tx: Tx, page: ChangesPage): Promise<void> {
    const generation = (await tx.get<number>('meta', 'generation')) ?? 0;
    const owed = await byRecord(tx);
    await Promise.all(page.changes.map((change) => this.apply(tx, change, generation, owed)));
    await tx.put('meta', 'cursor', page.next);
    // Before the last page a record may be missing whose earlier changes the cursor has passed.
    if (page.more) return;
    await tx.put('meta', 'told', page.next);
    if (await tx.get<boolean>('meta', 'sweep')) await this.sweep(tx, generation);
    await pass(tx, page.next);
  }

  /**
   * True when it was the last page. A record that changed meanwhile is on no page but in the tail:
   * nothing is taken away before that has been read.
   */
  private async applySnapshot(tx: Tx, page: SnapshotPage, progress?: Progress): Promise<boolean> {
    const generation = progress?.generation ?? ((await tx.get<number>('meta', 'generation')) ?? 0) + 1;
    const asOf = progress?.asOf ?? page.as_of;
    const owed = await byRecord(tx);
    await Promise.all(page.records.map((change) => this.apply(tx, change, generation, owed)));
    if (page.next !== null) {
      await tx.put('meta', 'snapshot', { generation, asOf, next: page.next } satisfies Progress);
      return false;
    }
    await tx.delete('meta', 'snapshot');
    await tx.put('meta', 'sweep', true);
    await tx.put('meta', 'generation', generation);
    await tx.put('meta', 'cursor', asOf);
    return true;
  }

  /** Takes away what neither the last snapshot nor the tail after it held. */
  private async sweep(tx: Tx, generation: number): Promise<void> {
    const owed = await byRecord(tx);
    for (const replica of await tx.list<Replica>('records')) {
      if (replica.generation === generation) continue;
      const key = recordKey(replica.collection, replica.id);
      const mine = owed.get(key) ?? [];
      await inherit(tx, mine, standing(replica, mine)?.texts ?? {}, {});
      await tx.delete('records', key);
      this.effects.changed(replica.collection, replica.id);
    }
    await tx.delete('meta', 'sweep');
  }

  /** `owed` is of the page's begin: a record is on it once, so that those of a page may be applied side by side. */
  private async apply(
    tx: Tx,
    change: Change,
    generation: number,
    owed: ReadonlyMap<string, Entry[]>,
  ): Promise<void> {
    const key = recordKey(change.collection, change.id);
    const before = await tx.get<Replica>('records', key);
    const texts = decodeTexts(change);
    const replica: Replica = {
      collection: change.collection,
      id: change.id,
      seq: change.seq,
      deleted: change.deleted,
      fields: change.deleted ? {} : change.fields,
      texts: change.deleted ? {} : texts,
      generation,
    };
    const mine = owed.get(key) ?? [];
    const base = standing(before, mine);
    await inherit(tx, mine, base?.texts ?? {}, replica.texts);
    if (change.deleted && mine.length > 0) {
      // As it was when it was deleted: with what the cloud had acknowledged by then.
      const acknowledged = mine.filter((entry) => entry.state === 'acknowledged');
      const { fields, texts } = overlay(base && { ...base, deleted: false }, acknowledged);
      Object.assign(replica, { fields, texts });
    }
    await tx.put('records', key, replica);
    if (before?.seq === change.seq && before.deleted === change.deleted) return;
    this.effects.changed(change.collection, change.id);
    for (const [field, state] of Object.entries(change.deleted ? {} : texts)) {
      // All of it: an editor that was opened over a deletion never showed what the record held before.
      if (differs(before?.texts[field], state)) this.effects.text(change.collection, change.id, field, state);
    }
  }
}

export async function readCursor(tx: Tx): Promise<number | undefined> {
  return tx.get<number>('meta', 'cursor');
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}

function decodeTexts(change: Change): { [field: string]: Uint8Array } {
  return Object.fromEntries(
    Object.entries(change.texts ?? {}).map(([field, state]) => [field, fromBase64(state)]),
  );
}

/** Whether a Yjs state holds what `before` lacks (Yjs encodes "nothing" in two bytes). */
function differs(before: Uint8Array | undefined, state: Uint8Array): boolean {
  return !before || Y.diffUpdate(state, Y.encodeStateVectorFromUpdate(before)).length > 2;
}
