import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { MemoryStorage, type Sync, TEXT_ROOT } from '../../src/sync/index.ts';
import { type Change, fromBase64, type Mutation, toBase64 } from '../../src/sync/wire.ts';
import { device, note, until, Wire } from './wire.ts';

/** A text of one author, as the cloud holds it. */
function written(text: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText(TEXT_ROOT).insert(0, text);
  return Y.encodeStateAsUpdate(doc);
}

function told(seq: number, ...states: Uint8Array[]): Change {
  const state = Y.mergeUpdates(states);
  return { ...note(seq, 'n', { body: plain(state) }), texts: { body: toBase64(state) } };
}

function plain(...updates: Uint8Array[]): string {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc.getText(TEXT_ROOT).toString();
}

function sent(wishes: Mutation[]): Uint8Array {
  return fromBase64(wishes[0]?.texts?.body ?? 'AAA=');
}

/** Writes at the end of what is there, as an editor does that is opened and closed for it. */
async function append(sync: Sync, words: string): Promise<Uint8Array> {
  const text = sync.text('notes.note', 'n', 'body');
  const doc = new Y.Doc();
  Y.applyUpdate(doc, await text.state());
  const before = Y.encodeStateVector(doc);
  const content = doc.getText(TEXT_ROOT);
  content.insert(content.length, words);
  const update = Y.encodeStateAsUpdate(doc, before);
  await text.update(update);
  return update;
}

const body = async (sync: Sync) => (await sync.get('notes.note', 'n'))?.fields.body;

/** The cloud finds that the next mutation builds on what it does not hold. */
async function incomplete(wire: Wire): Promise<Mutation[]> {
  const wishes = wire.mutations(await wire.next('/journal/mutations'));
  const no = { status: 'refused', seq: 0, code: 'text-incomplete', detail: 'No.' };
  await wire.answer('/journal/mutations', { outcomes: wishes.map(({ id }) => ({ id, ...no })) });
  return wishes;
}

/** A device that has read `first` as number 1 and has nothing to say. */
async function reader(first: Uint8Array): Promise<{ sync: Sync; wire: Wire; storage: MemoryStorage }> {
  const wire = new Wire();
  const storage = new MemoryStorage();
  const sync = device(storage, wire);
  await sync.start();
  await wire.answer('/journal/snapshot', { as_of: 1, records: [told(1, first)], next: null });
  await wire.tail(1, []);
  await until(sync, () => sync.status().online);
  return { sync, wire, storage };
}

