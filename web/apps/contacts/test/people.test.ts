import { speak } from '@pileus/kit/people/pinyin.ts';
import { expect, test } from 'vitest';
import { allLabels, byLetter, findPeople, hasHan, peopleOf } from '../src/people.ts';

function person(fn: string, more: { [name: string]: unknown } = {}) {
  return {
    collection: 'contacts.contact',
    id: fn,
    fields: { fn: [{ value: fn }], ...more } as never,
    seq: 1,
    pending: false,
  };
}

const PEOPLE = [
  person('张三', { tel: [{ value: '+86 138 0013 8000' }] }),
  person('Zoë Adler', { org: [{ value: ['Tea House'] }], categories: [{ value: ['Crew'] }] }),
  person('单田芳'),
  person('anna berg', { email: [{ value: 'a@x.org' }] }),
  person('Åsa'),
  person('+49 30 1'),
  person('高橋', { 'x-phonetic-last-name': [{ value: 'Takahashi' }] }),
  person('Crew', { kind: [{ value: 'group' }] }),
];

test('both writings stand in one order, under the letters they are spoken with', () => {
  const groups = byLetter(peopleOf(PEOPLE, speak));
  expect(groups.map((one) => [one.letter, one.people.map((each) => each.name)])).toEqual([
    ['A', ['anna berg', 'Åsa']],
    ['S', ['单田芳']],
    ['T', ['高橋']],
    ['Z', ['张三', 'Zoë Adler']],
    ['#', ['+49 30 1']],
  ]);
});

test('people are found by name as written or spoken, by number, mail, organisation and label', () => {
  const people = peopleOf(PEOPLE, speak);
  const names = (query: string) => findPeople(people, query).map((one) => one.name);
  expect(names('张')).toEqual(['张三']);
  expect(names('zhangsan')).toEqual(['张三']);
  expect(names('zs')).toEqual(['张三']);
  expect(names('shan tian')).toEqual(['单田芳']);
  expect(names('138-0013')).toEqual(['张三']);
  expect(names('zoe')).toEqual(['Zoë Adler']);
  expect(names('tea adl')).toEqual(['Zoë Adler']);
  expect(names('crew')).toEqual(['Zoë Adler']);
  expect(names('X.ORG')).toEqual(['anna berg']);
  expect(names('nobody')).toEqual([]);
});

test('labels and Chinese names are seen', () => {
  expect(allLabels(peopleOf(PEOPLE, speak), 'en')).toEqual(['Crew']);
  expect(hasHan(PEOPLE)).toBe(true);
  expect(hasHan([person('Anna')])).toBe(false);
});
