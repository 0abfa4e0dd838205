/** Events of records: when they happen, and how they are changed. Pure. See the calendar service's README.md. */

import type { Fields, Json, PhoneRecord } from '@pileus/sdk';
import ICAL from 'ical.js';
import { type Guest, guestsOf, guestsPut, hostOf } from './guests.ts';
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

const MOST = 20_000;
const DENSE = new Set(['SECONDLY', 'MINUTELY']);
const OF_SERIES = new Set(['rrule', 'rdate', 'exdate', 'exrule']);
const DAY = 86_400_000;

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

function ofRecord({ id, fields }: PhoneRecord, from: number, to: number, zone: string): Occurrence[] {
  if (fields._component !== 'vevent') return [];
  const zones = (fields._zones ?? []) as unknown as Jcal[];
  const master = new ICAL.Event(new ICAL.Component(masterOf(fields) as never));
  const exceptions = Object.keys(fields)
    .filter((name) => name.startsWith('@'))
    .map((name) => new ICAL.Component(fields[name] as never));
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
      cancelled: item.component.getFirstPropertyValue('status') === 'CANCELLED',
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

export function isSeries(fields: Fields): boolean {
  const rules = (fields.rrule ?? []) as unknown as Prop[];
  const dense = rules.some((rule) => DENSE.has(String((rule[3] as { freq?: string }).freq)));
  return !dense && (rules.length > 0 || 'rdate' in fields);
}

/** What a form edits. Times are wall clocks in `zone` (`2026-03-20T09:00`), days where it is all day. */
export interface Draft {
  summary: string;
  location: string;
  description: string;
  allDay: boolean;
  start: string;
  end: string;
  repeat: '' | 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY' | 'kept';
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
  const rule = ((fields.rrule ?? []) as unknown as Prop[])[0]?.[3] as { [name: string]: unknown } | undefined;
  const plain =
    rule &&
    Object.keys(rule).length === 1 &&
    ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(String(rule.freq));
  return {
    summary: text('summary'),
    location: text('location'),
    description: text('description'),
    allDay: one.allDay,
    start: wallOf(one.start, zone).slice(0, one.allDay ? 10 : 16),
    end: wallOf(one.allDay ? one.end - DAY / 2 : one.end, zone).slice(0, one.allDay ? 10 : 16),
    repeat: !isSeries(fields) ? '' : plain ? (rule.freq as Draft['repeat']) : 'kept',
    remind: reminderOf(component[2]),
    guests: guestsOf(fields),
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
 * began with: the series moves as far as the occurrence did that was opened.
 */
export function changesOfAll(
  fields: Fields,
  draft: Draft,
  was: Draft | undefined,
  zone: string,
  now: Date,
): Fields {
  const put: Fields = { ...texts(fields, draft), ...stamped(fields, now) };
  if (!was || was.start !== draft.start || was.end !== draft.end || was.allDay !== draft.allDay) {
    Object.assign(put, timesOf(was ? moved(fields, draft, was) : draft, zone));
    if ('duration' in fields) put.duration = null;
  }
  if (draft.repeat !== 'kept' && draft.repeat !== was?.repeat)
    put.rrule = draft.repeat ? props(['rrule', {}, 'recur', { freq: draft.repeat }]) : null;
  // Days that were changed or left out are named by times that are no more.
  if ('dtstart' in put || 'rrule' in put)
    for (const name of Object.keys(fields)) if (name.startsWith('@') || name === 'exdate') put[name] = null;
  const parts = (fields._parts ?? []) as unknown as Jcal[];
  if (draft.remind !== reminderOf(parts)) put._parts = withReminder(parts, draft);
  if (!hostOf(fields))
    Object.assign(put, guestsPut(fields, draft.guests, 'dtstart' in put || 'rrule' in put));
  return put;
}

function moved(fields: Fields, draft: Draft, was: Draft): Draft {
  const first = String(((fields.dtstart ?? []) as unknown as Prop[])[0]?.[3] ?? was.start).slice(0, 10);
  const days = (from: string, to: string) =>
    Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / DAY);
  const after = (day: string, count: number) =>
    new Date(Date.parse(day) + count * DAY).toISOString().slice(0, 10);
  const start = after(first, days(was.start, draft.start));
  const end = after(start, days(draft.start, draft.end));
  return { ...draft, start: start + draft.start.slice(10), end: end + draft.end.slice(10) };
}

/** What a put says so that one occurrence alone is as the draft has it. */
export function changesOfOne(fields: Fields, one: Occurrence, draft: Draft, zone: string, now: Date): Fields {
  const name = `@${one.recurrence}`;
  const before = (fields[name] as unknown as Jcal | undefined) ?? masterOf(fields);
  const set: Fields = {
    ...texts(fields, { ...draft }, true),
    ...timesOf(draft, zone),
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

/** What a put says so that one occurrence does not happen. */
export function withoutOne(fields: Fields, one: Occurrence, now: Date): Fields {
  const [id] = idOf(fields, one) as unknown as Prop[];
  const exdate = [...((fields.exdate ?? []) as unknown as Prop[]), ['exdate', ...id!.slice(1)] as Prop];
  const gone = `@${one.recurrence}` in fields ? { [`@${one.recurrence}`]: null } : {};
  return { exdate: exdate as unknown as Json, ...gone, ...stamped(fields, now) };
}

function masterOf(fields: Fields): Jcal {
  const properties = Object.entries(fields).flatMap(([name, list]) =>
    name.startsWith('_') || name.startsWith('@') ? [] : (list as unknown as Prop[]),
  );
  return ['vevent', properties, (fields._parts ?? []) as unknown as Jcal[]];
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

function timesOf(draft: Draft, zone: string): Fields {
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
    props([name, { tzid: zone }, 'date-time', `${wall.slice(0, 16)}:00`]);
  return { dtstart: at('dtstart', draft.start), dtend: at('dtend', draft.end) };
}

/** RFC 5546 §2.1.4: what changes an event gives it a higher SEQUENCE. */
function stamped(fields: Fields, now: Date): Fields {
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

function props(prop: unknown[]): Json {
  return [prop] as unknown as Json;
}

function compact(time: ICAL.Time): string {
  return time.toString().replace(/[-:]/g, '');
}

/** The id of the record of a UID, as the cloud makes it. */
export async function recordId(uid: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(uid));
  return `uid-${[...new Uint8Array(hash)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, 40)}`;
}
