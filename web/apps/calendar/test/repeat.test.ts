import ICAL from 'ical.js';
import { describe, expect, test } from 'vitest';
import {
  changesOfAll,
  changesOfOne,
  type Draft,
  draftOf,
  newEvent,
  occurrences,
  withoutOne,
} from '../src/events.ts';
import { canCut, endedBefore, goingOn } from '../src/following.ts';
import { moved, newRepeat, type Repeat, repeatOf, ruleOf } from '../src/repeat.ts';
import { momentOfWall, wallOf } from '../src/zones.ts';

const BERLIN = 'Europe/Berlin';
const SHANGHAI = 'Asia/Shanghai';
const NOW = new Date('2026-01-01T00:00:00Z');
// The third Friday of March 2026.
const START = '2026-03-20T09:00';
const DRAFT: Draft = {
  summary: 'Tea',
  location: '',
  description: '',
  allDay: false,
  start: START,
  end: '2026-03-20T10:00',
  repeat: newRepeat('WEEKLY', START),
  remind: 15,
  guests: [],
};
const WEEKLY = newRepeat('WEEKLY', START);
const MONTHLY = newRepeat('MONTHLY', START);

function event(draft: Partial<Draft>, zone = BERLIN) {
  return newEvent({ ...DRAFT, ...draft }, 'u', 'calendar', zone, NOW);
}

function of(fields: object, from: string, to: string, zone = BERLIN) {
  const [first, last] = [from, to].map((day) => momentOfWall(`${day}T00:00:00`, zone)) as [number, number];
  const kept = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as never;
  return occurrences(
    [{ collection: 'calendar.event', id: 'a', fields: kept, seq: 1, pending: false }],
    first,
    last,
    zone,
  );
}

function days(fields: object, from = '2026-03-01', to = '2026-06-01', zone = BERLIN): string[] {
  return of(fields, from, to, zone).map(
    (one) => `${one.summary} ${wallOf(one.start, zone).slice(5, 16).replace('T', ' ')}`,
  );
}

describe('what the form knows is what the rule says, and back', () => {
  const known: [Repeat, object][] = [
    [WEEKLY, { freq: 'WEEKLY' }],
    [
      { ...WEEKLY, interval: 2, days: ['MO', 'FR'] },
      { freq: 'WEEKLY', interval: 2, byday: ['MO', 'FR'] },
    ],
    [
      { ...MONTHLY, monthly: 'nth' },
      { freq: 'MONTHLY', byday: '3FR' },
    ],
    [
      { ...MONTHLY, ends: { count: 5 } },
      { freq: 'MONTHLY', count: 5 },
    ],
    [
      { ...newRepeat('DAILY', START), ends: { until: '2026-04-01' } },
      { freq: 'DAILY', until: '2026-04-01T21:59:59Z' },
    ],
    [
      { ...newRepeat('YEARLY', START), wkst: 'SU' },
      { freq: 'YEARLY', wkst: 'SU' },
    ],
  ];
  test.each(known)('%j', (repeat, rule) => {
    expect(ruleOf(repeat, START, BERLIN)).toEqual(rule);
    expect(repeatOf(rule as never, START, BERLIN)).toEqual(repeat);
    // The library, and so every other program, reads it.
    expect(ICAL.Recur.fromData(rule as never).toJSON()).toMatchObject({ freq: repeat.freq });
  });

  test.each([
    { freq: 'HOURLY' },
    { freq: 'MONTHLY', bymonthday: 31 },
    { freq: 'MONTHLY', byday: '2FR' },
    { freq: 'WEEKLY', byday: ['MO', 'TU'] },
    { freq: 'DAILY', byday: ['MO', 'FR'] },
    { freq: 'WEEKLY', interval: 1000 },
    { freq: 'WEEKLY', interval: 0 },
    { freq: 'DAILY', count: 100000 },
    { freq: 'DAILY', bysetpos: 1 },
  ])('what it does not know is left as it is: %j', (rule) => {
    expect(repeatOf(rule as never, START, BERLIN)).toBeUndefined();
    const fields = { ...event({}), rrule: [['rrule', {}, 'recur', rule]] } as never;
    const [one] = of(event({}), '2026-03-20', '2026-03-21');
    const was = { ...draftOf(event({}), one!, BERLIN), repeat: 'kept' as const };
    expect(changesOfAll(fields, { ...was, summary: 'Cake' }, was, BERLIN, NOW)).not.toHaveProperty('rrule');
  });

  test('the last of its weekday', () => {
    const last = { ...newRepeat('MONTHLY', '2026-03-27'), monthly: 'last' as const };
    expect(ruleOf(last, '2026-03-27T09:00', BERLIN)).toEqual({ freq: 'MONTHLY', byday: '-1FR' });
    expect(repeatOf({ freq: 'MONTHLY', byday: '-1FR' }, '2026-03-27', BERLIN)).toEqual(last);
  });

  test('whole days end with a day, and a rule that is another day here is not the form’s', () => {
    const repeat = { ...newRepeat('DAILY', START), ends: { until: '2026-03-22' } };
    const whole = event({ allDay: true, start: '2026-03-20', end: '2026-03-20', repeat });
    expect(whole.rrule).toEqual([['rrule', {}, 'recur', { freq: 'DAILY', until: '2026-03-22' }]]);
    expect(days(whole)).toHaveLength(3);
    const late = event({ start: '2026-03-20T23:00', end: '2026-03-20T23:30' });
    const [one] = of(late, '2026-03-21', '2026-03-22', SHANGHAI);
    expect(draftOf(late, one!, SHANGHAI).repeat).toBe('kept');
  });
});

