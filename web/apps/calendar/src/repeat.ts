/** How often an event happens, as a form knows it, and the rule that says so (RFC 5545 §3.3.10, jCal RFC 7265 §3.6.10). Pure. */

import { momentOfWall, wallOf } from './zones.ts';

export const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface Repeat {
  freq: (typeof FREQUENCIES)[number];
  interval: number;
  /** Of a week, in its order; the begin's own is always one of them. Else empty. */
  days: readonly Weekday[];
  /** Of a month: on the begin's date, or on its weekday as the n-th or last of the month. */
  monthly: 'date' | 'nth' | 'last';
  /** The last day (`2026-12-31`), a number of times, or without end. */
  ends: { until: string } | { count: number } | undefined;
  /** The day with which weeks begin, where the rule says one. */
  wkst?: string;
}

/** What jCal has as the value of an RRULE. */
export type Rule = { readonly [part: string]: unknown };

const DAY = 86_400_000;
export const INTERVAL_MOST = 99;
export const COUNT_MOST = 999;

export function weekdayOf(day: string): Weekday {
  return WEEKDAYS[(new Date(`${day.slice(0, 10)}T00:00:00Z`).getUTCDay() + 6) % 7]!;
}

/** Which of its weekday in its month a day is: 1 to 5. */
export function nthOf(day: string): number {
  return Math.ceil(Number(day.slice(8, 10)) / 7);
}

/** Whether no other of its weekday comes in its month. */
export function isLast(day: string): boolean {
  const date = new Date(`${day.slice(0, 10)}T00:00:00Z`);
  return new Date(date.getTime() + 7 * DAY).getUTCMonth() !== date.getUTCMonth();
}

/** A new one, of an event that begins on `day`. */
export function newRepeat(freq: Repeat['freq'], day: string): Repeat {
  const days = freq === 'WEEKLY' ? [weekdayOf(day)] : [];
  return { freq, interval: 1, days, monthly: 'date', ends: undefined };
}

/** What the form makes of a rule whose first event is on `day`; undefined: the rule says more than the form knows. */
export function repeatOf(rule: Rule, day: string, zone: string): Repeat | undefined {
  const { freq, interval = 1, byday, until, count, wkst, ...rest } = rule;
  if (!isFrequency(freq) || Object.keys(rest).length > 0) return undefined;
  const named = byday === undefined ? [] : (Array.isArray(byday) ? byday : [byday]).map(String);
  const repeat = { ...newRepeat(freq, day), interval: Number(interval), ends: endsOf(until, count, zone) };
  if (!withinForm(repeat)) return undefined;
  const known = wkst === undefined ? repeat : { ...repeat, wkst: String(wkst) };
  if (named.length === 0) return known;
  if (freq === 'WEEKLY') {
    const days = WEEKDAYS.filter((one) => named.includes(one));
    return days.length === named.length && days.includes(weekdayOf(day)) ? { ...known, days } : undefined;
  }
  if (freq !== 'MONTHLY' || named.length > 1) return undefined;
  if (named[0] === `-1${weekdayOf(day)}` && isLast(day)) return { ...known, monthly: 'last' };
  return named[0] === `${nthOf(day)}${weekdayOf(day)}` ? { ...known, monthly: 'nth' } : undefined;
}

/** The rule of an event that begins on `start`: a wall clock in `zone`, or a day where it is all day. */
export function ruleOf(repeat: Repeat, start: string, zone: string): Rule {
  const { freq, interval, ends } = repeat;
  const byday = bydayOf(repeat, start);
  return {
    freq,
    ...(interval > 1 ? { interval } : {}),
    ...(byday.length > 0 ? { byday: byday.length === 1 ? byday[0] : byday } : {}),
    ...(ends && 'count' in ends ? { count: ends.count } : {}),
    ...(ends && 'until' in ends ? { until: lastMoment(ends.until, start, zone) } : {}),
    ...(repeat.wkst ? { wkst: repeat.wkst } : {}),
  };
}

/**
 * The same where the event begins on another day: its weekday takes the old one's place, unless it is one of the
 * week's already; and what ended before it ends with it, for else nothing would happen at all.
 */
export function moved(repeat: Repeat, from: string, to: string): Repeat {
  const day = to.slice(0, 10);
  const ends =
    repeat.ends && 'until' in repeat.ends && repeat.ends.until < day ? { until: day } : repeat.ends;
  const last = repeat.monthly === 'last' && !isLast(to) ? 'nth' : repeat.monthly;
  const monthly = nthOf(to) > 4 && last === 'nth' ? 'last' : last;
  const [old, own] = [weekdayOf(from), weekdayOf(to)];
  if (repeat.freq !== 'WEEKLY' || repeat.days.includes(own)) return { ...repeat, monthly, ends };
  const days = WEEKDAYS.filter((one) => one === own || (one !== old && repeat.days.includes(one)));
  return { ...repeat, days, monthly, ends };
}

function bydayOf({ freq, days, monthly }: Repeat, start: string): string[] {
  if (freq === 'WEEKLY') {
    // One day a week is the begin's own: a rule without it goes along when the event is moved elsewhere, too.
    const all = WEEKDAYS.filter((one) => days.includes(one) || one === weekdayOf(start));
    return all.length === 1 ? [] : all;
  }
  if (freq !== 'MONTHLY' || monthly === 'date') return [];
  return [`${monthly === 'last' ? -1 : nthOf(start)}${weekdayOf(start)}`];
}

function isFrequency(freq: unknown): freq is Repeat['freq'] {
  return (FREQUENCIES as readonly unknown[]).includes(freq);
}

function withinForm({ interval, ends }: Repeat): boolean {
  const whole = Number.isInteger(interval) && interval >= 1 && interval <= INTERVAL_MOST;
  return whole && (!ends || 'until' in ends || (ends.count >= 1 && ends.count <= COUNT_MOST));
}

function endsOf(until: unknown, count: unknown, zone: string): Repeat['ends'] {
  if (count !== undefined) return { count: Number(count) };
  if (until === undefined) return undefined;
  const text = String(until);
  // UTC, where the event has a zone; a floating clock or a day is the reader's own.
  return { until: text.endsWith('Z') ? wallOf(Date.parse(text), zone).slice(0, 10) : text.slice(0, 10) };
}

/** RFC 5545 §3.3.10: a day where the event is one, else UTC; the end of that day, which no event begins after. */
function lastMoment(day: string, start: string, zone: string): string {
  if (start.length <= 10) return day;
  return new Date(momentOfWall(`${day}T23:59:59`, zone)).toISOString().replace('.000', '');
}
