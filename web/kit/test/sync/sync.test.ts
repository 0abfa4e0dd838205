import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  type Fields,
  MemoryStorage,
  openIndexedDb,
  type Storage,
  type Tabs,
  TEXT_ROOT,
} from '../../src/sync/index.ts';
import type { Message } from '../../src/sync/tabs.ts';
import { device, note, until, Wire } from './wire.ts';

let databases = 0;
const storages: [string, () => Promise<Storage>][] = [
  ['memory', async () => new MemoryStorage()],
  ['IndexedDB', () => openIndexedDb(`test-${++databases}`)],
];

describe.each(storages)('storage in %s', (_name, open) => {
  it('keeps what a transaction wrote, by rising key', async () => {
    const storage = await open();
    await storage.transaction('readwrite', async (tx) => {
      await tx.put('records', 'b/2', 2);
      await tx.put('records', 'b/1', 1);
      await tx.put('records', 'c/1', 3);
    });
    const found = await storage.transaction('readonly', async (tx) => [
      await tx.list('records', 'b/'),
      await tx.get('records', 'c/1'),
      await tx.get('records', 'd/1'),
    ]);
    expect(found).toEqual([[1, 2], 3, undefined]);
  });

  it('keeps nothing of a transaction that failed', async () => {
    const storage = await open();
    const failing = storage.transaction('readwrite', async (tx) => {
      await tx.put('meta', 'cursor', 7);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await storage.transaction('readonly', (tx) => tx.get('meta', 'cursor'))).toBeUndefined();
  });

  it('lets transactions not see each other half done', async () => {
    const storage = await open();
    const raise = () =>
      storage.transaction('readwrite', async (tx) => {
        await tx.put('meta', 'n', ((await tx.get<number>('meta', 'n')) ?? 0) + 1);
      });
    await Promise.all(Array.from({ length: 20 }, raise));
    expect(await storage.transaction('readonly', (tx) => tx.get('meta', 'n'))).toBe(20);
  });

  it('changes many records at once: all of them are owed, or none', async () => {
    const storage = await open();
    const wire = new Wire();
    const sync = device(storage, wire);
    await sync.put('notes.note', 'a', { title: 'a' });
    await sync.put('notes.note', 'b', { title: 'b' });
    await sync.change({
      'notes.note': new Map<string, Fields | null>([
        ['a', null],
        ['b', { pinned: true }],
        ['c', { title: 'c' }],
      ]),
      'notes.list': new Map([['l', { title: 'l' }]]),
    });
    expect((await sync.query('notes.note')).map((one) => [one.id, one.fields])).toEqual([
      ['b', { title: 'b', pinned: true }],
      ['c', { title: 'c' }],
    ]);
    const owed = await storage.transaction('readonly', (tx) =>
      tx.list<{ record: string; op: string }>('ledger'),
    );
    expect(owed.map((one) => [one.record, one.op])).toEqual([
      ['a', 'put'],
      ['b', 'put'],
      ['a', 'delete'],
      ['c', 'put'],
      ['l', 'put'],
    ]);
    const failing = new MemoryStorage(() => Promise.reject(new Error('no')));
    const other = device(failing, wire);
    await expect(other.change({ 'notes.note': new Map([['d', { title: 'd' }]]) })).rejects.toThrow('no');
    expect(await other.query('notes.note')).toEqual([]);
  });

  it('runs a device from its first edit to the cloud and back', async () => {
    const wire = new Wire();
    const sync = device(await open(), wire);
    await sync.put('notes.note', 'n', { title: 'a' });
    expect(sync.status().unsafe).toBe(1);
    expect(await sync.get('notes.note', 'n')).toMatchObject({
      fields: { title: 'a' },
      seq: 0,
      pending: true,
    });
    await sync.start();
    const [mutation] = await wire.apply(1);
    expect(mutation).toMatchObject({ base: 0, op: 'put', record: 'n', fields: { title: 'a' } });
    await wire.answer('/journal/snapshot', { as_of: 1, records: [note(1, 'n', { title: 'a' })], next: null });
    await wire.tail(1, []);
    await until(sync, () => sync.status().online);
    expect(sync.status()).toEqual({ unsafe: 0, online: true, cursor: 1 });
    expect(await sync.query('notes.note')).toEqual([
      { collection: 'notes.note', id: 'n', fields: { title: 'a' }, seq: 1, pending: false },
    ]);
  });
});

describe('the ledger', () => {
  it('repeats a lost request with the same ids, and edits made meanwhile do not change it', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    await wire.empty();
    await sync.put('notes.note', 'n', { title: 'a' });
    const first = wire.mutations(await wire.next('/journal/mutations'));
    await sync.put('notes.note', 'n', { title: 'b' });
    await sync.put('notes.note', 'n', { colour: 'red' });
    await wire.lose('/journal/mutations');
    await until(sync, () => sync.status().problem === 'offline');
    sync.ring();
    expect(await wire.apply(1)).toEqual(first);
    await wire.tail(0, [note(1, 'n', { title: 'a' })]);
    const second = await wire.apply(2);
    // One mutation for both edits, on the number of the first.
    expect(second).toMatchObject([{ base: 1, fields: { title: 'b', colour: 'red' } }]);
    await wire.tail(1, [note(2, 'n', { title: 'b', colour: 'red' })]);
  });

  it('never shows an older state between the outcome and the tail', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    await wire.empty();
    await sync.put('notes.note', 'n', { title: 'a' });
    await wire.apply(1);
    await wire.next('/journal/changes');
    expect((await sync.get('notes.note', 'n'))?.fields).toEqual({ title: 'a' });
  });

  it('never shows an older state in the middle of a tail', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    await wire.empty();
    await sync.put('notes.note', 'n', { title: 'a' });
    await wire.apply(1);
    // Somebody changed the note again: it comes with that number, on a later page.
    await wire.answer('/journal/changes?since=0', { changes: [note(2, 'o', {})], next: 2, more: true });
    await wire.next('/journal/changes?since=2');
    expect((await sync.get('notes.note', 'n'))?.fields).toEqual({ title: 'a' });
  });

  it('keeps a refusal until it is dismissed', async () => {
    const wire = new Wire();
    const storage = new MemoryStorage();
    const sync = device(storage, wire);
    await sync.start();
    await wire.empty();
    await sync.put('notes.note', 'n', { title: 'a' });
    const [wish] = wire.mutations(await wire.next('/journal/mutations'));
    const outcome = { id: wish?.id, status: 'refused', seq: 0, code: 'malformed-fields', detail: 'No.' };
    await wire.answer('/journal/mutations', { outcomes: [outcome] });
    await wire.tail(0, []);
    await until(sync, () => sync.status().problem === 'refused');
    expect(sync.status().unsafe).toBe(1);
    const [refusal] = await device(storage, wire).refused();
    expect(refusal).toMatchObject({
      record: 'n',
      fields: { title: 'a' },
      code: 'malformed-fields',
      detail: 'No.',
    });
    await sync.dismiss(refusal?.id ?? '');
    expect(await sync.refused()).toEqual([]);
    expect(sync.status()).toMatchObject({ unsafe: 0 });
  });

  it('finds the one mutation that spoils a request', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.put('notes.note', 'bad', { title: 'x' });
    await sync.put('notes.note', 'good', { title: 'y' });
    await sync.start();
    await wire.answer('/journal/mutations', { code: 'malformed-mutation', detail: 'No.' }, 400);
    await wire.answer('/journal/mutations', { code: 'malformed-mutation', detail: 'No.' }, 400);
    expect(await wire.apply(1)).toMatchObject([{ record: 'good' }]);
    expect(await sync.refused()).toMatchObject([{ record: 'bad', code: 'malformed-mutation' }]);
  });

  it('keeps what the quota refused, and reads on', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    await wire.empty();
    await sync.put('notes.note', 'n', { title: 'a' });
    const [wish] = wire.mutations(await wire.next('/journal/mutations'));
    const outcome = { id: wish?.id, status: 'refused', seq: 0, code: 'quota-exceeded', detail: 'Full.' };
    await wire.answer('/journal/mutations', { outcomes: [outcome] });
    await wire.tail(0, []);
    await until(sync, () => sync.status().problem === 'quota-exceeded');
    expect(sync.status().unsafe).toBe(1);
    sync.ring();
    expect(await wire.apply(1)).toEqual([wish]);
  });

  it('keeps what a full disk of the cloud refused, says so, and sends it again', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    await wire.empty();
    await sync.put('notes.note', 'n', { title: 'a' });
    const [wish] = wire.mutations(await wire.next('/journal/mutations'));
    await wire.answer('/journal/mutations', { code: 'storage-full', detail: 'Full.' }, 507);
    await wire.tail(0, []);
    await until(sync, () => sync.status().problem === 'storage-full');
    expect(sync.status()).toMatchObject({ unsafe: 1, online: true });
    sync.ring();
    expect(await wire.apply(1)).toEqual([wish]);
    await wire.tail(0, [note(1, 'n', { title: 'a' })]);
    await until(sync, () => sync.status().unsafe === 0);
    expect(sync.status().problem).toBeUndefined();
  });

  it('sends what stands behind a refusal for want of room', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    // Too much for one request with others: it goes up alone, and first.
    await sync.put('notes.note', 'long', { title: 'x'.repeat(600 * 1024) });
    await sync.delete('notes.note', 'old');
    await sync.start();
    const [long] = wire.mutations(await wire.next('/journal/mutations'));
    await sync.put('notes.note', 'long', { title: 'short' });
    const refuse = (id = '') => ({ id, status: 'refused', seq: 0, code: 'quota-exceeded', detail: 'Full.' });
    await wire.answer('/journal/mutations', { outcomes: [refuse(long?.id)] });
    expect(await wire.apply(1)).toMatchObject([{ record: 'old', op: 'delete' }]);
    await wire.answer('/journal/snapshot', { as_of: 1, records: [], next: null });
    await wire.tail(1, []);
    await until(sync, () => sync.status().problem === 'quota-exceeded');
    expect(sync.status()).toMatchObject({ unsafe: 1, cursor: 1 });
    sync.ring();
    expect(await wire.apply(2)).toEqual([long]);
  });

  it('deletes what its maker saw, though some of it was gone by then', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    await wire.empty();
    await sync.put('notes.note', 'n', { title: 'a', colour: 'red' });
    // It arrived, and its outcome is lost; somebody takes the colour away.
    await wire.lose('/journal/mutations');
    await until(sync, () => sync.status().problem === 'offline');
    sync.ring();
    await wire.answer('/journal/mutations', { code: 'busy', detail: '' }, 503);
    await wire.tail(0, [note(2, 'n', { title: 'a' })]);
    await until(sync, () => sync.status().problem === 'busy');
    expect((await sync.get('notes.note', 'n'))?.fields).toEqual({ title: 'a', colour: 'red' });
    await sync.delete('notes.note', 'n');
    sync.ring();
    await wire.apply(1);
    expect(await wire.apply(3)).toMatchObject([{ op: 'delete', base: 2 }]);
  });

  it('does not delete over a change that its maker did not see', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    await wire.empty();
    await sync.put('notes.note', 'n', { title: 'a' });
    await wire.next('/journal/mutations');
    await sync.delete('notes.note', 'n');
    await wire.apply(1);
    await wire.tail(0, [note(2, 'n', { title: 'a', colour: 'red' })]);
    expect(await wire.apply(2)).toMatchObject([{ op: 'delete', base: 0 }]);
  });

  it('says when the device is signed out', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    await wire.answer('/journal/snapshot', { code: 'bad-token', detail: '' }, 401);
    await until(sync, () => sync.status().problem === 'signed-out');
  });
});

