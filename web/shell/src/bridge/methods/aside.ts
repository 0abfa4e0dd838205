/** Conversations that are put aside, records `messages.archive`: what brings them back. Pure. */

import type { Fields, SyncRecord } from '../../../../kit/src/sync/types.ts';

/** What the clocks of two devices differ by, at the most. */
const CLOCKS = 86_400_000;

export function threadOf(fields: Fields): string {
  return String(fields.thread ?? fields.address ?? '');
}

/** Where each conversation was put aside: when its newest message is, and the last number of its records. What came
 * from somebody who is blocked is no news. */
export function asideOf(
  records: readonly Pick<SyncRecord, 'fields' | 'seq'>[],
  now: number,
): Map<string, Fields> {
  const aside = new Map<string, { last_ms: number; last_seq: number }>();
  for (const { fields, seq } of records) {
    if (fields.blocked === true) continue;
    const before = aside.get(threadOf(fields)) ?? { last_ms: 0, last_seq: 0 };
    aside.set(threadOf(fields), {
      // A time to come would keep aside all that comes until then.
      last_ms: Math.max(before.last_ms, Math.min(Number(fields.date_ms ?? 0), now)),
      last_seq: Math.max(before.last_seq, seq),
    });
  }
  return aside;
}

/** Whether a message brings back a conversation that is put aside: it is newer, or nobody has read it and it came
 * after by a clock that is behind. What was there then does not, nor does what an import brings of old. */
export function isNews({ fields, seq }: SyncRecord, archive: Fields): boolean {
  if (fields.blocked === true) return false;
  const date = Number(fields.date_ms ?? 0);
  const last = Number(archive.last_ms ?? 0);
  const known = Number(archive.last_seq ?? 0);
  if (known === 0 || seq === 0) return date > last;
  const unread = fields.direction === 'in' && fields.read === false;
  return seq > known && (date > last || (unread && date > last - CLOCKS));
}
