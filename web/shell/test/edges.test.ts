import { describe, expect, it } from 'vitest';
import { commonColour, inkOn } from '../src/windows/edges.ts';

const pixel = (red: number, green: number, blue: number) => [red, green, blue, 255];

describe('the colour of a row', () => {
  it('is that of most of its pixels, with the noise of a codec in it', () => {
    const row = [pixel(33, 32, 34), pixel(35, 34, 36), pixel(34, 33, 35), pixel(250, 0, 0), pixel(0, 0, 250)];
    expect(commonColour(row.flat())).toBe('rgb(34 33 35)');
  });

  it('is not what is written over it', () => {
    const row = [...Array(40).fill(pixel(240, 240, 240)), ...Array(24).fill(pixel(10, 10, 10))];
    expect(commonColour(row.flat())).toBe('rgb(240 240 240)');
  });
});

describe('ink', () => {
  it.each([
    ['rgb(0 0 0)', '#fdfeff'],
    ['rgb(33 33 33)', '#fdfeff'],
    ['rgb(98 0 238)', '#fdfeff'],
    ['rgb(255 255 255)', '#10151c'],
    ['rgb(255 235 59)', '#10151c'],
    ['rgb(3 169 244)', '#10151c'],
  ])('on %s is %s', (colour, ink) => expect(inkOn(colour)).toBe(ink));
});