describe('the journal', () => {
  it('reads a snapshot by pages and goes on with it after a restart', async () => {
    const wire = new Wire();
    const storage = new MemoryStorage();
    const sync = device(storage, wire);
    await sync.start();
    await wire.answer('/journal/snapshot', { as_of: 5, records: [note(2, 'a', { title: 'a' })], next: 'p2' });
    await wire.next('page=p2');
    expect(await sync.query('notes.note')).toHaveLength(1);
    await sync.stop();
    const again = new Wire();
    const restarted = device(storage, again);
    await restarted.start();
    await again.answer('page=p2', { as_of: 5, records: [note(5, 'b', { title: 'b' })], next: null });
    await again.tail(5, [note(6, 'a', {}, true)]);
    await until(restarted, () => restarted.status().cursor === 6);
    expect((await restarted.query('notes.note')).map(({ id }) => id)).toEqual(['b']);
  });

  it('asks for a page while it keeps the one before, and tells of each as it comes', async () => {
    const wire = new Wire();
    let keep: () => void = () => undefined;
    const kept = new Promise<void>((resolve) => {
      keep = resolve;
    });
    const storage = new MemoryStorage(() => (wire.requests.length === 2 ? kept : undefined));
    const sync = device(storage, wire);
    const heard: string[][] = [];
    sync.subscribe('notes.note', (ids) => heard.push(ids));
    await sync.start();
    await wire.answer('/journal/snapshot', { as_of: 5, records: [note(2, 'a', {})], next: 'p2' });
    await wire.next('page=p2');
    expect(heard).toEqual([]);
    keep();
    await expect.poll(() => heard).toEqual([['a']]);
    expect(sync.status().cursor).toBe(0);
    await wire.answer('page=p2', { as_of: 5, records: [note(3, 'b', {})], next: null });
    await wire.tail(5, []);
    await until(sync, () => sync.status().online);
    expect(heard).toEqual([['a'], ['b']]);
  });

  it('takes a new snapshot when its cursor is gone, and keeps its ledger on top', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    await wire.answer('/journal/snapshot', {
      as_of: 1,
      records: [note(1, 'old', { title: 'x' })],
      next: null,
    });
    await wire.tail(1, []);
    await sync.put('notes.note', 'mine', { title: 'm' });
    await wire.lose('/journal/mutations');
    await until(sync, () => sync.status().problem === 'offline');
    sync.ring();
    await wire.answer('/journal/mutations', { code: 'busy', detail: '' }, 503);
    await wire.answer('/journal/changes?since=1&', { code: 'cursor-gone', detail: '' }, 410);
    await wire.answer('/journal/snapshot', {
      as_of: 9,
      records: [note(9, 'new', { title: 'y' })],
      next: null,
    });
    await wire.tail(9, []);
    await until(sync, () => sync.status().cursor === 9);
    expect((await sync.query('notes.note')).map(({ id }) => id)).toEqual(['mine', 'new']);
    expect(sync.status()).toMatchObject({ unsafe: 1, problem: 'busy' });
  });

  it('keeps nothing that only a snapshot held which it had to leave for a new one', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    const records = [note(1, 'gone', { title: 'x' }), note(2, 'there', { title: 'y' })];
    await wire.answer('/journal/snapshot', { as_of: 5, records, next: 'p2' });
    await wire.answer('page=p2', { code: 'cursor-gone', detail: '' }, 410);
    await wire.answer('/journal/snapshot', { as_of: 9, records: [note(2, 'there', {})], next: null });
    await wire.tail(9, []);
    await until(sync, () => sync.status().cursor === 9 && sync.status().online);
    expect((await sync.query('notes.note')).map(({ id }) => id)).toEqual(['there']);
  });

  it('takes nothing away before it has read what changed during the snapshot', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    const records = [note(1, 'gone', { title: 'x' }), note(2, 'moved', { title: 'y' })];
    await wire.answer('/journal/snapshot', { as_of: 2, records, next: null });
    await wire.tail(2, []);
    await until(sync, () => sync.status().cursor === 2);
    sync.ring();
    await wire.answer('/journal/changes?since=2&', { code: 'cursor-gone', detail: '' }, 410);
    // Its number rose above the snapshot's while the pages were read: it is on none of them.
    await wire.answer('/journal/snapshot', { as_of: 9, records: [], next: null });
    await wire.next('/journal/changes?since=9');
    expect((await sync.query('notes.note')).map(({ id }) => id)).toEqual(['gone', 'moved']);
    await wire.tail(9, [note(10, 'moved', { title: 'z' })]);
    await until(sync, () => sync.status().cursor === 10);
    expect((await sync.query('notes.note')).map(({ id }) => id)).toEqual(['moved']);
  });

  it('knows that what it does not hold is not there, up to where it has read everything', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    await sync.start();
    await wire.answer('/journal/snapshot', { as_of: 14, records: [], next: null });
    await wire.tail(14, []);
    await until(sync, () => sync.status().cursor === 14);
    await sync.put('notes.note', 'n', { title: 'a' });
    await wire.apply(15);
    const changes = [note(15, 'n', { title: 'a' }), note(17, 'o', { title: 'o' })];
    await wire.answer('/journal/changes?since=14', { changes, next: 17, more: true });
    await wire.next('/journal/changes?since=17');
    await sync.put('notes.note', 'later', { title: 'b' });
    await wire.tail(17, [note(20, 'later', { colour: 'red' })]);
    expect(wire.requests.find(({ method }) => method === 'POST')?.body).toMatchObject({
      mutations: [{ base: 14 }],
    });
    // Whoever made it at 16 and changed it at 20 was not known, though the cursor stood at 17.
    expect(wire.mutations(await wire.next('/journal/mutations'))).toMatchObject([{ base: 14 }]);
  });

  it('tells subscribers which records changed', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    const heard: string[][] = [];
    sync.subscribe('notes.note', (ids) => heard.push(ids));
    await sync.start();
    await wire.answer('/journal/snapshot', { as_of: 0, records: [], next: null });
    await wire.tail(0, [note(1, 'a', { title: 'a' }), note(2, 'b', { title: 'b' })]);
    await until(sync, () => sync.status().cursor === 2);
    expect(heard).toEqual([['a', 'b']]);
  });
});

