import { expect, test } from 'vitest';
import {
  type Entry,
  entryOf,
  glyphOf,
  halves,
  inFolder,
  isCalled,
  isOfYear,
  named,
  pathTo,
  short,
} from '../src/entry.ts';

const entry = (id: string, more: Partial<Entry> = {}): Entry => ({
  id,
  name: id,
  parent: '',
  type: 'text/plain',
  size: 1,
  modifiedMs: 1,
  folder: false,
  version: '',
  ...more,
});
const names = (list: Entry[]) => list.map((one) => one.id);

test('a file is called as was wished for, whatever form its letters have', () => {
  expect(isCalled('Café', ' Cafe\u0301 ')).toBe(true);
  expect(isCalled('a (2)', 'a')).toBe(false);
});

test('folders come first, names by number, an orphan is at the root', () => {
  const all = [
    entry('f10'),
    entry('f9'),
    entry('z', { folder: true }),
    entry('in', { parent: 'z' }),
    entry('lost', { parent: 'gone' }),
  ];
  expect(names(inFolder(all, '', 'name', 'en'))).toEqual(['z', 'f9', 'f10', 'lost']);
  expect(names(inFolder(all, 'z', 'name', 'en'))).toEqual(['in']);
});

test('by date and by size, the newest and the largest first', () => {
  const all = [entry('a', { size: 1, modifiedMs: 9 }), entry('b', { size: 5, modifiedMs: 2 })];
  expect(names(inFolder(all, '', 'date', 'en'))).toEqual(['a', 'b']);
  expect(names(inFolder(all, '', 'size', 'en'))).toEqual(['b', 'a']);
});

test('folders in a circle are at the root, with what else is in them', () => {
  const all = [
    entry('a', { folder: true, parent: 'b' }),
    entry('b', { folder: true, parent: 'a' }),
    entry('c', { parent: 'b' }),
    entry('own', { folder: true, parent: 'own' }),
  ];
  expect(names(inFolder(all, '', 'name', 'en'))).toEqual(['a', 'b', 'own']);
  expect(names(inFolder(all, 'b', 'name', 'en'))).toEqual(['c']);
  expect(names(pathTo(all, 'a'))).toEqual(['a']);
  expect(names(pathTo(all, 'c'))).toEqual(['b', 'c']);
  expect(pathTo(all, '')).toEqual([]);
});

test('types have their glyphs', () => {
  expect(glyphOf(entry('x', { type: 'image/png' }))).toBe('image');
  expect(glyphOf(entry('x.APK', { type: 'application/octet-stream' }))).toBe('smartphone');
  expect(glyphOf(entry('x', { folder: true }))).toBe('folder');
  expect(
    entryOf({ collection: 'files.file', id: 'q', fields: { size: 'big' }, seq: 1, pending: false }),
  ).toMatchObject({ name: 'q', size: 0 });
});

test('a long name is shortened in its middle', () => {
  expect(short('holiday.jpg')).toBe('holiday.jpg');
  const told = short(`${'a'.repeat(300)}.jpeg`);
  expect(told).toHaveLength(48);
  expect(told.endsWith('aaaaaaa.jpeg')).toBe(true);
});

test('a name is cut before its ending, never within a letter', () => {
  expect(halves('holiday in the mountains.jpeg')).toEqual(['holiday in the mount', 'ains.jpeg']);
  expect(halves('a.txt')).toEqual(['', 'a.txt']);
  expect(halves('photo.png')).toEqual(['', 'photo.png']);
  expect(halves('.profile')).toEqual(['.pro', 'file']);
  expect(halves('二〇二四年西湖边的照片.heic')).toEqual(['二〇二四年西湖', '边的照片.heic']);
  const family = '👨‍👩‍👧‍👦';
  expect(halves(`${family.repeat(7)}.png`)).toEqual([family.repeat(3), `${family.repeat(4)}.png`]);
  expect(halves('no ending at all').join('')).toBe('no ending at all');
});

test('without the cloud names are found, whatever their case and marks', () => {
  const all = [entry('Über den Wolken.mp3'), entry('西湖 2024.jpg'), entry('b')];
  expect(names(named(all, 'uber WOLKEN'))).toEqual(['Über den Wolken.mp3']);
  expect(names(named(all, '湖'))).toEqual(['西湖 2024.jpg']);
  expect(names(named(all, '湖 2023'))).toEqual([]);
});

test('a year ends at the last midnight of the device', () => {
  const now = new Date(2026, 0, 1, 12);
  expect(isOfYear(new Date(2026, 0, 1).getTime(), now)).toBe(true);
  expect(isOfYear(new Date(2025, 11, 31, 23, 59).getTime(), now)).toBe(false);
});