test('the last day counts, in the zone of the reader', () => {
  const repeat = { ...newRepeat('DAILY', START), ends: { until: '2026-03-22' } };
  const late = event({ start: '2026-03-20T23:30', end: '2026-03-20T23:45', repeat });
  expect(days(late)).toEqual(['Tea 03-20 23:30', 'Tea 03-21 23:30', 'Tea 03-22 23:30']);
  expect(days(event({ repeat: { ...WEEKLY, ends: { count: 2 } } }))).toEqual([
    'Tea 03-20 09:00',
    'Tea 03-27 09:00',
  ]);
});

describe('read in another zone, a series keeps its own clock', () => {
  // In Berlin at nine, every day; one day is left out and one was moved.
  const series = event({ repeat: newRepeat('DAILY', START) });
  const found = of(series, '2026-03-20', '2026-03-25');
  const cake = {
    ...draftOf(series, found[2]!, BERLIN),
    summary: 'Cake',
    start: '2026-03-22T12:00',
    end: '2026-03-22T13:00',
  };
  const changed = { ...series, ...changesOfOne(series, found[2]!, cake, BERLIN, NOW) };
  const mixed = { ...changed, ...withoutOne(changed, found[1]!, NOW) } as typeof series;
  const here = (day: string) => of(mixed, day, '2026-04-10', SHANGHAI)[0]!;

  test('all of it', () => {
    const was = draftOf(mixed, here('2026-03-20'), SHANGHAI);
    expect(was.start).toBe('2026-03-20T16:00');
    const put = changesOfAll(mixed, { ...was, end: '2026-03-20T17:30' }, was, SHANGHAI, NOW);
    expect(put.dtstart).toEqual(series.dtstart);
    expect(Object.keys(put)).not.toContain('exdate');
    const after = { ...mixed, ...put };
    expect(days(after, '2026-03-20', '2026-03-24')).toEqual([
      'Tea 03-20 09:00',
      'Cake 03-22 12:00',
      'Tea 03-23 09:00',
    ]);
    // Over the change of Berlin's clocks, too.
    expect(days(after, '2026-03-30', '2026-03-31')).toEqual(['Tea 03-30 09:00']);
    const later = { ...was, start: '2026-03-20T18:00', end: '2026-03-20T19:00' };
    const moved = { ...mixed, ...changesOfAll(mixed, later, was, SHANGHAI, NOW) };
    expect(days(moved, '2026-03-20', '2026-03-21')).toEqual(['Tea 03-20 11:00']);
  });

  test('from one day on', () => {
    const one = of(mixed, '2026-03-21', '2026-04-10', SHANGHAI)[0]!;
    const at = one.summary === 'Cake' ? of(mixed, '2026-03-23', '2026-04-10', SHANGHAI)[0]! : one;
    const was = draftOf(mixed, at, SHANGHAI);
    const rest = goingOn(mixed, at, { ...was, summary: 'Coffee' }, was, 'v', SHANGHAI, NOW);
    expect(rest.dtstart).toEqual([['dtstart', { tzid: BERLIN }, 'date-time', '2026-03-23T09:00:00']]);
    expect(days({ ...mixed, ...endedBefore(mixed, at, SHANGHAI, NOW) }, '2026-03-20', '2026-04-01')).toEqual([
      'Tea 03-20 09:00',
      'Cake 03-22 12:00',
    ]);
    expect(days(rest, '2026-03-30', '2026-04-01')).toEqual(['Coffee 03-30 09:00', 'Coffee 03-31 09:00']);
  });

  test.each([
    ['UTC', [['dtstart', {}, 'date-time', '2026-03-20T08:00:00Z']], '2026-03-20T10:00:00Z'],
    ['no zone', [['dtstart', {}, 'date-time', '2026-03-20T16:00:00']], '2026-03-20T18:00:00'],
  ])('a clock of %s stays one', (_name, dtstart, after) => {
    const fields = {
      ...event({ repeat: undefined }, SHANGHAI),
      dtstart,
      dtend: null,
      duration: [['duration', {}, 'duration', 'PT1H']],
    };
    const kept = Object.fromEntries(
      Object.entries(fields).filter(([, value]) => value !== null),
    ) as typeof series;
    const was = draftOf(kept, of(kept, '2026-03-20', '2026-03-21', SHANGHAI)[0]!, SHANGHAI);
    expect(was.start).toBe('2026-03-20T16:00');
    const put = changesOfAll(
      kept,
      { ...was, start: '2026-03-20T18:00', end: '2026-03-20T19:00' },
      was,
      SHANGHAI,
      NOW,
    );
    expect(put.dtstart).toEqual([['dtstart', {}, 'date-time', after]]);
  });
});