describe('the ground of a text update', () => {
  const first = written('first ');
  const anew = written('anew ');

  it('goes up under the same id where the cloud lacks it', async () => {
    const { sync, wire } = await reader(first);
    await append(sync, 'mine');
    const [refused] = await incomplete(wire);
    const again = await wire.apply(4);
    expect(again[0]?.id).toBe(refused?.id);
    expect(plain(sent(again))).toBe('first mine');
  });

  it('stays when the record was deleted and made anew before the update went up', async () => {
    const { sync, wire } = await reader(first);
    await append(sync, 'mine');
    await wire.answer('/journal/mutations', { code: 'busy', detail: '' }, 503);
    await wire.tail(1, [told(3, anew)]);
    await until(sync, () => sync.status().problem === 'busy');
    expect(await body(sync)).toContain('first mine');
    sync.ring();
    await incomplete(wire);
    expect(plain(anew, sent(await wire.apply(4)))).toContain('first mine');
  });

  it('stays when the record was deleted, was told as gone, and is forgotten', async () => {
    const { sync, wire } = await reader(first);
    await append(sync, 'mine');
    await wire.answer('/journal/mutations', { code: 'busy', detail: '' }, 503);
    await wire.tail(1, [note(2, 'n', {}, true)]);
    await until(sync, () => sync.status().cursor === 2);
    expect(await body(sync)).toBe('first mine');
    sync.ring();
    await incomplete(wire);
    expect(plain(sent(await wire.apply(4)))).toBe('first mine');
  });

  it('stays when a snapshot no longer holds the record', async () => {
    const { sync, wire } = await reader(first);
    await append(sync, 'mine');
    await wire.answer('/journal/mutations', { code: 'busy', detail: '' }, 503);
    await wire.answer('/journal/changes', { code: 'cursor-gone', detail: '' }, 410);
    await wire.answer('/journal/snapshot', { as_of: 5, records: [], next: null });
    await wire.tail(5, []);
    await until(sync, () => sync.status().cursor === 5);
    expect(await body(sync)).toBe('first mine');
    sync.ring();
    await incomplete(wire);
    expect(plain(sent(await wire.apply(6)))).toBe('first mine');
  });

  it('holds an earlier edit that was acknowledged and then deleted with the record', async () => {
    const { sync, wire } = await reader(first);
    await append(sync, 'one ');
    await wire.next('/journal/mutations');
    await append(sync, 'two');
    await wire.apply(2);
    await wire.tail(1, [told(4, anew)]);
    expect(await body(sync)).toContain('first one two');
    await incomplete(wire);
    expect(plain(sent(await wire.apply(5)))).toBe('first one two');
  });

  it('holds an earlier edit whose outcome came after the tail had passed it', async () => {
    const { sync, wire } = await reader(first);
    await append(sync, 'one ');
    await wire.next('/journal/mutations');
    await append(sync, 'two');
    await wire.answer('/journal/mutations', { code: 'busy', detail: '' }, 503);
    await wire.tail(1, [told(4, anew)]);
    await until(sync, () => sync.status().cursor === 4);
    sync.ring();
    await wire.apply(2);
    await incomplete(wire);
    expect(plain(sent(await wire.apply(5)))).toBe('first one two');
  });

  it('is what an open editor shows, though the record began anew under it', async () => {
    const { sync, wire } = await reader(first);
    const text = sync.text('notes.note', 'n', 'body');
    const editor = new Y.Doc();
    Y.applyUpdate(editor, await text.state());
    sync.ring();
    await wire.tail(1, [told(3, anew)]);
    await until(sync, () => sync.status().cursor === 3);
    expect(await body(sync)).toBe('anew ');
    const before = Y.encodeStateVector(editor);
    editor.getText(TEXT_ROOT).insert(6, 'mine');
    await text.update(Y.encodeStateAsUpdate(editor, before));
    expect(await body(sync)).toContain('first mine');
    await incomplete(wire);
    expect(plain(anew, sent(await wire.apply(4)))).toContain('first mine');
  });

  it('is whole in an editor that was opened over a deletion which then did not hold', async () => {
    const { sync, wire } = await reader(first);
    await sync.delete('notes.note', 'n');
    const [wish] = wire.mutations(await wire.next('/journal/mutations'));
    const text = sync.text('notes.note', 'n', 'body');
    const editor = new Y.Doc();
    Y.applyUpdate(editor, await text.state());
    text.onUpdate((update) => Y.applyUpdate(editor, update));
    const outcomes = [{ id: wish?.id, status: 'merged', seq: 2 }];
    await wire.answer('/journal/mutations', { outcomes });
    const other = new Y.Doc();
    Y.applyUpdate(other, first);
    other.getText(TEXT_ROOT).insert(6, 'theirs');
    await wire.tail(1, [told(2, Y.encodeStateAsUpdate(other))]);
    await until(sync, () => sync.status().cursor === 2);
    expect(editor.getText(TEXT_ROOT).toString()).toBe('first theirs');
  });

  it('does not bring back what was deleted by somebody who knew it', async () => {
    const { sync, wire } = await reader(first);
    await append(sync, 'mine');
    await wire.apply(2);
    await wire.tail(1, [told(4, anew)]);
    await until(sync, () => sync.status().cursor === 4);
    await sync.put('notes.note', 'n', { colour: 'red' });
    expect(await wire.apply(5)).toMatchObject([{ fields: { colour: 'red' }, texts: {} }]);
    expect(await body(sync)).toBe('anew ');
  });

  it('ends with a deletion by the device itself', async () => {
    const { sync, wire } = await reader(first);
    await append(sync, 'mine ');
    await wire.next('/journal/mutations');
    await sync.delete('notes.note', 'n');
    await append(sync, 'other');
    expect(await body(sync)).toBe('other');
    await wire.apply(2);
    await wire.tail(1, [told(2, first, written('mine '))]);
    expect(await wire.apply(3)).toMatchObject([{ op: 'delete' }]);
    await wire.tail(2, [note(3, 'n', {}, true)]);
    expect(plain(sent(await wire.apply(4)))).toBe('other');
  });

  it('is kept over a restart', async () => {
    const { sync, wire, storage } = await reader(first);
    await append(sync, 'mine');
    await wire.answer('/journal/mutations', { code: 'busy', detail: '' }, 503);
    await wire.tail(1, [told(3, anew)]);
    await until(sync, () => sync.status().cursor === 3);
    await sync.stop();
    const later = new Wire();
    const restarted = device(storage, later);
    await restarted.start();
    await incomplete(later);
    expect(plain(sent(await later.apply(4)))).toBe('first mine');
  });

  it('that does not help leaves a refusal to be seen, not a loss', async () => {
    const { sync, wire } = await reader(first);
    await append(sync, 'mine');
    await incomplete(wire);
    await incomplete(wire);
    await wire.tail(1, []);
    await until(sync, () => sync.status().problem === 'refused');
    expect(sync.status().unsafe).toBe(1);
    expect(await sync.refused()).toMatchObject([{ code: 'text-incomplete', record: 'n' }]);
  });
});
