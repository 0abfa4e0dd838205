import { contactOf } from '@pileus/kit/people/contact.ts';
import { speak } from '@pileus/kit/people/pinyin.ts';
import { expect, test, vi } from 'vitest';
import en from '../src/en.json';
import {
  accountOf,
  cardsOf,
  listed,
  listedWith,
  marked,
  mixed,
  renamed,
  sameGroup,
  startsDay,
  stateKey,
  suggested,
  typedPerson,
  waysToCall,
} from '../src/person.ts';
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

test('contacts are suggested, then those who were written with, each once', () => {
  const numbers = ['+86 138 0013 8000'];
  const mei = { id: 'c1', name: 'Mei Lin', words: 'mei lin', photo: 'p', numbers, accounts: [] };
  const threads = [
    { id: '+8613800138000', address: '+8613800138000', contact: 'Mei', people: ['+8613800138000'] },
    { id: '@mei', address: '@mei', contact: 'mei', people: ['@mei'] },
    { id: '10086', address: '10086', contact: '', people: ['10086'] },
    { id: 'group-1', address: '@mei, @bo', contact: '', people: ['@mei', '@bo'] },
  ];
  const names = (typed: string, most = 6) =>
    suggested([mei as never], threads, typed, most).map(({ address }) => address);
  expect(names('mei')).toEqual(['+86 138 0013 8000', '@mei']);
  expect(names('@')).toEqual(['@mei']);
  expect(names('＠ME')).toEqual(['@mei']);
  expect(names('100')).toEqual(['10086']);
  expect(names('mei', 1)).toEqual(['+86 138 0013 8000']);
  expect(names(' ')).toEqual([]);
});

test('who is Chinese is found as spoken, and those one writes with beside many contacts', () => {
  const props = (value: string) => [{ value }];
  const fields = { fn: props('李娜'), tel: props('+86 138 0013 8000') };
  const na = contactOf({ id: 'n', fields }, speak)!;
  const names = (typed: string, contacts = [na]) =>
    suggested(contacts, [thread('@lin', 'lin'), thread('@xm', '小明')], typed, 4, speak).map(
      ({ name }) => name,
    );
  for (const typed of ['lina', 'li na', 'ln', '李娜', '娜']) expect(names(typed), typed).toEqual(['李娜']);
  expect(names('xiaoming')).toEqual(['小明']);
  const lis = Array.from({ length: 9 }, (_, at) => ({ ...na, id: `n${at}`, numbers: [`+8613800${at}`] }));
  expect(names('li', lis)).toEqual(['李娜', '李娜', '李娜', 'lin']);
});

function thread(id: string, contact: string) {
  return { id, address: id, contact, people: [id] };
}

test('an account is asked for by an @name alone', () => {
  expect(['@Lin', '＠lin ', '@', 'lin', '10086'].map(accountOf)).toEqual(['lin', 'lin', '', '', '']);
});

test('a name is the same in every language of the browser', () => {
  const turkish = vi.spyOn(String.prototype, 'toLocaleLowerCase').mockReturnValue('l\u0131n');
  expect(accountOf('@LIN')).toBe('lin');
  turkish.mockRestore();
});

test('several are typed with commas of any kind between them', () => {
  expect(listed('@lin， +49 30 123456；Mei、')).toEqual({
    people: ['@lin', '+49 30 123456', 'Mei'],
    last: '',
    several: true,
  });
  expect(listed(' Mei ')).toEqual({ people: ['Mei'], last: 'Mei', several: false });
  expect(listedWith('@lin，me', 'Mei')).toBe('@lin, Mei, ');
  expect(listedWith('an，Ben', 'Anna', 'an')).toBe('Anna, Ben');
  expect(listedWith('an，Ben, ', 'Anna', 'an')).toBe('Anna, Ben, ');
  expect([['@a', '+1'], ['@a', '@b'], ['+1', '+2'], []].map(mixed)).toEqual([true, false, false, false]);
  expect(sameGroup(['@Lin', '+49301234567'], ['030 1234567', '@lin'])).toBe(true);
  expect(sameGroup(['@lin'], ['@lin', '@mei'])).toBe(false);
});

test('a group that was begun here is the one that the cloud has once none of its messages is only here', () => {
  const people = ['@lin', '@bo'];
  const named = { id: 'group-cloud', people: ['@bo', '@Lin'], count: 1 };
  const begun = (count: number) => ({ id: 'group-here', people, count });
  expect(renamed(begun(0), [named])).toBe(named);
  expect(renamed(begun(0), [begun(0), named])).toBe(named); // with its draft
  expect(renamed(begun(1), [begun(1), named])).toBeUndefined();
  expect(renamed(begun(0), [begun(0), { ...named, count: 0 }])).toBeUndefined();
  expect(renamed(named, [begun(0), named])).toBeUndefined();
  const one = { id: '@lin', people: ['@lin'], count: 0 };
  expect(renamed(one, [{ ...one, id: 'other', count: 1 }])).toBeUndefined();
});

test('an account is called without a card, a number with each that is there', () => {
  const with1 = (address: string, people = [address]) => ({ address, people });
  const cards = (...labels: string[]) =>
    labels.map((label, at) => ({ card: `c${at}`, label, operator: '', number: '' }));
  const here = (...labels: string[]) => ({ present: true, airplane: false, cards: cards(...labels) });
  const plain = { card: '', label: '', shown: '' };
  expect(waysToCall(with1('@mei'), undefined)).toEqual([plain]);
  expect(waysToCall(with1('@mei'), here('a', 'b'))).toEqual([plain]);
  expect(waysToCall(with1('+86 138-0013'), here('a'))).toEqual([plain]);
  expect(waysToCall(with1('10086'), here('a', ''))).toEqual([
    { card: 'c0', label: 'a', shown: '1' },
    { card: 'c1', label: 'SIM 2', shown: '2' },
  ]);
  for (const telephony of [undefined, { ...here(), present: false }])
    expect(waysToCall(with1('10086'), telephony)).toEqual([]);
  expect(waysToCall(with1('Bank'), here('a'))).toEqual([]);
  expect(waysToCall(with1('@mei, @bo', ['@mei', '@bo']), here('a'))).toEqual([]);
});
