import { describe, expect, it } from 'vitest';
import { FREE, forgetPin, isEasy, isPin, MOST, PinLock } from '../src/lock/pin.ts';
import type { Keeper } from '../src/session/session.ts';

const ROUNDS = 10;

function world() {
  const kept = new Map<string, string>();
  const keeper: Keeper = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
  const clock = { now: 1_000_000 };
  const open = (account = 'anna') => new PinLock(keeper, account, () => clock.now, ROUNDS);
  return { kept, keeper, clock, open };
}

describe('a PIN', () => {
  it('opens by itself alone, also after the page was loaded anew', async () => {
    const { open } = world();
    const lock = open();
    expect(lock.value.set).toBe(false);
    expect(await lock.check('1379')).toBe(false);
    await lock.choose('1379');
    expect(open().value.set).toBe(true);
    expect(await open().check('1378')).toBe(false);
    expect(await open().check('1379')).toBe(true);
    expect(open().value.wrong).toBe(0);
  });

  it('is kept as a salted hash only', async () => {
    const { kept, open } = world();
    await open().choose('137913791379');
    const first = [...kept.values()].join();
    expect(first).not.toContain('137913791379');
    await open().choose('137913791379');
    expect([...kept.values()].join()).not.toBe(first);
  });

  it('waits longer and longer, and then asks for the password, whatever is tried at once', async () => {
    const { clock, open } = world();
    const lock = open();
    await lock.choose('1379');
    await Promise.all(Array.from({ length: FREE }, () => open().check('0000')));
    expect(lock.wait).toBe(0);
    const waits: number[] = [];
    for (let more = FREE; more < MOST; more++) {
      expect(await lock.check('0000')).toBe(false);
      waits.push(lock.wait / 1000);
      // During the wait the right one is none, and is not counted.
      expect(await lock.check('1379')).toBe(false);
      expect(lock.value.wrong).toBe(more + 1);
      clock.now += lock.wait;
    }
    expect(waits).toEqual([30, 60, 120, 300, 600]);
    expect(lock.needsPassword).toBe(true);
    expect(await open().check('1379')).toBe(false);
    lock.forgive();
    expect(await open().check('1379')).toBe(true);
  });

  it('is not shut for ever by a clock that was put back', async () => {
    const { clock, open } = world();
    const lock = open();
    await lock.choose('1379');
    for (let wrong = 0; wrong <= FREE; wrong++) await lock.check('0000');
    clock.now -= 365 * 24 * 3600_000;
    expect(lock.wait).toBeLessThanOrEqual(600_000);
  });

  it('is one account’s, and goes with its sign-out', async () => {
    const { keeper, open } = world();
    await open().choose('1379');
    expect(open('bob').value.set).toBe(false);
    forgetPin(keeper);
    expect(open().value.set).toBe(false);
  });

  it('is made of digits, and some are tried first', () => {
    expect(['1234', '000000', '123456789012'].every(isPin)).toBe(true);
    expect(['123', '12a4', '', '1234567890123', '１２３４'].some(isPin)).toBe(false);
    expect(['1111', '1234', '9876'].every(isEasy)).toBe(true);
    expect(['1379', '1122', '2580'].some(isEasy)).toBe(false);
  });
});
