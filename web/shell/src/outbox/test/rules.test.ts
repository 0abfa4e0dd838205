import { expect, test } from 'vitest';
import type { Change, Letter } from '../kept.ts';
import * as rules from '../rules.ts';

const NOBODY = { thread: '+86', people: ['+86'], sim: '', contact: '', region: 'CN', files: [] };
const WAITS: Letter = {
  id: 'a',
  body: 'x',
  ...NOBODY,
  parts: [{ object: 'o', name: '' }],
  made_ms: 1,
  state: 'waiting',
  code: '',
  detail: '',
};
const ASKED: Letter = { ...WAITS, state: 'asked' };
const SLEEPS: Letter = { ...ASKED, asleep: true };
const REFUSED: Letter = { ...WAITS, state: 'refused', code: 'no-account', detail: 'x' };
const FRESH: Letter = { ...WAITS, body: 'fresh' };

/** "-" none, "=" as it was, else the state. */
function after(change: Change, letter: Letter | undefined): string {
  const found = change(letter);
  if (found === null) return '-';
  if (found === undefined) return '=';
  return found.asleep ? `${found.state} asleep` : found.state;
}

test('each step from each state', () => {
  const steps: [string, Change, string[]][] = [
    // from none, waiting, asked, asked and asleep, refused
    ['written', rules.written(FRESH), ['waiting', '=', '=', 'asked', 'waiting']],
    ['asked', rules.asked([]), ['=', 'asked', 'asked', '=', '=']],
    ['passing', rules.passing('waiting'), ['=', 'waiting', 'waiting', '=', '=']],
    ['passing, asked before', rules.passing('asked'), ['=', 'asked', 'asked', '=', '=']],
    ['refused', rules.refused('c', 'd'), ['=', 'refused', 'refused', 'refused', '=']],
    ['gone', rules.gone, ['-', '-', '-', '-', '-']],
    ['taken back', rules.takenBack, ['=', 'refused', '=', '=', 'refused']],
    ['took back', rules.tookBack, ['=', '=', '=', '=', '-']],
    ['again', rules.again, ['=', '=', '=', 'asked', 'waiting']],
    ['waiting one restored', rules.restored(WAITS), ['refused', '=', '=', '=', '=']],
    ['asked one restored', rules.restored(ASKED), ['asked asleep', '=', '=', '=', '=']],
    ['refused one restored', rules.restored(REFUSED), ['refused', '=', '=', '=', '=']],
  ];
  for (const [name, change, expected] of steps)
    expect(
      [undefined, WAITS, ASKED, SLEEPS, REFUSED].map((letter) => after(change, letter)),
      name,
    ).toEqual(expected);
  expect([WAITS, ASKED, SLEEPS, REFUSED].map(rules.goes)).toEqual([true, true, false, false]);
});

test('a step takes along what it needs', () => {
  expect(rules.again(REFUSED)).toEqual({ ...WAITS, parts: [] });
  expect(rules.again(SLEEPS)).toEqual(ASKED);
  expect(rules.written(FRESH)(REFUSED)).toBe(FRESH);
  expect(rules.asked([])(WAITS)).toEqual({ ...ASKED, parts: [] });
  expect(rules.refused('c', 'd')(SLEEPS)).toEqual({ ...REFUSED, code: 'c', detail: 'd' });
});

test('only the cloud’s own words are clear', () => {
  const said: [unknown, rules.Said, boolean][] = [
    [{ code: 'no-account', status: 404 }, 'refused', true],
    [{ code: 'quota-exceeded', status: 507 }, 'refused', true],
    [{ code: 'storage-full', status: 507 }, 'refused', true],
    [{ code: 'too-many-letters', status: 429 }, 'refused', true],
    [{ code: 'too-many-requests', status: 429 }, 'passing', true],
    [{ code: 'unauthorized', status: 401 }, 'passing', true],
    [{ code: 'device-locked', status: 403 }, 'passing', true],
    [{ code: 'internal', status: 500 }, 'unclear', true],
    [{ code: 'http-401', status: 401 }, 'unclear', false],
    [{ code: 'http-404', status: 404 }, 'unclear', false],
    [{ code: 'unavailable', status: 507 }, 'unclear', false],
    [{ code: 'offline', status: 0 }, 'unclear', false],
    [new DOMException('x', 'TimeoutError'), 'unclear', false],
    [new Error('x'), 'unclear', false],
    [undefined, 'unclear', false],
  ];
  for (const [error, expected, reached] of said)
    expect([rules.said(error, 'waiting'), rules.reached(error)], JSON.stringify(error)).toEqual([
      expected,
      reached,
    ]);
});

test('of an earlier question only what is said after looking for it tells', () => {
  const answers = [
    { code: 'no-account', status: 404 },
    { code: 'storage-read-only', status: 507 },
    { code: 'not-allowed', status: 403 },
    { code: 'device-locked', status: 403 },
  ];
  expect(answers.map((error) => rules.said(error, 'asked'))).toEqual([
    'refused',
    'unclear',
    'unclear',
    'passing',
  ]);
});
