/** A series that is cut in two: what comes from one occurrence on is an event of its own (RFC 5545 has no other way). Pure. */

import type { Fields, Json } from '@pileus/sdk';
import ICAL from 'ical.js';
import { changesOfAll, type Draft, type Occurrence, repeatAlong, stamped } from './events.ts';
import { withoutSingleAnswers } from './guests.ts';
import type { Rule } from './repeat.ts';
import { compactText, countBefore, homeOf, isSeries, lastOf, laterDay, propsOf } from './series.ts';
import { instant, type Jcal, type Prop } from './zones.ts';

const OF_THE_WHOLE = new Set(['uid', 'sequence', 'dtstart', 'dtend', 'duration', 'rrule', 'rdate', 'exdate']);

/** Whether a series can be cut before an occurrence: it has one rule, and something is left before. */
export function canCut(fields: Fields, one: Occurrence, zone: string): boolean {
  const plain = propsOf(fields, 'rrule').length === 1 && !('rdate' in fields);
  return plain && isSeries(fields) && countBefore(fields, one.recurrence, zone) > 0;
}

/** What a put says so that the series ends before an occurrence. */
export function endedBefore(fields: Fields, one: Occurrence, zone: string, now: Date): Fields {
  const { count: _, until: __, ...rule } = propsOf(fields, 'rrule')[0]![3] as Rule;
  const gone = Object.keys(fields).filter((name) => name.startsWith('@') && name.slice(1) >= one.recurrence);
  const until =
    untilLast(fields, one, zone) ??
    (propsOf(fields, 'dtstart')[0]![2] === 'date'
      ? laterDay(dayOf(one), -1)
      : momentBefore(fields, one, zone));
  return {
    ...Object.fromEntries(gone.map((name) => [name, null])),
    ...withoutSingleAnswers(fields, one.recurrence),
    rrule: [['rrule', {}, 'recur', { ...rule, until }]] as unknown as Json,
    ...stamped(fields, now),
  };
}

/** The event that goes on from an occurrence, as the draft has it. `was` is what the form began with. */
export function goingOn(
  fields: Fields,
  one: Occurrence,
  draft: Draft,
  was: Draft,
  uid: string,
  zone: string,
  now: Date,
): Fields {
  const answers = withoutSingleAnswers(fields);
  const base = Object.fromEntries(
    Object.entries(fields).filter(
      ([name]) => !OF_THE_WHOLE.has(name) && !name.startsWith('@') && !(name in answers),
    ),
  );
  const put = changesOfAll(
    base,
    { ...draft, repeat: restOf(fields, one, draft, was, zone) },
    undefined,
    zone,
    now,
    homeOf(fields, zone),
  );
  const kept = draft.repeat === 'kept' ? { rrule: restOfRule(fields, one, zone) } : {};
  const same = draft.start === was.start && JSON.stringify(draft.repeat) === JSON.stringify(was.repeat);
  const all = {
    ...base,
    uid: [['uid', {}, 'text', uid]] as unknown as Json,
    ...put,
    ...kept,
    ...(same ? singles(fields, one, uid) : {}),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

/** A number of times that was not changed counts what is over. */
function restOf(fields: Fields, one: Occurrence, draft: Draft, was: Draft, zone: string): Draft['repeat'] {
  const repeat = repeatAlong(draft, was);
  if (!repeat || repeat === 'kept' || !repeat.ends || !('count' in repeat.ends)) return repeat;
  const before = was.repeat && was.repeat !== 'kept' ? was.repeat.ends : undefined;
  if (!before || !('count' in before) || before.count !== repeat.ends.count) return repeat;
  return {
    ...repeat,
    ends: { count: Math.max(1, before.count - countBefore(fields, one.recurrence, zone)) },
  };
}

function restOfRule(fields: Fields, one: Occurrence, zone: string): Json {
  const rule = propsOf(fields, 'rrule')[0]![3] as Rule;
  const left =
    'count' in rule
      ? { count: Math.max(1, Number(rule.count) - countBefore(fields, one.recurrence, zone)) }
      : {};
  return [['rrule', {}, 'recur', { ...rule, ...left }]] as unknown as Json;
}

/** The days after it that were changed or left out; its own changes are in the draft. */
function singles(fields: Fields, one: Occurrence, uid: string): Fields {
  const changed = Object.entries(fields).flatMap(([name, value]) => {
    if (!name.startsWith('@') || name.slice(1) <= one.recurrence) return [];
    const [kind, properties, parts] = value as unknown as [string, Prop[], Json];
    const renamed = properties.map((prop) => (prop[0] === 'uid' ? ['uid', {}, 'text', uid] : prop));
    return [[name, [kind, renamed, parts]]];
  });
  const left = propsOf(fields, 'exdate')
    .map((prop) => [...prop.slice(0, 3), ...prop.slice(3).filter((day) => compactText(day) > one.recurrence)])
    .filter((prop) => prop.length > 3);
  return { ...Object.fromEntries(changed), ...(left.length > 0 ? { exdate: left as unknown as Json } : {}) };
}

function dayOf(one: Occurrence): string {
  return `${one.recurrence.slice(0, 4)}-${one.recurrence.slice(4, 6)}-${one.recurrence.slice(6, 8)}`;
}

/** Where the last one begins that is left: a form takes the end of a day for one that somebody chose. */
function untilLast(fields: Fields, one: Occurrence, zone: string): string | undefined {
  const last = lastOf(fields, zone, one.recurrence)?.toString();
  return last === undefined || last.length <= 10 ? last : momentOf(fields, last, 0, zone);
}

/** The second before, where nothing is left of a series but its days that were left out. */
function momentBefore(fields: Fields, one: Occurrence, zone: string): string {
  const clock = one.recurrence.slice(9);
  const wall = `${dayOf(one)}T${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4)}`;
  return momentOf(fields, wall, -1, zone);
}

/** So many seconds later, in UTC (RFC 5545 §3.3.10); where a clock without zone begins it, on that clock. */
function momentOf(fields: Fields, wall: string, seconds: number, zone: string): string {
  const tzid = propsOf(fields, 'dtstart')[0]![1].tzid as string | undefined;
  const floating = !wall.endsWith('Z') && !tzid;
  const zones = (fields._zones ?? []) as unknown as Jcal[];
  const begins = instant(ICAL.Time.fromDateTimeString(wall), tzid, zones, floating ? 'UTC' : zone);
  const moment = new Date(begins + seconds * 1000).toISOString().slice(0, 19);
  return floating ? moment : `${moment}Z`;
}
