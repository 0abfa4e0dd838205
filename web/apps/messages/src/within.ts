/** Which span of time a search asks for. Pure. */

import type { SearchedWithin } from '@pileus/sdk';

export const SPANS = ['any', 'week', 'month', 'year', 'between'] as const;
export type Span = (typeof SPANS)[number];

const DAYS: Readonly<Record<string, number>> = { week: 7, month: 31, year: 366 };

/** `from` and `to` are days (`2026-03-20`) of the clock on the wall, both of them within; "" leaves that side open. */
export interface Chosen {
  thread: string;
  span: Span;
  from: string;
  to: string;
}

export const ANYTHING: Chosen = { thread: '', span: 'any', from: '', to: '' };

/** Whether a search without a word means something. */
export function narrows(chosen: Chosen): boolean {
  return Object.keys(withinOf(chosen, new Date())).length > 0;
}

/** What the search is asked for; days begin where `now` is. */
export function withinOf({ thread, span, from, to }: Chosen, now: Date): SearchedWithin {
  const asked: SearchedWithin = thread ? { thread } : {};
  if (span === 'between') {
    const [first, after] = [dayStart(from, 0), dayStart(to, 1)];
    return {
      ...asked,
      ...(first === undefined ? {} : { since: first }),
      ...(after === undefined ? {} : { before: after }),
    };
  }
  const days = DAYS[span];
  if (days === undefined) return asked;
  const first = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
  return { ...asked, since: first.getTime() };
}

function dayStart(day: string, later: number): number | undefined {
  const [year, month, date] = day.split('-').map(Number);
  if (!year || !month || !date) return undefined;
  return Math.max(0, new Date(year, month - 1, date + later).getTime());
}
