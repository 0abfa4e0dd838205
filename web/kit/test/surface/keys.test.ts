import { expect, test } from 'vitest';
import { isPhones } from '../../src/surface/keys.ts';

const press = (key: string, held: Partial<KeyboardEvent> = {}) => ({
  key,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...held,
});

test('what the phone takes for itself does not reach the app as well', () => {
  expect(isPhones(press('Escape'), false)).toBe(true);
  expect(isPhones(press('Escape'), true)).toBe(true);
  expect(isPhones(press('F4'), true)).toBe(true);
  expect(isPhones(press('Home'), false)).toBe(true);
});

test('what means something to the app reaches it', () => {
  expect(isPhones(press('Home'), true)).toBe(false);
  expect(isPhones(press('Escape', { ctrlKey: true }), false)).toBe(false);
  expect(isPhones(press('e'), false)).toBe(false);
});
