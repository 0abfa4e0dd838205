import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Hold } from '../src/elements/hold.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', globalThis);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const row = { dataset: { id: 'a' } };
const finger = {
  currentTarget: row,
  pointerType: 'touch',
  clientX: 5,
  clientY: 5,
} as unknown as PointerEvent;
const click = { detail: 1 };
/** What Enter on a button fires. */
const byKey = { detail: 0 };

function held(): [Hold, string[]] {
  const chosen: string[] = [];
  const hold = new Hold((id) => chosen.push(id));
  hold.down(finger);
  vi.advanceTimersByTime(600);
  return [hold, chosen];
}

test('the click that ends a long press opens nothing, the next one does', () => {
  const [hold, chosen] = held();
  hold.end();
  expect(chosen).toEqual(['a']);
  expect([hold.spent(click), hold.spent(click)]).toEqual([true, false]);
});

test('a press whose click never comes swallows no key', () => {
  const [hold] = held();
  hold.end();
  expect([hold.spent(byKey), hold.spent(click)]).toEqual([false, false]);
});

test('a right click chooses once, and swallows no key either', () => {
  const chosen: string[] = [];
  const hold = new Hold((id) => chosen.push(id));
  const menu = { currentTarget: row, preventDefault: vi.fn() } as unknown as Event;
  hold.menu(menu);
  hold.menu(menu);
  expect(chosen).toEqual(['a']);
  expect(hold.spent(byKey)).toBe(false);
});