test('a series in a zone that only the file knows is ended before an occurrence', () => {
  const offset = (name: string) => [name, {}, 'utc-offset', '+05:30'];
  const standard = [
    'standard',
    [['dtstart', {}, 'date-time', '1970-01-01T00:00:00'], offset('tzoffsetfrom'), offset('tzoffsetto')],
    [],
  ];
  const office = {
    ...event({ repeat: newRepeat('DAILY', START) }),
    dtstart: [['dtstart', { tzid: 'W. Office Standard Time' }, 'date-time', '2026-03-20T09:00:00']],
    dtend: [['dtend', { tzid: 'W. Office Standard Time' }, 'date-time', '2026-03-20T10:00:00']],
    _zones: [['vtimezone', [['tzid', {}, 'text', 'W. Office Standard Time']], [standard]]],
  } as never;
  const third = of(office, '2026-03-20', '2026-03-30')[2]!;
  const put = endedBefore(office, third, BERLIN, NOW);
  expect(put.rrule).toEqual([['rrule', {}, 'recur', { freq: 'DAILY', until: '2026-03-21T03:30:00Z' }]]);
});

test('a begin after the last day takes that along', () => {
  const repeat = { ...WEEKLY, ends: { until: '2026-03-31' } };
  expect(moved(repeat, START, '2026-04-17').ends).toEqual({ until: '2026-04-17' });
  expect(moved({ ...WEEKLY, days: ['MO', 'WE', 'FR'] }, '2026-03-20', '2026-03-25').days).toEqual([
    'MO',
    'WE',
    'FR',
  ]);
});

test('a last moment in UTC is on the clock of a zone that only the file knows', () => {
  const offset = (name: string) => [name, {}, 'utc-offset', '+05:30'];
  const standard = [
    'standard',
    [['dtstart', {}, 'date-time', '1970-01-01T00:00:00'], offset('tzoffsetfrom'), offset('tzoffsetto')],
    [],
  ];
  const office = {
    ...event({}),
    dtstart: [['dtstart', { tzid: 'Office' }, 'date-time', '2026-03-20T23:30:00']],
    dtend: [['dtend', { tzid: 'Office' }, 'date-time', '2026-03-20T23:45:00']],
    rrule: [['rrule', {}, 'recur', { freq: 'DAILY', until: '2026-03-21T18:29:59Z' }]],
    _zones: [['vtimezone', [['tzid', {}, 'text', 'Office']], [standard]]],
  };
  // Until the end of the 21st in the office: at 23:30 there it is 18:00 in UTC.
  expect(days(office, '2026-03-01', '2026-06-01', 'UTC')).toEqual(['Tea 03-20 18:00', 'Tea 03-21 18:00']);
});