describe('texts', () => {
  it('shows edits at once, joins them, and hears what comes from the cloud', async () => {
    const wire = new Wire();
    const sync = device(new MemoryStorage(), wire);
    const text = sync.text('notes.note', 'n', 'body');
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    doc.getText(TEXT_ROOT).insert(0, '西湖');
    doc.getText(TEXT_ROOT).insert(2, '!');
    for (const update of updates) await text.update(update);
    expect((await sync.get('notes.note', 'n'))?.fields).toEqual({ body: '西湖!' });
    await sync.start();
    const wishes = await wire.apply(1);
    expect(wishes).toHaveLength(1);

    const other = new Y.Doc();
    Y.applyUpdate(other, await text.state());
    other.getText(TEXT_ROOT).insert(0, '去');
    const heard = new Promise<Uint8Array>((resolve) => text.onUpdate(resolve));
    const state = btoa(String.fromCharCode(...Y.encodeStateAsUpdate(other)));
    const change = { ...note(2, 'n', { body: '去西湖!' }), texts: { body: state } };
    await wire.answer('/journal/snapshot', { as_of: 2, records: [change], next: null });
    Y.applyUpdate(doc, await heard);
    expect(doc.getText(TEXT_ROOT).toString()).toBe('去西湖!');
  });
});

