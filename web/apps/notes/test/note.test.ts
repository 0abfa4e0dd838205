import { expect, test } from 'vitest';
import { findNotes, groupNotes, type Note, noteOf, snippetOf, titleOf } from '../src/note.ts';

const NOW = new Date(2026, 2, 15, 10, 30);
const note = (id: string, edited: Date, more: Partial<Note> = {}): Note => ({
  id,
  title: id,
  body: id,
  editedMs: edited.getTime(),
  pinned: false,
  pending: false,
  ...more,
});

test('the first line with something in it is the title', () => {
  expect(titleOf('\n  \n  Tea list \nmilk')).toBe('Tea list');
  expect(titleOf('')).toBe('');
  expect(titleOf('😀'.repeat(200))).toBe('😀'.repeat(120));
  expect(snippetOf({ body: 'Tea\n\nmilk\n sugar' })).toBe('milk sugar');
});

test('notes are grouped by day, the pinned ones first', () => {
  const groups = groupNotes(
    [
      note('old', new Date(2025, 11, 3)),
      note('morning', new Date(2026, 2, 15, 0, 0)),
      note('night', new Date(2026, 2, 14, 23, 59)),
      note('week', new Date(2026, 2, 9, 12)),
      note('before', new Date(2026, 2, 1, 12)),
      note('pin', new Date(2020, 0, 1), { pinned: true }),
    ],
    NOW,
  );
  expect(groups.map((group) => [group.name, group.notes.map((one) => one.id)])).toEqual([
    ['notes.pinned', ['pin']],
    ['notes.today', ['morning']],
    ['notes.yesterday', ['night']],
    ['notes.week', ['week']],
    [new Date(2026, 2, 1).getTime(), ['before']],
    [new Date(2025, 11, 1).getTime(), ['old']],
  ]);
});

test('search takes all words, in any case and place', () => {
  const notes = [note('a', NOW, { body: '明天去西湖 Tea' }), note('b', NOW, { body: 'tea' })];
  expect(findNotes(notes, 'TEA 西湖').map((one) => one.id)).toEqual(['a']);
  expect(findNotes(notes, '湖').map((one) => one.id)).toEqual(['a']);
  expect(findNotes(notes, ' ')).toHaveLength(2);
});

test('a record of another shape is still shown', () => {
  const record = {
    collection: 'notes.note',
    id: 'x',
    fields: { title: 3, body: null },
    seq: 1,
    pending: true,
  };
  expect(noteOf(record)).toMatchObject({ title: '', body: '', editedMs: 0, pinned: false, pending: true });
});
