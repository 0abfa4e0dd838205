import { expect, test } from 'vitest';
import { addDays, addMonths, columns, monthDays, weekStart } from '../src/days.ts';
import {
  changesOfAll,
  changesOfOne,
  type Draft,
  draftOf,
  newEvent,
  occurrenceOf,
  occurrences,
  recordId,
  withoutOne,
} from '../src/events.ts';
import { newRepeat } from '../src/repeat.ts';
import { momentOfWall, wallOf } from '../src/zones.ts';

const BERLIN = 'Europe/Berlin';
const NOW = new Date('2026-01-01T00:00:00Z');
const DRAFT = {
  summary: 'Tea',
  location: 'West Lake',
  description: '',
  allDay: false,
  start: '2026-03-20T09:00',
  end: '2026-03-20T10:00',
  repeat: newRepeat('WEEKLY', '2026-03-20'),
  remind: 15,
  guests: [],
} satisfies Draft;

function record(fields: object) {
  return {
    collection: 'calendar.event',
    id: 'a',
    fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as never,
    seq: 1,
    pending: false,
  };
}

function starts(fields: object, from = '2026-03-01', to = '2026-04-20', zone = BERLIN): string[] {
  const span = [from, to].map((day) => momentOfWall(`${day}T00:00:00`, zone)) as [number, number];
  return occurrences([record(fields)], ...span, zone).map(
    (one) => `${one.summary} ${new Date(one.start).toISOString().slice(0, 16)}`,
  );
}

const WEEKLY = newEvent(DRAFT, 'u', 'calendar', BERLIN, NOW);
const second = () =>
  occurrences(
    [record(WEEKLY)],
    momentOfWall('2026-03-27T00:00:00', BERLIN),
    momentOfWall('2026-03-28T00:00:00', BERLIN),
    BERLIN,
  )[0]!;

test('a series keeps its hour when the clocks change', () => {
  expect(starts(WEEKLY)).toEqual([
    'Tea 2026-03-20T08:00',
    'Tea 2026-03-27T08:00',
    'Tea 2026-04-03T07:00',
    'Tea 2026-04-10T07:00',
    'Tea 2026-04-17T07:00',
  ]);
});

test('one occurrence is changed alone, another is left out', () => {
  const one = second();
  expect(one.recurrence).toBe('20260327T090000');
  const changed = {
    ...WEEKLY,
    ...changesOfOne(
      WEEKLY,
      one,
      { ...DRAFT, summary: 'Cake', start: '2026-03-28T11:00', end: '2026-03-28T12:00' },
      BERLIN,
      NOW,
    ),
  };
  expect(starts(changed, '2026-03-20', '2026-04-04')).toEqual([
    'Tea 2026-03-20T08:00',
    'Cake 2026-03-28T10:00',
    'Tea 2026-04-03T07:00',
  ]);
  const exception = (changed as never as { [name: string]: [string, [string][]] })['@20260327T090000']!;
  expect(exception[1].map((prop) => prop[0])).not.toContain('rrule');
  const gone = { ...changed, ...withoutOne(changed, one, NOW) };
  expect(starts(gone, '2026-03-20', '2026-04-04')).toEqual(['Tea 2026-03-20T08:00', 'Tea 2026-04-03T07:00']);
});

test('with a series the days are cancelled that were changed, and no other way round', () => {
  const one = second();
  const cake = changesOfOne(WEEKLY, one, { ...DRAFT, summary: 'Cake' }, BERLIN, NOW);
  const status = [['status', {}, 'text', 'CANCELLED']];
  const off = (fields: object) =>
    occurrences([record(fields)], Date.parse('2026-03-20'), Date.parse('2026-04-01'), BERLIN).map(
      (one) => one.cancelled,
    );
  expect(off({ ...WEEKLY, ...cake })).toEqual([false, false]);
  expect(off({ ...WEEKLY, ...cake, status })).toEqual([true, true]);
  const [name, exception] = Object.entries(cake)[0] as unknown as [string, [string, unknown[], unknown[]]];
  const gone = [exception[0], [...exception[1], status[0]], exception[2]];
  expect(off({ ...WEEKLY, [name]: gone }).sort()).toEqual([false, true]);
});

test('all are renamed and stay where they are, or move as the one did', () => {
  const one = second();
  const was = draftOf(WEEKLY, one, BERLIN);
  expect(was).toEqual({ ...DRAFT, start: '2026-03-27T09:00', end: '2026-03-27T10:00' });
  const renamed = changesOfAll(WEEKLY, { ...was, summary: 'Coffee' }, was, BERLIN, NOW);
  expect(Object.keys(renamed).sort()).toEqual(['dtstamp', 'sequence', 'summary']);
  const moved = {
    ...WEEKLY,
    ...changesOfAll(WEEKLY, { ...was, start: '2026-03-28T10:00', end: '2026-03-28T11:30' }, was, BERLIN, NOW),
  };
  expect(starts(moved, '2026-03-20', '2026-03-30')).toEqual(['Tea 2026-03-21T09:00', 'Tea 2026-03-28T09:00']);
  expect((moved as { rrule?: unknown }).rrule).toEqual([['rrule', {}, 'recur', { freq: 'WEEKLY' }]]);
});

