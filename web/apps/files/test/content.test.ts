import { expect, test } from 'vitest';
import { isReadAtOnce, kindOf, MOST_AT_ONCE, MOST_TEXT, textOf } from '../src/content.ts';

test.each([
  ['photo.jpg', 'image/jpeg', 'image'],
  ['drawing.svg', 'image/svg+xml', 'image'],
  ['song', 'audio/flac', 'audio'],
  ['film.mkv', 'video/x-matroska', 'video'],
  ['page.html', 'text/html', 'text'],
  ['data', 'application/json', 'text'],
  ['notes.md', 'application/octet-stream', 'text'],
  ['md', 'application/octet-stream', 'none'],
  ['photo.JPG', 'application/octet-stream', 'image'],
  ['film.mp4', '', 'video'],
  ['paper.pdf', 'application/pdf', 'none'],
  ['app.apk', 'application/vnd.android.package-archive', 'none'],
])('%s of the type %s is shown as %s', (name, type, kind) => {
  expect(kindOf({ name, type })).toBe(kind);
});

test('what is shown and not too large is read at once', () => {
  const file = { name: 'a.txt', type: 'text/plain', size: MOST_AT_ONCE };
  expect(isReadAtOnce(file)).toBe(true);
  expect(isReadAtOnce({ ...file, size: MOST_AT_ONCE + 1 })).toBe(false);
  expect(isReadAtOnce({ ...file, name: 'a.bin', type: '' })).toBe(false);
});

test.each([
  ['UTF-8', new TextEncoder().encode('西湖 é')],
  ['UTF-16, little end first', new Uint8Array([0xff, 0xfe, 0x7f, 0x89, 0x56, 0x6e, 0x20, 0, 0xe9, 0])],
  ['UTF-16, big end first', new Uint8Array([0xfe, 0xff, 0x89, 0x7f, 0x6e, 0x56, 0, 0x20, 0, 0xe9])],
  ['GB 18030', new Uint8Array([0xce, 0xf7, 0xba, 0xfe, 0x20, 0xa8, 0xa6])],
])('a text in %s', async (_, data) => {
  expect(await textOf(new Blob([data]))).toEqual({ text: '西湖 é', cut: false });
});

test('of a long text the beginning is shown, whole characters of it', async () => {
  const { text, cut } = await textOf(new Blob(['x', '湖'.repeat(MOST_TEXT)]));
  expect(cut).toBe(true);
  expect(text).toMatch(/^x湖+$/);
  expect(text.length).toBeGreaterThan(MOST_TEXT / 3 - 2);
});
