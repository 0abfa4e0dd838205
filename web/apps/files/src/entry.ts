/** File entries as the list shows them. Pure. */

import type { GlyphName } from '@pileus/kit/icons/glyphs.ts';
import type { PhoneRecord } from '@pileus/sdk';

export type Order = 'name' | 'date' | 'size';
export const FOLDER = 'inode/directory';

export interface Entry {
  id: string;
  name: string;
  parent: string;
  type: string;
  size: number;
  modifiedMs: number;
  folder: boolean;
  /** Of its content: another one is another version. */
  version: string;
}

export function entryOf({ id, fields }: PhoneRecord): Entry {
  const text = (name: string) => (typeof fields[name] === 'string' ? (fields[name] as string) : '');
  const number = (name: string) => (typeof fields[name] === 'number' ? (fields[name] as number) : 0);
  const type = text('type');
  return {
    id,
    name: text('name') || id,
    parent: text('parent'),
    type,
    size: number('size'),
    modifiedMs: number('modified_ms'),
    version: text('blake3'),
    folder: type === FOLDER || type === 'folder' || fields.kind === 'folder',
  };
}

/** Where an entry lies: at the root where its folder is gone, or where folders lie in a circle, as two devices
 * can move them that do not hear of each other. */
function homeOf(entry: Entry, folders: ReadonlyMap<string, Entry>): string {
  const seen = new Set<string>();
  for (let at = folders.get(entry.parent); at && !seen.has(at.id); at = folders.get(at.parent)) {
    if (at.id === entry.id) return '';
    seen.add(at.id);
  }
  return folders.has(entry.parent) ? entry.parent : '';
}

function foldersOf(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  return new Map(entries.filter((one) => one.folder).map((one) => [one.id, one]));
}

/** What is in a folder, folders first. An entry without a place is shown at the root. */
export function inFolder(entries: readonly Entry[], folder: string, order: Order, tag: string): Entry[] {
  const folders = foldersOf(entries);
  const compare = {
    name: (one: Entry, other: Entry) => one.name.localeCompare(other.name, tag, { numeric: true }),
    date: (one: Entry, other: Entry) => other.modifiedMs - one.modifiedMs,
    size: (one: Entry, other: Entry) => other.size - one.size,
  }[order];
  return entries
    .filter((one) => homeOf(one, folders) === folder)
    .sort(
      (one, other) =>
        Number(other.folder) - Number(one.folder) || compare(one, other) || (one.id < other.id ? -1 : 1),
    );
}

/** From the root to the entry, as `inFolder` shows them. */
export function pathTo(entries: readonly Entry[], id: string): Entry[] {
  const folders = foldersOf(entries);
  const path: Entry[] = [];
  let at = entries.find((one) => one.id === id);
  while (at) {
    path.unshift(at);
    at = folders.get(homeOf(at, folders));
  }
  return path;
}

/** What this device can find by itself: names with all words of the query in them. */
export function named(entries: readonly Entry[], query: string): Entry[] {
  const plain = (text: string) =>
    text
      .normalize('NFKD')
      .replace(/\p{Mn}/gu, '')
      .toLowerCase();
  const words = plain(query).split(/\s+/u).filter(Boolean);
  return entries.filter((entry) => words.every((word) => plain(entry.name).includes(word)));
}

export function glyphOf(entry: Pick<Entry, 'folder' | 'type' | 'name'>): GlyphName {
  if (entry.folder) return 'folder';
  if (entry.type.startsWith('image/')) return 'image';
  if (entry.type.startsWith('audio/')) return 'music';
  if (entry.type.startsWith('video/')) return 'video';
  if (entry.name.toLowerCase().endsWith('.apk')) return 'smartphone';
  if (entry.type.startsWith('text/') || entry.type === 'application/pdf') return 'file-text';
  return 'file';
}

/** Whether something got the name that was wished for; the phone leaves away what stands around one. */
export function isCalled(name: string, wish: string): boolean {
  return name === wish.normalize('NFC').trim();
}

/** A name that fits into a sentence: its beginning and its end, which tells the kind. */
export function short(name: string, most = 48): string {
  return name.length <= most ? name : `${name.slice(0, most - 13)}…${name.slice(-12)}`;
}

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const ENDING = 10;
const BEFORE_IT = 4;
/** Fewer letters than these are no part that is worth cutting. */
const LEAST = 3;

/** A name in two: what may be cut where there is no room, and the ending with a few letters before it. */
export function halves(name: string): [string, string] {
  const found = /\.[^.]{1,10}$/u.exec(name);
  const parts = [...letters.segment(name)].map(({ segment }) => segment);
  const ending = found && found.index > 0 ? [...letters.segment(found[0])].length : 0;
  const tail = Math.min(ending + BEFORE_IT, ENDING + BEFORE_IT);
  const over = parts.length - tail;
  const cut = over < LEAST ? 0 : over;
  return [parts.slice(0, cut).join(''), parts.slice(cut).join('')];
}

/** Whether a moment is in the year of another one. */
export function isOfYear(ms: number, now: Date): boolean {
  return new Date(ms).getFullYear() === now.getFullYear();
}
