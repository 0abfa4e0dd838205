import { expect, test } from 'vitest';
import { ANYTHING, narrows, withinOf } from '../src/within.ts';

const NOW = new Date(2026, 10, 29, 13, 30);
const day = (year: number, month: number, date: number) => new Date(year, month - 1, date).getTime();

test('nothing chosen narrows nothing', () => {
  expect(withinOf(ANYTHING, NOW)).toEqual({});
  expect(narrows(ANYTHING)).toBe(false);
  expect(narrows({ ...ANYTHING, span: 'between' })).toBe(false);
  expect(narrows({ ...ANYTHING, thread: '+86' })).toBe(true);
});

test('spans begin with a day, and the last day of one is within it', () => {
  expect(withinOf({ ...ANYTHING, span: 'week' }, NOW)).toEqual({ since: day(2026, 11, 22) });
  expect(withinOf({ ...ANYTHING, span: 'between', from: '2026-05-01', to: '2026-05-31' }, NOW)).toEqual({
    since: day(2026, 5, 1),
    before: day(2026, 6, 1),
  });
  expect(withinOf({ ...ANYTHING, thread: 'a', span: 'between', from: '', to: '2026-05-31' }, NOW)).toEqual({
    thread: 'a',
    before: day(2026, 6, 1),
  });
});
