/** What repeats: its first day, its rule as a form knows it, and which of its single days are still of it. Pure. */

import type { Fields, Json } from '@pileus/sdk';
import ICAL from 'ical.js';
import { type Repeat, type Rule, repeatOf, weekdayOf } from './repeat.ts';
import { instant, type Jcal, momentOfWall, type Prop, wallOf, wallThere } from './zones.ts';

/** Instants of a series that are gone through at most. */
export const MOST = 20_000;
const DENSE = new Set(['SECONDLY', 'MINUTELY']);
const DAY = 86_400_000;

export function propsOf(fields: Fields, name: string): Prop[] {
  return (fields[name] ?? []) as unknown as Prop[];
}

export function isSeries(fields: Fields): boolean {
  const rules = propsOf(fields, 'rrule');
  const dense = rules.some((rule) => DENSE.has(String((rule[3] as { freq?: string }).freq)));
  return !dense && (rules.length > 0 || 'rdate' in fields);
}

/** The component of a record without the occurrences that differ. */
export function masterOf(fields: Fields): Jcal {
  const properties = Object.entries(fields).flatMap(([name, list]) =>
    name.startsWith('_') || name.startsWith('@') ? [] : (list as unknown as Prop[]),
  );
  return ['vevent', properties, (fields._parts ?? []) as unknown as Jcal[]];
}

/**
 * What the library expands. It takes a clock in a zone for one without, so a rule's last moment, which is in UTC
 * (RFC 5545 §3.3.10), is brought to that clock: else the last evening is missed, or one too many is there.
 */
export function expandable(fields: Fields, reader: string): ICAL.Event {
  const [start] = propsOf(fields, 'dtstart');
  const zones = (fields._zones ?? []) as unknown as Jcal[];
  const inUtc = start?.[2] !== 'date-time' || String(start[3]).endsWith('Z');
  const [name, properties, parts] = masterOf(fields);
  const read = properties.map((prop) => {
    const until = prop[0] === 'rrule' ? String((prop[3] as Rule).until ?? '') : '';
    if (inUtc || !until.endsWith('Z')) return prop;
    const clock = wallThere(Date.parse(until), start[1].tzid as string | undefined, zones, reader);
    return [prop[0], prop[1], prop[2], { ...(prop[3] as Rule), until: clock }] as Prop;
  });
  return new ICAL.Event(new ICAL.Component([name, read, parts] as never));
}

/** The clock by which an event's times are kept: its own zone's, which goes on through its changes of clocks. */
export interface Home {
  params: Prop[1];
  suffix: '' | 'Z';
  /** A wall clock of the reader (`2026-03-20T09:00`) on the event's own. */
  there(wall: string): string;
}

/** Of an event that has a time of day, else the reader's. */
export function homeOf(fields: Fields, reader: string): Home {
  const [start] = propsOf(fields, 'dtstart');
  if (start?.[2] !== 'date-time') return { params: { tzid: reader }, suffix: '', there: (wall) => wall };
  const zones = (fields._zones ?? []) as unknown as Jcal[];
  const tzid = start[1].tzid as string | undefined;
  const moment = (wall: string) => momentOfWall(`${wall.slice(0, 16)}:00`, reader);
  if (String(start[3]).endsWith('Z'))
    return { params: {}, suffix: 'Z', there: (wall) => wallOf(moment(wall), 'UTC').slice(0, 16) };
  if (!tzid) return { params: {}, suffix: '', there: (wall) => wall };
  const there = (wall: string) => wallThere(moment(wall), tzid, zones, reader).slice(0, 16);
  return { params: { tzid }, suffix: '', there };
}

/** The day on which it first begins, in its own zone. */
export function firstDay(fields: Fields): string {
  return String(propsOf(fields, 'dtstart')[0]?.[3] ?? '').slice(0, 10);
}

/** How it repeats, where a form can say that; a day elsewhere that is another day here cannot be said. */
export function knownRepeat(fields: Fields, zone: string): Repeat | undefined {
  const rules = propsOf(fields, 'rrule');
  const [start] = propsOf(fields, 'dtstart');
  if (rules.length !== 1 || 'rdate' in fields || !start) return undefined;
  const first = firstDay(fields);
  if (start[2] === 'date-time') {
    const zones = (fields._zones ?? []) as unknown as Jcal[];
    const time = ICAL.Time.fromDateTimeString(String(start[3]));
    const there = instant(time, start[1].tzid as string | undefined, zones, zone);
    if (wallOf(there, zone).slice(0, 10) !== first) return undefined;
  }
  const rule = rules[0]![3] as Rule;
  const repeat = repeatOf(rule, first, zone);
  if (!repeat?.ends || !('until' in repeat.ends) || isEndOfDay(rule, zone)) return repeat;
  return { ...repeat, ends: { until: lastDay(fields, zone) ?? repeat.ends.until } };
}

