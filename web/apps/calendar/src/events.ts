/** Events of records: when they happen, and how they are changed. Pure. See the calendar service's README.md. */

import type { Fields, Json, PhoneRecord } from '@pileus/sdk';
import ICAL from 'ical.js';
import { type Guest, guestsOf, guestsPut, hostOf, withoutSingleAnswers } from './guests.ts';
import { moved, type Repeat, ruleOf } from './repeat.ts';
import {
  compact,
  daysBetween,
  expandable,
  firstAfterMove,
  firstDay,
  type Home,
  homeOf,
  isSeries,
  knownRepeat,
  laterDay,
  MOST,
  masterOf,
  withoutStrays,
} from './series.ts';
import { instant, type Jcal, type Prop, wallOf } from './zones.ts';

export interface Occurrence {
  id: string;
  /** Which of a repeated event, as its RECURRENCE-ID; "" for one that happens once. */
  recurrence: string;
  start: number;
  end: number;
  allDay: boolean;
  summary: string;
  location: string;
  cancelled: boolean;
}

const OF_SERIES = new Set(['rrule', 'rdate', 'exdate', 'exrule']);
const DAY = 86_400_000;
/** In which the next one of a series comes. */
const SOON = 400 * DAY;
const CENTURY = 36_525 * DAY;

/** What of the records overlaps the time from `from` to `to`, by its start. */
export function occurrences(
  records: readonly PhoneRecord[],
  from: number,
  to: number,
  zone: string,
): Occurrence[] {
  return records
    .flatMap((record) => {
      try {
        return ofRecord(record, from, to, zone);
      } catch {
        return []; // what another program wrote and nobody can expand does not hide the rest
      }
    })
    .sort(
      (one, other) =>
        one.start - other.start || Number(other.allDay) - Number(one.allDay) || (one.id < other.id ? -1 : 1),
    );
}

/** The one that begins at `start`, else the next one from `now` on, else the last of those that there were. */
export function occurrenceOf(
  record: PhoneRecord,
  start: unknown,
  now: number,
  zone: string,
): Occurrence | undefined {
  const named =
    typeof start === 'number' &&
    occurrences([record], start, start + 1, zone).find((one) => one.start === start);
  if (named) return named;
  const between = (from: number, to: number) => occurrences([record], from, to, zone);
  // Not all at once: thousands of a series without an end take seconds.
  const begin = Math.max(now, Date.parse(firstDay(record.fields)) - DAY || 0);
  const next = between(begin, begin + SOON)[0] ?? between(begin, begin + CENTURY)[0];
  return next ?? between(now - SOON, now).at(-1) ?? between(0, now).at(-1);
}

function ofRecord({ id, fields }: PhoneRecord, from: number, to: number, zone: string): Occurrence[] {
  if (fields._component !== 'vevent') return [];
  const zones = (fields._zones ?? []) as unknown as Jcal[];
  const master = expandable(fields, zone);
  const exceptions = Object.keys(fields)
    .filter((name) => name.startsWith('@'))
    .map((name) => new ICAL.Component(fields[name] as never));
  const isOff = (component: ICAL.Component) =>
    String(component.getFirstPropertyValue('status') ?? '').toUpperCase() === 'CANCELLED';
  const place = (item: ICAL.Event, start: ICAL.Time, end: ICAL.Time, recurrence: string): Occurrence => {
    const tzid = (name: string) =>
      item.component.getFirstProperty(name)?.getParameter('tzid') as string | undefined;
    const begin = instant(start, tzid('dtstart'), zones, zone);
    const finish = instant(end, tzid('dtend') ?? tzid('dtstart'), zones, zone);
    return {
      id,
      recurrence,
      start: begin,
      end: Math.max(finish, start.isDate ? begin + DAY / 2 : begin),
      allDay: start.isDate,
      summary: item.summary ?? '',
      location: item.location ?? '',
      // With a series each of its occurrences is cancelled, also one that was changed (RFC 5546 §3.2.5).
      cancelled: isOff(item.component) || isOff(master.component),
    };
  };
  const inside = (one: Occurrence) =>
    one.start < to && (one.end > from || (one.start === one.end && one.start >= from));
  if (!isSeries(fields)) return [place(master, master.startDate, master.endDate, '')].filter(inside);
  for (const exception of exceptions) master.relateException(exception as never);
  const found: Occurrence[] = [];
  const iterator = master.iterator();
  for (let count = 0; count < MOST; count += 1) {
    const next = iterator.next();
    if (!next) break;
    const details = master.getOccurrenceDetails(next);
    const one = place(details.item, details.startDate, details.endDate, compact(details.recurrenceId));
    if (inside(one)) found.push(one);
    // An exception may have moved; those that follow begin later than their own place in the series.
    if (instant(next, undefined, [], zone) > to + 2 * DAY) break;
  }
  return found;
}

