import { expect, test } from 'vitest';
import { goesAsItIs, MOST_PICTURES, mayTellPlace, roomFor, sizesOf } from '../src/picture.ts';

test('a network carries less than the cloud, and several pictures share it', () => {
  expect(roomFor(1, false)).toEqual({ bytes: 1_000_000, side: 2048 });
  expect(roomFor(4, false).bytes).toBe(250_000);
  expect(roomFor(1, true)).toEqual({ bytes: 8 << 20, side: 4096 });
  expect(roomFor(MOST_PICTURES, true).bytes * MOST_PICTURES).toBeLessThanOrEqual(16 << 20);
});

test('what a camera wrote is drawn anew, so that no place goes along, and what is large or strange', () => {
  const room = roomFor(1, true);
  const goes = (type: string, size: number) => goesAsItIs({ type, size }, room);
  expect(['image/png', 'image/gif', 'image/webp'].map((type) => goes(type, 1000))).toEqual([
    true,
    true,
    true,
  ]);
  expect(goes('image/jpeg', 1000)).toBe(false);
  expect(goes('image/heic', 1000)).toBe(false);
  expect(goes('', 1000)).toBe(false);
  expect(goes('image/png', room.bytes + 1)).toBe(false);
});

test('what may tell where it was taken is drawn anew, whatever it is called', () => {
  const bytes = (text: string) => Uint8Array.from(text, (one) => one.charCodeAt(0));
  expect(mayTellPlace(bytes('\xff\xd8\xff\xe1'))).toBe(true);
  expect(mayTellPlace(bytes('\x89PNG IHDR eXIf IEND'))).toBe(true);
  expect(mayTellPlace(bytes('RIFF WEBPVP8X VP8 EXIF'))).toBe(true);
  expect(mayTellPlace(bytes('\x89PNG iTXt XML:com.adobe.xmp'))).toBe(true);
  expect(mayTellPlace(bytes('\x89PNG IHDR IDAT IEND'))).toBe(false);
});

test('a picture is tried in its own size or smaller, with its own shape', () => {
  expect(sizesOf(4000, 3000, 2048)[0]).toEqual({ width: 2048, height: 1536 });
  expect(sizesOf(4000, 3000, 4096)[0]).toEqual({ width: 4000, height: 3000 });
  expect(sizesOf(4000, 3000, 2048).at(-1)).toEqual({ width: 480, height: 360 });
  expect(sizesOf(300, 200, 2048)).toEqual([{ width: 300, height: 200 }]);
  expect(sizesOf(5000, 1, 2048)[0]).toEqual({ width: 2048, height: 1 });
});
