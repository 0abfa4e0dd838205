import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { keptLetters, type Letter } from '../kept.ts';
import { messageOf } from '../shown.ts';

const NOBODY = { thread: '+86', people: ['+86'], sim: '', contact: '', region: 'CN', code: '', detail: '' };
const LETTER: Letter = { id: 'a', body: 'x', ...NOBODY, files: [], parts: [], made_ms: 1, state: 'waiting' };

test('a change is made on what is there, in one transaction', async () => {
  const kept = keptLetters('one');
  expect(await kept.change('a', () => LETTER)).toEqual({ before: undefined, after: LETTER });
  expect(await kept.change('a', () => undefined)).toEqual({ before: LETTER, after: LETTER });
  const longer = (letter: Letter | undefined) => letter && { ...letter, body: `${letter.body}x` };
  await Promise.all([kept.change('a', longer), kept.change('a', longer), kept.change('a', longer)]);
  expect(await kept.get('a')).toMatchObject({ body: 'xxxx' });
  expect((await kept.change('a', () => null)).after).toBeUndefined();
  expect(await kept.change('a', longer)).toEqual({ before: undefined, after: undefined });
  expect(await kept.all()).toEqual([]);
});

test('letters that were kept before pictures went along are read', async () => {
  const kept = keptLetters('old');
  await kept.all();
  const { files: _, parts: _parts, ...old } = LETTER;
  const raw = await openDB('pileus-outbox-old', 1);
  await raw.put('letters', old);
  raw.close();
  for (const letter of [await kept.get('a'), ...(await kept.all())]) {
    expect(letter).toEqual(LETTER);
    expect(messageOf(letter!).body).toBe('x');
  }
});
