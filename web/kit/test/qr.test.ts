import decodeQR from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { modules } from '../src/elements/qr.ts';

/** Each module as a square of pixels, as a camera sees it. */
function picture(rows: boolean[][], size: number) {
  const side = rows.length * size;
  const data = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1)
      data.fill(
        rows[Math.floor(y / size)]![Math.floor(x / size)] ? 0 : 255,
        (y * side + x) * 3,
        (y * side + x) * 3 + 3,
      );
  return { width: side, height: side, data };
}

describe('a QR code', () => {
  it.each([
    'https://pileus.example/#pair=7KQ2-M0XW',
    `http://192.168.178.23:8080/#pair=${'A'.repeat(200)}`,
    'https://云.example/#pair=1',
  ])('is read as what was drawn: %s', (text) => {
    expect(decodeQR(picture(modules(text), 4))).toBe(text);
  });

  it('has four light modules around it', () => {
    const rows = modules('quiet');
    const around = rows.filter((_, y) => y < 4 || y >= rows.length - 4);
    expect(around.flat().some(Boolean)).toBe(false);
    expect(rows.every((row) => !row.slice(0, 4).some(Boolean) && !row.slice(-4).some(Boolean))).toBe(true);
  });
});