/** A last day that somebody chose; any other moment may lie before the day's own occurrence. */
function isEndOfDay({ until }: Rule, zone: string): boolean {
  const text = String(until);
  const wall = text.endsWith('Z') ? wallOf(Date.parse(text), zone) : text;
  return wall.length <= 10 || wall.slice(11, 19) === '23:59:59';
}

/** On which a series begins for the last time, as its reader sees it; undefined where that is too far away to count. */
function lastDay(fields: Fields, zone: string): string | undefined {
  const zones = (fields._zones ?? []) as unknown as Jcal[];
  const tzid = propsOf(fields, 'dtstart')[0]?.[1].tzid as string | undefined;
  const last = lastOf(fields, zone);
  return last && wallOf(instant(last, tzid, zones, zone), zone).slice(0, 10);
}

/** The last occurrence that a series has, or has before one; undefined where it has none, or too many. */
export function lastOf(fields: Fields, zone: string, before?: string): ICAL.Time | undefined {
  const iterator = expandable(fields, zone).iterator();
  let last: ICAL.Time | undefined;
  for (let count = 0; count < MOST; count += 1) {
    const next = iterator.next();
    if (!next || (before !== undefined && compact(next) >= before)) return last;
    last = next;
  }
  return undefined;
}

/** The first day of a series of which one occurrence went from a day to another. */
export function firstAfterMove(
  first: string,
  from: string,
  to: string,
  repeat: Repeat | 'kept' | undefined,
): string {
  const shifted = laterDay(first, daysBetween(from, to));
  if (!repeat || repeat === 'kept' || repeat.freq !== 'WEEKLY') return shifted;
  const inRule = (day: string) => repeat.days.includes(weekdayOf(day));
  if (inRule(shifted)) return shifted;
  return [0, 1, 2, 3, 4, 5, 6].map((count) => laterDay(first, count)).find(inRule) ?? shifted;
}

/** What a put says so that only those single days stay which the series, as it is then, still has. */
export function withoutStrays(fields: Fields, put: Fields, zone: string): Fields {
  const names = Object.keys(fields).filter((name) => name.startsWith('@'));
  if (names.length === 0 && !('exdate' in fields)) return {};
  const after = Object.fromEntries(
    Object.entries({ ...fields, ...put }).filter(([name, value]) => value !== null && name !== 'exdate'),
  );
  const moved = JSON.stringify(after.dtstart) !== JSON.stringify(fields.dtstart);
  const left = propsOf(fields, 'exdate').map(
    (prop) => [...prop.slice(0, 3), ...prop.slice(3).map(String)] as Prop,
  );
  const singles = [
    ...names.map((name) => name.slice(1)),
    ...left.flatMap((prop) => prop.slice(3).map(compactText)),
  ];
  const ids = isSeries(after) ? idsUntil(after, singles, zone) : new Set<string>();
  const gone = names.filter((name) => !ids.has(name.slice(1)));
  const kept = left
    .map((prop) => [...prop.slice(0, 3), ...prop.slice(3).filter((day) => ids.has(compactText(day)))] as Prop)
    .filter((prop) => prop.length > 3);
  return {
    ...Object.fromEntries(gone.map((name) => [name, null])),
    // A day that was left out and is no day of the series does no harm: it may be in another zone's words.
    ...(moved && left.length > 0 ? { exdate: kept.length > 0 ? (kept as unknown as Json) : null } : {}),
  };
}

/** How many occurrences, also such as were left out, a series has before one. */
export function countBefore(fields: Fields, recurrence: string, zone: string): number {
  const { exdate: _, ...whole } = fields;
  let count = 0;
  for (const id of ids(whole, zone)) {
    if (id >= recurrence) break;
    count += 1;
  }
  return count;
}

function idsUntil(fields: Fields, wanted: readonly string[], zone: string): Set<string> {
  const last = [...wanted].sort().at(-1) ?? '';
  const found = new Set<string>();
  for (const id of ids(fields, zone)) {
    if (id > last) break;
    found.add(id);
  }
  return found;
}

function* ids(fields: Fields, zone: string): Generator<string> {
  const iterator = expandable(fields, zone).iterator();
  for (let count = 0; count < MOST; count += 1) {
    const next = iterator.next();
    if (!next) return;
    yield compact(next);
  }
}

export function compact(time: ICAL.Time): string {
  return compactText(time.toString());
}

export function compactText(time: unknown): string {
  return String(time).replace(/[-:]/g, '');
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / DAY);
}

export function laterDay(day: string, count: number): string {
  return new Date(Date.parse(day.slice(0, 10)) + count * DAY).toISOString().slice(0, 10);
}
