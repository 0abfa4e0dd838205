import { expect, test } from 'vitest';
import { stillChosen } from '../../src/calls/choosing.ts';

const rows = (...ids: string[]) => ids.map((id) => ({ id }));

test('what went on another device is chosen no more, and with the last of all the choosing ends', () => {
  const chosen = new Set(['a', 'b']);
  expect(stillChosen(rows('a', 'c'), chosen)).toEqual(new Set(['a']));
  expect(stillChosen(rows('c'), chosen)).toEqual(new Set());
  expect(stillChosen([], chosen)).toBeUndefined();
  expect(stillChosen(rows('a'), undefined)).toBeUndefined();
});
