/** Days of the owner's calendar, as `2026-03-20`; pure. */

import { wallOf } from './zones.ts';

const DAY = 86_400_000;

export function dayOf(ms: number, zone: string): string {
  return wallOf(ms, zone).slice(0, 10);
}

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY).toISOString().slice(0, 10);
}

export function addMonths(day: string, count: number): string {
  const [year, month] = day.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, month - 1 + count, 1)).toISOString().slice(0, 10);
}

/** The first day of the week that a day is in; weeks begin on Monday (ISO 8601) or, in `sunday`, on Sunday. */
export function weekStart(day: string, sunday: boolean): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return addDays(day, -(sunday ? weekday : (weekday + 6) % 7));
}

/** Six weeks that hold a month. */
export function monthDays(day: string, sunday: boolean): string[] {
  const first = weekStart(`${day.slice(0, 7)}-01`, sunday);
  return Array.from({ length: 42 }, (_, index) => addDays(first, index));
}

/** Which of some days a time from `start` to `end` is on: the first and the last, counted from 0. */
export function span(
  days: readonly string[],
  { start, end }: { start: number; end: number },
  zone: string,
): { first: number; last: number } | undefined {
  const from = dayOf(start, zone);
  const to = dayOf(Math.max(start, end - 1), zone);
  const on = days.flatMap((day, index) => (day >= from && day <= to ? [index] : []));
  return on.length > 0 ? { first: on[0]!, last: on.at(-1)! } : undefined;
}

/** Columns for what overlaps in a day, so that nothing covers anything. */
export function columns<T extends { start: number; end: number }>(
  items: readonly T[],
): { item: T; column: number; of: number }[] {
  const placed: { item: T; column: number; of: number }[] = [];
  let cluster: typeof placed = [];
  let until = Number.NEGATIVE_INFINITY;
  const close = () => {
    const of = Math.max(0, ...cluster.map((one) => one.column)) + 1;
    for (const one of cluster) one.of = of;
    placed.push(...cluster);
    cluster = [];
  };
  for (const item of [...items].sort((one, other) => one.start - other.start)) {
    if (item.start >= until) close();
    const taken = new Set(cluster.filter((one) => one.item.end > item.start).map((one) => one.column));
    let column = 0;
    while (taken.has(column)) column += 1;
    cluster.push({ item, column, of: 1 });
    until = Math.max(until, item.end);
  }
  close();
  return placed;
}
