import { expect, test } from 'vitest';
import { callsOf, durationText, isMissed, KINDS, withNumbersOf } from '../../src/calls/call.ts';
import en from '../../src/i18n/en.json';
import zh from '../../src/i18n/zh.json';

const record = (id: string, fields: Record<string, string | number | boolean>) => ({ id, fields });

test('calls come the newest first, and what is none is left out', () => {
  const one = {
    address: '+49 30 1',
    thread: '+49301',
    contact: 'Anna',
    date_ms: 5,
    kind: 'in',
    duration_s: 61,
  };
  const calls = callsOf([
    record('a', one),
    record('b', { ...one, date_ms: 9, kind: 'missed', duration_s: 0 }),
    record('c', { ...one, kind: 'hologram' }),
    record('d', { address: '1', kind: 'out' }),
  ]);
  expect(calls.map((call) => call.id)).toEqual(['b', 'a']);
  expect(calls[1]).toEqual({
    id: 'a',
    address: '+49 30 1',
    thread: '+49301',
    contact: 'Anna',
    at: 5,
    kind: 'in',
    seconds: 61,
    sim: '',
    seen: true,
  });
  expect(callsOf([record('e', { ...one, seen: false })])[0]?.seen).toBe(false);
  expect(calls.map(isMissed)).toEqual([true, false]);
});

test('all calls with the numbers of some are found by the number that is the same however it is written', () => {
  const one = { kind: 'in', date_ms: 1 };
  const calls = callsOf([
    record('a', { ...one, address: '+49 30 1', thread: '+49301' }),
    record('b', { ...one, address: '030 1', thread: '+49301' }),
    record('c', { ...one, address: '10086', thread: '10086' }),
  ]);
  expect([...withNumbersOf(calls, new Set(['b']))].sort()).toEqual(['a', 'b']);
  expect(withNumbersOf(calls, new Set(['a', 'c'])).size).toBe(3);
  expect(withNumbersOf(calls, new Set()).size).toBe(0);
});

test('how long it was is said in short units', () => {
  expect(durationText(125, 'en')).toBe('2 min 5 sec');
  expect(durationText(3600, 'en')).toBe('1 hr');
  expect(durationText(3725, 'en')).toBe('1 hr 2 min');
  expect(durationText(59, 'zh-CN')).toBe('59秒');
});

test('each kind has its word in both languages', () => {
  for (const kind of KINDS)
    expect([`calls.kind-${kind}` in en, `calls.kind-${kind}` in zh]).toEqual([true, true]);
});
