import { describe, expect, it } from 'vitest';
import {
  AddressBook,
  type Contact,
  contactOf,
  findNumbers,
  sameNumber,
  telNumber,
} from '../src/people/contact.ts';

const record = (id: string, fn: string, ...tel: string[]) => ({
  id,
  fields: { fn: [{ value: fn }], tel: tel.map((value) => ({ value })) },
});
const MING = contactOf(record('1', '王小明', '+86 138 0013 8000', '010-6552 9988')) as Contact;
const ANNA = contactOf(record('2', 'Anna Bérg', 'tel:+49-30-1234567;ext=5')) as Contact;

describe('a contact', () => {
  it('has a name, its numbers and a picture that can be shown', () => {
    expect(ANNA).toEqual({
      id: '2',
      name: 'Anna Bérg',
      numbers: ['+49-30-1234567,5'],
      accounts: [],
      photo: '',
      words: 'anna berg',
    });
    const photo = { fn: [{ value: 'A' }], photo: [{ value: 'data:image/webp;base64,AA' }] };
    expect(contactOf({ id: '3', fields: photo })?.photo).toBe('data:image/webp;base64,AA');
  });

  it('is none where it is a group, nameless or malformed', () => {
    expect(
      contactOf({ id: '4', fields: { fn: [{ value: 'Team' }], kind: [{ value: 'group' }] } }),
    ).toBeUndefined();
    for (const fn of [undefined, 7, [], [null], [{ value: ['A'] }], [{ value: ' ' }]])
      expect(contactOf({ id: '5', fields: { fn } })).toBeUndefined();
  });
});

describe('numbers', () => {
  it.each([
    ['+8613800138000', '138 0013 8000', true],
    ['+49301234567', '030 1234567', true],
    ['0049 30 1234567', '+49 (30) 1234567', true],
    ['10086', '10086', true],
    ['10086', '+8610086', false],
    ['+49301234567', '+1301234567', false],
    ['', '', false],
    ['@mei', '@lin', false],
  ])('%s and %s', (one, other, same) => expect(sameNumber(one, other)).toBe(same));

  it('of a URI alone are those of one', () => {
    expect(telNumber('TEL:+1-201-555-0123')).toBe('+1-201-555-0123');
    expect(telNumber('+1-201-555-0123')).toBeUndefined();
    expect(telNumber('tel: see the note')).toBeUndefined();
  });
});

describe('who is meant', () => {
  const people = [MING, ANNA];
  const found = (typed: string) => findNumbers(people, typed, 5).map((one) => one.number);
  it('is found by a part of the name, marks and case aside', () => {
    expect(found('小明')).toEqual(MING.numbers);
    expect(found('berg an')).toEqual(ANNA.numbers);
  });
  it('is found by digits', () => {
    expect(found('1380')).toEqual(['+86 138 0013 8000']);
    expect(found('+49 30')).toEqual(ANNA.numbers);
  });
  it('is nobody where nothing was typed, and no more than are asked for', () => {
    expect(found(' ')).toEqual([]);
    expect(findNumbers(people, '王', 1)).toHaveLength(1);
  });
});

describe('an address book', () => {
  const book = new AddressBook([MING, ANNA]);
  it('knows whose number it is, in any spelling', () => {
    expect(book.of('+8613800138000')).toBe(MING);
    expect(book.of('01065529988')).toBe(MING);
    expect(book.of('+49301234567,5')).toBe(ANNA);
    for (const stranger of ['10086', '+8613900138000', '@ming', ''])
      expect(book.of(stranger)).toBeUndefined();
  });
});

describe('an account of a contact', () => {
  const impp = [
    { value: ' @Mei ' },
    { value: '＠林梅' },
    { value: '@mei_tg', group: 'item1' },
    { value: '@mei', params: { 'X-SERVICE-TYPE': ['Telegram'] } },
    { value: 'xmpp:mei@example.org' },
    { value: '@' },
    null,
  ];
  const mei = contactOf({ id: '6', fields: { fn: [{ value: 'Mei Lin' }], impp } }) as Contact;
  it('stands under messaging, where no other service is named', () => {
    expect(mei.accounts).toEqual(['@Mei', '@林梅']);
    expect(contactOf({ id: '7', fields: { fn: [{ value: 'A' }], impp: 'x' } })?.accounts).toEqual([]);
  });
  it('is found by name, and tells whose it is', () => {
    const found = (typed: string) => findNumbers([MING, mei], typed, 5).map((one) => one.number);
    expect([found('lin'), found('@me'), found('tg')]).toEqual([['@Mei', '@林梅'], ['@Mei'], []]);
    const book = new AddressBook([MING, mei]);
    expect([book.of('@mei'), book.of('@ＭＥＩ'), book.of('@林梅')]).toEqual([mei, mei, mei]);
    expect([book.of('@mei_tg'), book.of('mei')]).toEqual([undefined, undefined]);
  });
});
