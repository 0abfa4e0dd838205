/** Notes as the list shows them: titles, groups by day, search. Pure. */

import type { PhoneRecord } from '@pileus/sdk';

export const COLLECTION = 'notes.note';
const TITLE = 120;
const SNIPPET = 160;
const DAY = 86_400_000;

export interface Note {
  id: string;
  title: string;
  body: string;
  editedMs: number;
  pinned: boolean;
  pending: boolean;
}

export interface Group {
  /** A key of the catalogue, or a time whose month names the group. */
  name: string | number;
  notes: Note[];
}

export function noteOf(record: PhoneRecord): Note {
  const { title, body, edited_ms, created_ms, pinned } = record.fields;
  return {
    id: record.id,
    title: typeof title === 'string' ? title : '',
    body: typeof body === 'string' ? body : '',
    editedMs: typeof edited_ms === 'number' ? edited_ms : typeof created_ms === 'number' ? created_ms : 0,
    pinned: pinned === true,
    pending: record.pending,
  };
}

/** The first line that has something in it. */
export function titleOf(body: string): string {
  const line = body.split('\n').find((one) => one.trim()) ?? '';
  return [...line.trim()].slice(0, TITLE).join('');
}

/** What follows the title, in one line. */
export function snippetOf(note: Pick<Note, 'body'>): string {
  const lines = note.body.split('\n');
  const first = lines.findIndex((one) => one.trim());
  const rest = lines
    .slice(first + 1)
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
  return [...rest].slice(0, SNIPPET).join('');
}

export function findNotes(notes: readonly Note[], query: string): Note[] {
  const fold = (text: string) => text.normalize('NFKC').toLowerCase();
  const words = fold(query).split(/\s+/).filter(Boolean);
  return notes.filter((note) => {
    const place = fold(`${note.title}\n${note.body}`);
    return words.every((word) => place.includes(word));
  });
}

/** Pinned ones first, then by the day of the last edit, newest first. */
export function groupNotes(notes: readonly Note[], now: Date): Group[] {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const groups = new Map<string | number, Note[]>();
  const sorted = [...notes].sort(
    (one, other) => other.editedMs - one.editedMs || (one.id < other.id ? -1 : 1),
  );
  for (const note of [...sorted.filter((one) => one.pinned), ...sorted.filter((one) => !one.pinned)]) {
    const name = note.pinned ? 'notes.pinned' : dayName(note.editedMs, today);
    groups.set(name, [...(groups.get(name) ?? []), note]);
  }
  return [...groups].map(([name, members]) => ({ name, notes: members }));
}

function dayName(time: number, today: number): string | number {
  if (time >= today) return 'notes.today';
  if (time >= new Date(today - DAY / 2).setHours(0, 0, 0, 0)) return 'notes.yesterday';
  if (time >= new Date(today - 6.5 * DAY).setHours(0, 0, 0, 0)) return 'notes.week';
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), 1).getTime();
}