/** What a form edits. Times are wall clocks in `zone` (`2026-03-20T09:00`), days where it is all day. */
export interface Draft {
  summary: string;
  location: string;
  description: string;
  allDay: boolean;
  start: string;
  end: string;
  /** undefined: it happens once; `kept`: as its rules say, which the form does not know. */
  repeat: Repeat | 'kept' | undefined;
  /** Minutes before; undefined: none, or one that this form leaves as it is. */
  remind: number | undefined;
  guests: readonly Guest[];
}

export function draftOf(fields: Fields, one: Occurrence, zone: string): Draft {
  const component =
    one.recurrence && fields[`@${one.recurrence}`]
      ? (fields[`@${one.recurrence}`] as unknown as Jcal)
      : masterOf(fields);
  const text = (name: string) => String(component[1].find((prop) => prop[0] === name)?.[3] ?? '');
  return {
    summary: text('summary'),
    location: text('location'),
    description: text('description'),
    allDay: one.allDay,
    start: wallOf(one.start, zone).slice(0, one.allDay ? 10 : 16),
    end: wallOf(one.allDay ? one.end - DAY / 2 : one.end, zone).slice(0, one.allDay ? 10 : 16),
    repeat: isSeries(fields) ? (knownRepeat(fields, zone) ?? 'kept') : undefined,
    remind: reminderOf(component[2]),
    guests: guestsOf(fields, one.recurrence),
  };
}

/** The fields of a new event. */
export function newEvent(draft: Draft, uid: string, calendar: string, zone: string, now: Date): Fields {
  return {
    _calendar: calendar,
    _component: 'vevent',
    uid: props(['uid', {}, 'text', uid]),
    ...changesOfAll({}, draft, undefined, zone, now),
  };
}

/**
 * What a put says so that the whole series (or the single event) is as the draft has it. `was` is what the form
 * began with: the series moves as far as the occurrence did that was opened. Times stay on the event's own clock.
 */
export function changesOfAll(
  fields: Fields,
  draft: Draft,
  was: Draft | undefined,
  zone: string,
  now: Date,
  home = homeOf(fields, zone),
): Fields {
  const repeat = repeatAlong(draft, was);
  const put: Fields = { ...texts(fields, draft), ...stamped(fields, now) };
  const there = (one: Draft, wall: string) => (one.allDay ? wall.slice(0, 10) : home.there(wall));
  const [begin, finish] = [there(draft, draft.start), there(draft, draft.end)];
  const before = was && firstDay(fields);
  const first =
    before === undefined
      ? begin.slice(0, 10)
      : firstAfterMove(before, there(was!, was!.start), begin, repeat);
  const start = first + begin.slice(10);
  if (
    first !== before ||
    was!.start !== draft.start ||
    was!.end !== draft.end ||
    was!.allDay !== draft.allDay
  ) {
    const end = laterDay(first, daysBetween(begin, finish)) + finish.slice(10);
    Object.assign(put, timesOf({ ...draft, start, end }, home));
    if ('duration' in fields) put.duration = null;
  }
  if (repeat !== 'kept' && ('dtstart' in put || !same(repeat, was?.repeat))) {
    if (repeat) put.rrule = props(['rrule', {}, 'recur', ruleOf(repeat, start, zone)]);
    else for (const name of ['rrule', 'rdate']) if (name in fields) put[name] = null;
  }
  if ('dtstart' in put || 'rrule' in put || 'rdate' in put)
    Object.assign(put, withoutStrays(fields, put, zone));
  const parts = (fields._parts ?? []) as unknown as Jcal[];
  if (draft.remind !== reminderOf(parts)) put._parts = withReminder(parts, draft);
  if (!hostOf(fields))
    Object.assign(put, guestsPut(fields, draft.guests, 'dtstart' in put || 'rrule' in put));
  if ('dtstart' in put || 'rrule' in put) Object.assign(put, withoutSingleAnswers(fields));
  return put;
}

/** What a put says so that one occurrence alone is as the draft has it. */
export function changesOfOne(fields: Fields, one: Occurrence, draft: Draft, zone: string, now: Date): Fields {
  const name = `@${one.recurrence}`;
  const before = (fields[name] as unknown as Jcal | undefined) ?? masterOf(fields);
  const set: Fields = {
    ...texts(fields, { ...draft }, true),
    ...timesOf(draft, homeOf({}, zone)),
    ...stamped(fields, now),
    'recurrence-id': idOf(fields, one),
  };
  const kept = before[1].filter(
    (prop) => !OF_SERIES.has(prop[0]) && prop[0] !== 'duration' && !(prop[0] in set),
  );
  const added = Object.values(set).flatMap((list) => (list ?? []) as unknown as Prop[]);
  const properties = [...kept, ...added].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  const parts = draft.remind === reminderOf(before[2]) ? before[2] : withReminder(before[2], draft);
  return { [name]: ['vevent', properties, parts] as unknown as Json };
}