test('whole days are the reader’s days', () => {
  const day = newEvent(
    { ...DRAFT, allDay: true, start: '2026-03-29', end: '2026-03-29', repeat: undefined },
    'u',
    'calendar',
    BERLIN,
    NOW,
  );
  expect(starts(day)).toEqual(['Tea 2026-03-28T23:00']);
  expect(starts(day, '2026-03-01', '2026-04-20', 'Asia/Shanghai')).toEqual(['Tea 2026-03-28T16:00']);
});

test('a rule that is too dense happens once, what nobody can read hides nothing', () => {
  expect(starts({ ...WEEKLY, rrule: [['rrule', {}, 'recur', { freq: 'SECONDLY' }]] })).toEqual([
    'Tea 2026-03-20T08:00',
  ]);
  expect(starts({ ...WEEKLY, dtstart: [['dtstart', {}, 'date-time', 'soon']] })).toEqual([]);
});

test('a zone that the file brought counts', () => {
  const zone = [
    'vtimezone',
    [['tzid', {}, 'text', 'Office']],
    [
      [
        'standard',
        [
          ['dtstart', {}, 'date-time', '1970-01-01T00:00:00'],
          ['tzoffsetfrom', {}, 'utc-offset', '+05:30'],
          ['tzoffsetto', {}, 'utc-offset', '+05:30'],
        ],
        [],
      ],
    ],
  ];
  const event = {
    ...WEEKLY,
    rrule: null,
    dtstart: [['dtstart', { tzid: 'Office' }, 'date-time', '2026-03-20T09:00:00']],
    _zones: [zone],
  };
  expect(starts(event)).toEqual(['Tea 2026-03-20T03:30']);
});

test('walls and moments of a zone', () => {
  expect(wallOf(momentOfWall('2026-07-01T08:30:00', BERLIN), BERLIN)).toBe('2026-07-01T08:30:00');
  expect(new Date(momentOfWall('2026-03-29T02:30:00', BERLIN)).toISOString()).toBe(
    '2026-03-29T01:30:00.000Z',
  );
});

test('days, weeks and months', () => {
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
  expect(addMonths('2026-12-31', 1)).toBe('2027-01-01');
  expect(weekStart('2026-11-29', false)).toBe('2026-11-23');
  expect(weekStart('2026-11-29', true)).toBe('2026-11-29');
  expect(monthDays('2026-11-15', false)[0]).toBe('2026-10-26');
});

test('what overlaps stands side by side', () => {
  const [a, b, c] = [
    { start: 0, end: 10 },
    { start: 5, end: 15 },
    { start: 20, end: 30 },
  ];
  expect(columns([c!, a!, b!]).map(({ column, of }) => [column, of])).toEqual([
    [0, 2],
    [1, 2],
    [0, 1],
  ]);
});

test('a record has the id that the cloud gives it', async () => {
  expect(await recordId('tea')).toMatch(/^uid-[0-9a-f]{40}$/);
});

test('what a notice leads to is the day that it names, else the next one, else the last one', () => {
  const at = (start: unknown, now: string) => {
    const one = occurrenceOf(record(WEEKLY), start, Date.parse(now), BERLIN);
    return one && new Date(one.start).toISOString().slice(0, 10);
  };
  expect(at(Date.parse('2026-04-03T07:00:00Z'), '2026-03-21T00:00:00Z')).toBe('2026-04-03');
  expect(at(Date.parse('2026-04-03T09:00:00Z'), '2026-03-21T00:00:00Z')).toBe('2026-03-27');
  expect(at(undefined, '2020-01-01T00:00:00Z'), 'of one without an end, the first').toBe('2026-03-20');
  const once = record(newEvent({ ...DRAFT, repeat: undefined }, 'u', 'calendar', BERLIN, NOW));
  for (const now of ['2020-01-01T00:00:00Z', '2026-03-20T08:30:00Z', '2030-01-01T00:00:00Z'])
    expect(occurrenceOf(once, undefined, Date.parse(now), BERLIN)?.start).toBe(
      Date.parse('2026-03-20T08:00:00Z'),
    );
  expect(occurrenceOf({ ...once, fields: {} }, undefined, 0, BERLIN)).toBeUndefined();
});
