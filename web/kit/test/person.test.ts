import { expect, test } from 'vitest';
import { hueOf, initials } from '../src/people/person.ts';

test('initials of names in both writings, none of numbers', () => {
  expect(initials('Mei Lin')).toBe('ML');
  expect(initials('ada')).toBe('A');
  expect(initials('王小明')).toBe('小明');
  expect(initials('+86 138')).toBe('');
  expect(initials('')).toBe('');
});

test('a correspondent keeps its colour', () => {
  expect(hueOf('+86138', 6)).toBe(hueOf('+86138', 6));
  for (const id of ['a', '', '西湖', '+1'.repeat(99)]) expect(hueOf(id, 6)).toBeLessThan(6);
  expect(new Set(Array.from({ length: 40 }, (_, at) => hueOf(`+${at}`, 6))).size).toBe(6);
});