describe('tabs', () => {
  it('let one of them talk to the cloud, and the next one take over', async () => {
    const listeners = new Map<number, (message: Message) => void>();
    let turn: Promise<void> = Promise.resolve();
    const tab = (number: number): Tabs => ({
      lead: async (signal) => {
        const before = turn;
        let release: () => void = () => undefined;
        turn = new Promise((resolve) => (release = resolve));
        signal.addEventListener('abort', release);
        await before;
        return release;
      },
      post: (message) => {
        for (const [other, listener] of listeners)
          if (other !== number) queueMicrotask(() => listener(message));
      },
      listen: (listener) => {
        listeners.set(number, listener);
        return () => listeners.delete(number);
      },
    });
    const storage = new MemoryStorage();
    const [wire, spare] = [new Wire(), new Wire()];
    const leader = device(storage, wire, tab(1));
    const follower = device(storage, spare, tab(2));
    await leader.start();
    await follower.start();
    await wire.empty();
    await until(follower, () => follower.status().online);
    await follower.put('notes.note', 'n', { title: 'a' });
    await wire.apply(1);
    await wire.tail(0, [note(1, 'n', { title: 'a' })]);
    await until(follower, () => follower.status().unsafe === 0 && follower.status().cursor === 1);
    expect(spare.requests).toEqual([]);
    await leader.stop();
    await spare.tail(1, []);
  });
});