describe('begins that move', () => {
  test('take the weekday along', () => {
    expect(moved({ ...WEEKLY, days: ['MO', 'FR'] }, '2026-03-20', '2026-03-21').days).toEqual(['MO', 'SA']);
    expect(moved({ ...MONTHLY, monthly: 'last' }, '2026-03-27', '2026-03-20').monthly).toBe('nth');
    expect(moved({ ...MONTHLY, monthly: 'nth' }, '2026-03-20', '2026-03-31').monthly).toBe('last');
  });

  test('the second day of a week is moved, the first stays', () => {
    const twice = event({
      start: '2026-03-16T09:00',
      end: '2026-03-16T10:00',
      repeat: { ...WEEKLY, days: ['MO', 'WE'] },
    });
    const wednesday = of(twice, '2026-03-25', '2026-03-26')[0]!;
    const was = draftOf(twice, wednesday, BERLIN);
    const repeat = moved(was.repeat as Repeat, was.start, '2026-03-26');
    const draft = { ...was, start: '2026-03-26T09:00', end: '2026-03-26T10:00', repeat };
    const after = { ...twice, ...changesOfAll(twice, draft, was, BERLIN, NOW) };
    expect(days(after, '2026-03-01', '2026-03-28')).toEqual([
      'Tea 03-16 09:00',
      'Tea 03-19 09:00',
      'Tea 03-23 09:00',
      'Tea 03-26 09:00',
    ]);
  });

  test('a weekday is taken out with which the series began', () => {
    const twice = event({
      start: '2026-03-16T09:00',
      end: '2026-03-16T10:00',
      repeat: { ...WEEKLY, days: ['MO', 'WE'] },
    });
    const was = draftOf(twice, of(twice, '2026-03-18', '2026-03-19')[0]!, BERLIN);
    const after = {
      ...twice,
      ...changesOfAll(twice, { ...was, repeat: { ...WEEKLY, days: ['WE'] } }, was, BERLIN, NOW),
    };
    expect(days(after, '2026-03-01', '2026-04-01')).toEqual(['Tea 03-18 09:00', 'Tea 03-25 09:00']);
  });
});

test('single days that the series still has stay as they were', () => {
  const series = event({});
  const [, second, third] = of(series, '2026-03-01', '2026-04-10');
  const draft = { ...draftOf(series, second!, BERLIN), summary: 'Cake' };
  const one = { ...series, ...changesOfOne(series, second!, draft, BERLIN, NOW) };
  const both = { ...one, ...withoutOne(one, third!, NOW) };
  const was = draftOf(both, of(both, '2026-03-01', '2026-03-21')[0]!, BERLIN);
  const ended = changesOfAll(both, { ...was, repeat: { ...WEEKLY, ends: { count: 4 } } }, was, BERLIN, NOW);
  expect(days({ ...both, ...ended })).toEqual(['Tea 03-20 09:00', 'Cake 03-27 09:00', 'Tea 04-10 09:00']);
  const once = changesOfAll(both, { ...was, repeat: undefined }, was, BERLIN, NOW);
  expect(once).toMatchObject({ rrule: null, '@20260327T090000': null });
  const later = changesOfAll(
    both,
    { ...was, start: '2026-03-20T11:00', end: '2026-03-20T12:00' },
    was,
    BERLIN,
    NOW,
  );
  expect(later).toMatchObject({ '@20260327T090000': null, exdate: null });
  expect(days({ ...both, ...later }, '2026-03-01', '2026-04-05')).toEqual([
    'Tea 03-20 11:00',
    'Tea 03-27 11:00',
    'Tea 04-03 11:00',
  ]);
});

