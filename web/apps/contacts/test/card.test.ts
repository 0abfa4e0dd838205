import { describe, expect, test } from 'vitest';
import { type Card, cardOf, changes, joinedName, kindOf, labelsOf, photoOf, textOf } from '../src/card.ts';
import { dayText, parseDay, writeDay } from '../src/dates.ts';
import { cardOfForm, emptyRow, formOf } from '../src/form.ts';

const ANNA: Card = {
  fn: [{ value: 'Anna Berg' }],
  n: [{ value: ['Berg', 'Anna', '', '', ''] }],
  tel: [
    { value: '+49 30 1', params: { TYPE: ['home', 'voice'], PREF: ['1'] }, group: 'item1' },
    { value: '+49 170 1', params: { TYPE: ['cell'] } },
  ],
  'x-ablabel': [
    { value: 'Boat', group: 'item1' },
    { value: '_$!<Anniversary>!$_', group: 'item2' },
    { value: 'Other thing', group: 'item9' },
  ],
  'x-abdate': [{ value: '2010-05-06', group: 'item2' }],
  'x-odd': [{ value: 'kept', group: 'item9' }],
  org: [{ value: ['Tea House', 'Shop', 'Till'] }],
  categories: [{ value: ['Family', 'Crew'] }],
  photo: [{ value: 'https://example.org/a.jpg' }],
};

describe('a card', () => {
  test('what is no list of properties is left out', () => {
    expect(cardOf({ fields: { fn: [{ value: 'A' }, 7, { x: 1 }], odd: 'text' } })).toEqual({
      fn: [{ value: 'A' }],
    });
  });

  test('labels of its own, of Apple and of types', () => {
    expect(kindOf(ANNA.tel![0]!, ANNA)).toEqual({ own: 'Boat' });
    expect(kindOf(ANNA.tel![1]!, ANNA)).toEqual({ kind: 'cell' });
    expect(kindOf(ANNA['x-abdate']![0]!, ANNA)).toEqual({ kind: 'anniversary' });
    expect(labelsOf(ANNA)).toEqual(['Family', 'Crew']);
    expect(photoOf(ANNA)).toBe('');
    expect(textOf(ANNA.org![0])).toBe('Tea House, Shop, Till');
  });

  test('a number that is written as a URI is shown as the number', () => {
    expect(textOf({ value: 'tel:+1-555-123-4567' })).toBe('+1-555-123-4567');
    expect(textOf({ value: 'TEL:+1-201-555-0123;ext=5', params: { VALUE: ['uri'] } })).toBe(
      '+1-201-555-0123,5',
    );
    expect(textOf({ value: 'tel: see the note' })).toBe('tel: see the note');
  });

  test('such a number stays as it was written until another is typed', () => {
    const card: Card = {
      fn: [{ value: 'A' }],
      tel: [{ value: 'tel:+1-555', params: { VALUE: ['uri'], TYPE: ['cell'] } }],
    };
    const form = formOf(card);
    expect(cardOfForm(form, card)).toMatchObject({ tel: card.tel });
    form.rows.tel![0]!.value = '+1 556';
    expect(cardOfForm(form, card)?.tel).toEqual([{ value: '+1 556', params: { TYPE: ['cell'] } }]);
  });

  test('names as their language has them', () => {
    expect(joinedName(['王', '小明'])).toBe('王小明');
    expect(joinedName(['Berg', 'Anna', 'Maria', 'Dr.', 'MSc'])).toBe('Dr. Anna Maria Berg MSc');
  });

  test('a put names what changed alone', () => {
    expect(changes(ANNA, { ...ANNA, note: [{ value: 'n' }], org: [] })).toEqual({
      note: [{ value: 'n' }],
      org: null,
    });
    expect(changes(ANNA, structuredClone(ANNA))).toEqual({});
  });
});

describe('the form', () => {
  test('a form that nobody touched changes nothing', () => {
    expect(cardOfForm(formOf(ANNA), ANNA)).toEqual(ANNA);
  });

  test('a row is changed and its parameters stay', () => {
    const form = formOf(ANNA);
    form.rows.tel![0]!.value = '+49 30 2';
    const card = cardOfForm(form, ANNA)!;
    expect(card.tel![0]).toEqual({ ...ANNA.tel![0], value: '+49 30 2' });
    expect(changes(ANNA, card)).toEqual({ tel: card.tel });
  });

  test('labels are made, changed and removed with their rows', () => {
    const form = formOf(ANNA);
    form.rows.tel![0] = { ...form.rows.tel![0]!, own: '', kind: 'work fax' };
    form.rows.tel!.push({ ...emptyRow('tel'), value: '1', kind: '', own: 'Hut' });
    form.rows['x-abrelatednames'] = [{ ...emptyRow('x-abrelatednames', 'spouse'), value: 'Bo' }];
    form.rows['x-abdate'] = [];
    const card = cardOfForm(form, ANNA)!;
    expect(card.tel![0]).toEqual({ value: '+49 30 1', params: { PREF: ['1'], TYPE: ['work', 'fax'] } });
    expect(card.tel![2]).toEqual({ value: '1', group: 'item3' });
    expect(card['x-abrelatednames']).toEqual([{ value: 'Bo', group: 'item4' }]);
    expect(card['x-abdate']).toBeUndefined();
    expect(card['x-ablabel']).toEqual([
      { value: 'Other thing', group: 'item9' },
      { value: 'Hut', group: 'item3' },
      { value: '_$!<Spouse>!$_', group: 'item4' },
    ]);
    expect(card['x-odd']).toEqual(ANNA['x-odd']);
  });

  test('a new name is shown, one that was written otherwise stays', () => {
    const written: Card = { fn: [{ value: 'Mum' }], n: [{ value: ['Berg', 'Anna'] }] };
    expect(cardOfForm(formOf(written), written)!.fn).toEqual([{ value: 'Mum' }]);
    const form = formOf(written);
    form.name[1] = 'Anne';
    expect(cardOfForm(form, written)!.fn).toEqual([{ value: 'Anne Berg' }]);
  });

  test('a contact needs something to be shown by; an organisation or a number is enough', () => {
    const form = formOf({});
    expect(cardOfForm(form, {})).toBeUndefined();
    form.rows.tel = [{ ...emptyRow('tel'), value: '123' }];
    expect(cardOfForm(form, {})!.fn).toEqual([{ value: '123' }]);
    form.org = 'Tea House';
    expect(cardOfForm(form, {})!.fn).toEqual([{ value: 'Tea House' }]);
  });

  test('parts that the form does not show stay', () => {
    const form = formOf(ANNA);
    form.org = 'Coffee House';
    expect(cardOfForm(form, ANNA)!.org).toEqual([{ value: ['Coffee House', 'Shop', 'Till'] }]);
  });
});

describe('days', () => {
  test('with and without their year', () => {
    expect(parseDay('19850412')).toEqual({ year: 1985, month: 4, day: 12 });
    expect(parseDay('--0229')).toEqual({ month: 2, day: 29 });
    expect(parseDay('1985-04')).toBeUndefined();
    expect(parseDay('2023-02-29')).toBeUndefined();
    expect(writeDay({ year: 1985, month: 4, day: 2 })).toBe('1985-04-02');
    expect(writeDay({ month: 4, day: 2 })).toBe('--0402');
    expect(dayText('--0412', 'en-GB')).toBe('12 April');
    expect(dayText('1985-04-12', 'zh-CN')).toBe('1985年4月12日');
    expect(dayText('circa 1800', 'en')).toBe('circa 1800');
  });
});
