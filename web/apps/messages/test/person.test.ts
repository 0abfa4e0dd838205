import { expect, test } from 'vitest';
import en from '../src/en.json';
import { cardsOf, marked, startsDay, stateKey, typedPerson } from '../src/person.ts';
import zh from '../src/zh.json';

test('a day line stands before the first message of a day only', () => {
  const noon = new Date(2026, 1, 3, 12).getTime();
  expect(startsDay(undefined, noon)).toBe(true);
  expect(startsDay(noon, noon + 3_600_000)).toBe(false);
  expect(startsDay(noon, noon + 13 * 3_600_000)).toBe(true);
});

test('matches are the odd parts; a query of signs breaks nothing', () => {
  expect(marked('在西湖 Tea', 'tea 西湖')).toEqual(['在', '西湖', ' ', 'Tea', '']);
  expect(marked('a.b(c', '(c')).toEqual(['a.b', '(c', '']);
  expect(marked('plain', ' ')).toEqual(['plain']);
});

test('each card is to choose once, those that are there first', () => {
  const cards = [
    { id: 'a', online: false },
    { id: 'b', online: true },
    { id: 'a', online: true },
  ];
  expect(cardsOf(cards)).toEqual([
    { id: 'b', online: true },
    { id: 'a', online: true },
  ]);
});

test('a number or an account can be typed, nothing else', () => {
  for (const good of ['+86 138-0013-8000', '10086', ' @mei ', '＠小明'])
    expect(typedPerson(good), good).toBeTruthy();
  expect(typedPerson('＠小明')).toBe('@小明');
  for (const bad of ['', '@', 'mei', '--', '1', '+86x']) expect(typedPerson(bad), bad).toBeUndefined();
});

test('each state of an outgoing message has its words in both languages', () => {
  for (const state of ['queued', 'sending', 'sent', 'delivered', 'failed', 'unsent', 'unknown'])
    expect([stateKey(state) in en, stateKey(state) in zh]).toEqual([true, true]);
  expect(stateKey('received')).toBe('');
});
