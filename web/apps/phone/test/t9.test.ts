import { contactOf } from '@pileus/kit/people/contact.ts';
import { speak } from '@pileus/kit/people/pinyin.ts';
import { expect, test } from 'vitest';
import { nameRank, t9Find } from '../src/t9.ts';

const person = (id: string, name: string, ...numbers: string[]) =>
  contactOf(
    { id, fields: { fn: [{ value: name }], tel: numbers.map((value) => ({ value })) } as never },
    speak,
  )!;
const PEOPLE = [
  person('mei', '李梅', '+86 138 0013 8000'),
  person('anna', 'Anna Schmidt', '030 266 20', '0171 5'),
  person('zoe', 'Zoë', '634'),
  person('shan', '单田芳', '10'),
];
const found = (typed: string, most = 10) =>
  t9Find(PEOPLE, typed, most).map(({ contact, number }) => `${contact.id} ${number}`);

test('names are found by their letters, from the beginning, a later word, or the first letters', () => {
  expect(found('2662')).toEqual(['anna 030 266 20', 'anna 0171 5']);
  expect(found('7246')).toEqual(['anna 030 266 20', 'anna 0171 5']); // Schmidt
  expect(found('27')).toEqual(['anna 030 266 20', 'anna 0171 5']); // A. S.
  expect(found('963')).toEqual(['zoe 634']); // without its accent
});

test('Chinese names are found as they are spoken: by syllables and by their first letters', () => {
  expect(found('54634')).toContain('mei +86 138 0013 8000'); // li mei
  expect(found('56')).toContain('mei +86 138 0013 8000'); // l m
  expect(found('634')).toEqual(['mei +86 138 0013 8000', 'zoe 634']); // mei before a number that is 634
  expect(found('7426')).toEqual(['shan 10']); // a surname is read as one
  expect(found('783')).toEqual(['shan 10']);
});

test('numbers are found by what they have in them, and no more than is wanted', () => {
  expect(found('1380')).toEqual(['mei +86 138 0013 8000']);
  expect(found('*2662')).toEqual(['anna 030 266 20']);
  expect(found('2', 1)).toHaveLength(1);
  expect(found('')).toEqual([]);
  expect(found('+')).toEqual([]);
});

test('characters that stand on no key begin no match by themselves', () => {
  expect(nameRank('李梅', '2')).toBeUndefined();
  expect(nameRank('李 anna', '2662')).toBe(0);
});
