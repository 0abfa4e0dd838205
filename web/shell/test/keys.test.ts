import { expect, test } from 'vitest';
import { phoneKey } from '../../sdk/src/keys.ts';

const FIELD = { tagName: 'TEXTAREA' } as unknown as EventTarget;
const PICTURE = { tagName: 'PILEUS-SURFACE' } as unknown as EventTarget;

/** As the surface and the phone both hear it, with the focus in an app's text field or not. */
const isPhones = (event: ReturnType<typeof press>, writing: boolean) =>
  phoneKey({ ...event, composedPath: () => [writing ? FIELD : PICTURE] }) !== undefined;

const press = (key: string, held: Partial<KeyboardEvent> = {}) => ({
  key,
  isComposing: false,
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