describe('this one and those that follow', () => {
  function cut(fields: object, at: string, change: Partial<Draft>) {
    const record = fields as never;
    const one = of(fields, at, '2027-01-01')[0]!;
    const was = draftOf(record, one, BERLIN);
    expect(canCut(record, one, BERLIN)).toBe(true);
    const before = { ...fields, ...endedBefore(record, one, BERLIN, NOW) };
    return [before, goingOn(record, one, { ...was, ...change }, was, 'v', BERLIN, NOW)] as const;
  }

  test('the series ends before it, and another goes on', () => {
    const [before, after] = cut(event({}), '2026-04-03', {
      summary: 'Coffee',
      start: '2026-04-04T10:00',
      end: '2026-04-04T11:00',
    });
    expect(days(before)).toEqual(['Tea 03-20 09:00', 'Tea 03-27 09:00']);
    expect(days(after, '2026-03-01', '2026-04-15')).toEqual(['Coffee 04-04 10:00', 'Coffee 04-11 10:00']);
    expect(after.uid).toEqual([['uid', {}, 'text', 'v']]);
  });

  test('a number of times is shared out', () => {
    const [before, after] = cut(event({ repeat: { ...WEEKLY, ends: { count: 5 } } }), '2026-04-03', {
      summary: 'Coffee',
    });
    expect(days(before)).toHaveLength(2);
    expect(days(after)).toEqual(['Coffee 04-03 09:00', 'Coffee 04-10 09:00', 'Coffee 04-17 09:00']);
  });

  test('whole days', () => {
    const whole = event({ allDay: true, start: '2026-03-20', end: '2026-03-20' });
    const [before, after] = cut(whole, '2026-04-03', { summary: 'Coffee' });
    expect(before.rrule).toEqual([['rrule', {}, 'recur', { freq: 'WEEKLY', until: '2026-03-27' }]]);
    expect([days(before).length, days(after, '2026-03-01', '2026-04-12').length]).toEqual([2, 2]);
  });

  test.each([
    ['in the reader’s zone', BERLIN, {}],
    ['read elsewhere', 'UTC', {}],
    ['where it begins at the end of a day', BERLIN, { start: '2026-03-20T23:59', end: '2026-03-21T00:30' }],
    ['at midnight', BERLIN, { start: '2026-03-20T00:00', end: '2026-03-20T01:00' }],
    ['of whole days', BERLIN, { allDay: true, start: '2026-03-20', end: '2026-03-20' }],
  ])('the form says the last day that is left, and no day comes back when it is saved: %s', (_, zone, at) => {
    const series = event(at);
    const third = of(series, '2026-04-01', '2026-04-08', zone)[0]!;
    const ended = { ...series, ...endedBefore(series, third, zone, NOW) } as never;
    const left = days(ended);
    expect(left).toHaveLength(2);
    const [first, last] = of(ended, '2026-03-01', '2026-06-01', zone);
    const was = draftOf(ended, first!, zone);
    expect(was.repeat).toMatchObject({ ends: { until: '2026-03-27' } });
    const saved = (draft: Draft) => ({ ...(ended as object), ...changesOfAll(ended, draft, was, zone, NOW) });
    expect(saved(was)).toMatchObject({ rrule: (ended as { rrule: unknown }).rrule });
    expect(days(saved(was))).toEqual(left);
    if (!was.allDay) {
      const earlier = {
        ...was,
        start: `${was.start.slice(0, 11)}00:05`,
        end: `${was.start.slice(0, 11)}00:10`,
      };
      expect(of(saved(earlier), '2026-03-01', '2026-06-01', zone)).toHaveLength(2);
    }
    const rest = draftOf(ended, last!, zone);
    const after = goingOn(ended, last!, { ...rest, summary: 'Coffee' }, rest, 'v', zone, NOW);
    expect(of(after, '2026-03-01', '2026-06-01', zone)).toHaveLength(1);
  });

  test('a series that was cut to the second before a day is told by its last one, too', () => {
    const rule = [['rrule', {}, 'recur', { freq: 'WEEKLY', until: '2026-04-03T06:59:59Z' }]];
    const ended = { ...event({}), rrule: rule } as never;
    const [one] = of(ended, '2026-03-01', '2026-04-01');
    const was = draftOf(ended, one!, BERLIN);
    expect(was.repeat).toMatchObject({ ends: { until: '2026-03-27' } });
    const later = { ...was, start: '2026-03-20T10:00', end: '2026-03-20T11:00' };
    const saved = { ...(ended as object), ...changesOfAll(ended, later, was, BERLIN, NOW) };
    expect(days(saved)).toEqual(['Tea 03-20 10:00', 'Tea 03-27 10:00']);
  });

  test('a last day that was chosen is told as it was chosen', () => {
    const chosen = event({ repeat: { ...WEEKLY, ends: { until: '2026-03-31' } } });
    const [one] = of(chosen, '2026-03-01', '2026-04-01');
    expect(draftOf(chosen, one!, BERLIN).repeat).toMatchObject({ ends: { until: '2026-03-31' } });
  });

  test('later single days go along, with the name of the new one; earlier ones stay', () => {
    const series = event({});
    const found = of(series, '2026-03-01', '2026-06-01');
    const change = (fields: object, index: number) => {
      const one = found[index]!;
      const draft = { ...draftOf(series, one, BERLIN), summary: `Cake ${index}` };
      return { ...fields, ...changesOfOne(fields as never, one, draft, BERLIN, NOW) };
    };
    const mixed = change(change(series, 1), 3);
    const all = { ...mixed, ...withoutOne(mixed as never, found[4]!, NOW) };
    const [before, after] = cut(all, '2026-04-03', { summary: 'Coffee' });
    expect(days(before)).toEqual(['Tea 03-20 09:00', 'Cake 1 03-27 09:00']);
    expect(days(after, '2026-03-01', '2026-05-02')).toEqual([
      'Coffee 04-03 09:00',
      'Cake 3 04-10 09:00',
      'Coffee 04-24 09:00',
      'Coffee 05-01 09:00',
    ]);
    expect(JSON.stringify(after)).not.toContain('"u"');
  });

  test('before the first nothing is cut', () => {
    const series = event({});
    expect(canCut(series, of(series, '2026-03-01', '2026-04-01')[0]!, BERLIN)).toBe(false);
  });
});
