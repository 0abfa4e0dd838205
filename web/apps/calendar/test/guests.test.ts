import type { Fields, Json } from '@pileus/sdk';
import { describe, expect, it } from 'vitest';
import {
  answered,
  guestsOf,
  guestsPut,
  hostOf,
  isMail,
  newGuest,
  ownAnswer,
  withoutSingleAnswers,
} from '../src/guests.ts';

const attendee = (address: string, params: Record<string, string> = {}) => [
  'attendee',
  params,
  'cal-address',
  address,
];
const fields = (...people: unknown[]): Fields => ({ attendee: people as unknown as Json });

describe('guests', () => {
  it('are told by name, answer and what became of their invitation', () => {
    const found = guestsOf(
      fields(
        attendee('pileus:li', { partstat: 'accepted' }),
        attendee('mailto:x@example.org', { cn: 'X' }),
        attendee('pileus:nobody', { 'schedule-status': '3.7' }),
        attendee('pileus:full', { 'schedule-status': '5.1;Request could not be delivered' }),
      ),
    );
    expect(found.map((one) => [one.name, one.answer, one.failed])).toEqual([
      ['@li', 'ACCEPTED', ''],
      ['X', 'NEEDS-ACTION', ''],
      ['@nobody', 'NEEDS-ACTION', 'unknown'],
      ['@full', 'NEEDS-ACTION', 'undelivered'],
    ]);
    expect(guestsOf({})).toEqual([]);
  });

  it('are added by the name of an account', () => {
    expect(newGuest(' @li ')?.address).toBe('pileus:li');
    expect(newGuest(' @ ')).toBeUndefined();
  });

  it('are no mail addresses, which no invitation reaches', () => {
    const mails = ['li@example.org', ' mailto:li@example.org', '李@例子.中国'];
    expect(mails.map(isMail)).toEqual([true, true, true]);
    expect(['@li', 'li', 'Li Na', '@'].map(isMail)).toEqual([false, false, false, false]);
  });

  it('keep what is known of them, and are asked anew at another time', () => {
    const before = fields(attendee('pileus:li', { partstat: 'ACCEPTED', cn: 'Li' }), attendee('pileus:eve'));
    const [li] = guestsOf(before);
    expect(guestsPut(before, guestsOf(before), false)).toEqual({});
    expect(guestsPut(before, [], false)).toEqual({ attendee: null });
    expect(guestsPut({}, [], true)).toEqual({});
    const put = guestsPut(before, [li!, newGuest('mei')!], false).attendee as unknown as unknown[][];
    expect(put.map((prop) => prop[3])).toEqual(['pileus:li', 'pileus:mei']);
    expect(put[0]![1]).toEqual({ partstat: 'ACCEPTED', cn: 'Li' });
    const anew = guestsPut(before, [li!], true).attendee as unknown as unknown[][];
    expect(anew[0]![1]).toEqual({ partstat: 'NEEDS-ACTION', cn: 'Li' });
  });

  it('answer for themselves alone', () => {
    const invited: Fields = {
      ...fields(attendee('pileus:li'), attendee('pileus:eve')),
      organizer: [['organizer', {}, 'cal-address', 'pileus:mei']] as unknown as Json,
      _me: 'pileus:Li',
    };
    expect(hostOf(invited)).toBe('@mei');
    expect(hostOf({ ...invited, _me: 'pileus:mei' })).toBe('');
    expect(hostOf({ organizer: invited.organizer! })).toBe('');
    expect(ownAnswer(invited)).toBe('NEEDS-ACTION');
    const after = { ...invited, ...answered(invited, 'TENTATIVE') };
    expect(ownAnswer(after)).toBe('TENTATIVE');
    expect(guestsOf(after)[1]!.answer).toBe('NEEDS-ACTION');
  });

  it('answer single occurrences, which stand until the times change', () => {
    const day = '20260403T090000';
    const invited: Fields = {
      ...fields(attendee('pileus:li', { partstat: 'ACCEPTED' }), attendee('pileus:eve')),
      _me: 'pileus:li',
      [`_answer${day}`]: { 'pileus:eve': 'DECLINED' },
    };
    const after = { ...invited, ...answered(invited, 'TENTATIVE', day) };
    expect(after[`_answer${day}`]).toEqual({ 'pileus:eve': 'DECLINED', 'pileus:li': 'TENTATIVE' });
    expect([ownAnswer(after, day), ownAnswer(after, '20260404T090000'), ownAnswer(after)]).toEqual([
      'TENTATIVE',
      'ACCEPTED',
      'ACCEPTED',
    ]);
    expect(guestsOf(after, day)[1]!.answer).toBe('DECLINED');
    const all = { ...after, ...answered(after, 'ACCEPTED') };
    expect([all[`_answer${day}`], ownAnswer(all, day)]).toEqual([{ 'pileus:eve': 'DECLINED' }, 'ACCEPTED']);
    expect(withoutSingleAnswers(after)).toEqual({ [`_answer${day}`]: null });
    expect(withoutSingleAnswers(after, '20260404T000000')).toEqual({});
  });
});