/** What a put says so that a guest, whose event it is not, is reminded as the draft has it. */
export function reminded(fields: Fields, one: Occurrence, draft: Draft): Fields {
  const name = `@${one.recurrence}`;
  const single = fields[name] as unknown as Jcal | undefined;
  const parts = single?.[2] ?? ((fields._parts ?? []) as unknown as Jcal[]);
  if (draft.remind === reminderOf(parts)) return {};
  const put = withReminder(parts, draft);
  return single ? { [name]: [single[0], single[1], put] as unknown as Json } : { _parts: put };
}

/** What a put says so that one occurrence does not happen. */
export function withoutOne(fields: Fields, one: Occurrence, now: Date): Fields {
  const [id] = idOf(fields, one) as unknown as Prop[];
  const exdate = [...((fields.exdate ?? []) as unknown as Prop[]), ['exdate', ...id!.slice(1)] as Prop];
  const gone = `@${one.recurrence}` in fields ? { [`@${one.recurrence}`]: null } : {};
  return { exdate: exdate as unknown as Json, ...gone, ...stamped(fields, now) };
}

function texts(fields: Fields, draft: Draft, all = false): Fields {
  const put: Fields = {};
  for (const name of ['summary', 'location', 'description'] as const) {
    const list = (fields[name] ?? []) as unknown as Prop[];
    const value = draft[name].trim();
    if (!all && value === String(list[0]?.[3] ?? '').trim()) continue;
    put[name] = value ? props([name, list[0]?.[1] ?? {}, 'text', value]) : null;
  }
  return put;
}

function timesOf(draft: Draft, { params, suffix }: Home): Fields {
  if (draft.allDay) {
    const after = new Date(Date.parse(`${draft.end.slice(0, 10)}T00:00:00Z`) + DAY)
      .toISOString()
      .slice(0, 10);
    return {
      dtstart: props(['dtstart', {}, 'date', draft.start.slice(0, 10)]),
      dtend: props(['dtend', {}, 'date', after]),
    };
  }
  const at = (name: string, wall: string) =>
    props([name, params, 'date-time', `${wall.slice(0, 16)}:00${suffix}`]);
  return { dtstart: at('dtstart', draft.start), dtend: at('dtend', draft.end) };
}

/** RFC 5546 §2.1.4: what changes an event gives it a higher SEQUENCE. */
export function stamped(fields: Fields, now: Date): Fields {
  const sequence = Number(((fields.sequence ?? []) as unknown as Prop[])[0]?.[3] ?? -1) + 1;
  const stamp = `${now.toISOString().slice(0, 19)}Z`;
  return {
    dtstamp: props(['dtstamp', {}, 'date-time', stamp]),
    sequence: props(['sequence', {}, 'integer', sequence]),
  };
}

function idOf(fields: Fields, one: Occurrence): Json {
  const start = ((fields.dtstart ?? []) as unknown as Prop[])[0]!;
  const [, year, month, day, time] = /^(\d{4})(\d{2})(\d{2})(?:T(.*))?$/.exec(one.recurrence)!;
  const clock = time ? `T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}` : '';
  return props(['recurrence-id', start[1], start[2], `${year}-${month}-${day}${clock}`]);
}

function reminderOf(parts: readonly Jcal[]): number | undefined {
  const trigger = parts.find((part) => part[0] === 'valarm')?.[1].find((prop) => prop[0] === 'trigger');
  if (trigger?.[2] !== 'duration') return undefined;
  const seconds = ICAL.Duration.fromString(String(trigger[3])).toSeconds();
  return seconds <= 0 ? -seconds / 60 : undefined;
}

function withReminder(parts: readonly Jcal[], draft: Draft): Json {
  const others = parts.filter((part) => part[0] !== 'valarm');
  if (draft.remind === undefined) return (others.length > 0 ? others : null) as unknown as Json;
  const alarm = [
    'valarm',
    [
      ['action', {}, 'text', 'DISPLAY'],
      ['description', {}, 'text', draft.summary],
      ['trigger', {}, 'duration', draft.remind ? `-PT${draft.remind}M` : 'PT0S'],
    ],
    [],
  ];
  return [...others, alarm] as unknown as Json;
}

/** How it repeats where the begin was moved and the repeat was not touched: the weekday goes along. */
export function repeatAlong(draft: Draft, was: Draft | undefined): Draft['repeat'] {
  const { repeat } = draft;
  if (!was || !repeat || repeat === 'kept' || !same(repeat, was.repeat)) return repeat;
  return moved(repeat, was.start, draft.start);
}

function same(one: Draft['repeat'], other: Draft['repeat']): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function props(prop: unknown[]): Json {
  return [prop] as unknown as Json;
}

/** The id of the record of a UID, as the cloud makes it. */
export async function recordId(uid: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(uid));
  return `uid-${[...new Uint8Array(hash)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, 40)}`;
}
