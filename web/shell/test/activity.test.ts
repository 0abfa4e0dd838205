import { describe, expect, it } from 'vitest';
import { setLocale } from '../../kit/src/i18n/index.ts';
import { byDay, type Entry, sentence } from '../src/settings/activity.ts';

const entry = (event: string, more: Partial<Entry> = {}): Entry => ({
  number: 1,
  at_ms: new Date(2026, 4, 3, 12).getTime(),
  event,
  device: '',
  address: '',
  about: '',
  times: 1,
  ...more,
});

describe('the log of an account', () => {
  it('says what happened in the language that is shown', () => {
    setLocale('en');
    expect(sentence(entry('device-signed-out', { about: 'Pixel' }))).toBe('Pixel signed out');
    expect(sentence(entry('sign-in-refused', { times: 3 }))).toBe('Sign-in with a wrong password (3 times)');
    setLocale('zh');
    expect(sentence(entry('sign-in-refused', { times: 3 }))).toBe('登录密码错误（3 次）');
  });

  it('names an event of a newer cloud by its code', () => {
    expect(sentence(entry('moon-landing'))).toBe('moon-landing');
  });

  it('has a heading a day', () => {
    const at = (day: number, hour: number) =>
      entry('signed-in', { at_ms: new Date(2026, 4, day, hour).getTime() });
    const days = byDay([at(3, 23), at(3, 0), at(2, 23), at(1, 5)]);
    expect(days.map((day) => day.length)).toEqual([2, 1, 1]);
  });
});
