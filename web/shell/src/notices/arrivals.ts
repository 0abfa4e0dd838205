/** What other people sent while this phone was on: messages, invitations and that something is cancelled. */

import { t } from '../../../kit/src/i18n/index.ts';
import type { Fields, Sync, SyncRecord } from '../../../kit/src/sync/types.ts';
import type { Notice, Notices } from '../deps.ts';

const MESSAGES = 'messages.message';
const EVENTS = 'calendar.event';
/** More at once are no news: a first snapshot, or an import. */
const MOST = 100;
/** Clocks of the cloud and of this device differ by some seconds. */
const SLACK = 60_000;

export class Arrivals {
  private since = Number.POSITIVE_INFINITY;

  constructor(
    private readonly sync: Pick<Sync, 'get' | 'subscribe'>,
    private readonly notices: Notices,
    /** The app that is looked at: it shows by itself what comes for it. */
    private readonly front: () => string | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  start(): () => void {
    this.since = this.now() - SLACK;
    const offs = [
      this.sync.subscribe(MESSAGES, (ids) => void this.look(MESSAGES, ids)),
      this.sync.subscribe(EVENTS, (ids) => void this.look(EVENTS, ids)),
    ];
    return () => {
      for (const off of offs) off();
    };
  }

  private async look(collection: string, ids: readonly string[]): Promise<void> {
    if (ids.length > MOST) return;
    for (const id of ids) {
      const record = await this.sync.get(collection, id);
      if (!record || record.pending) continue; // gone, or of this device's own doing
      if (collection === MESSAGES) this.message(record);
      else this.event(record);
    }
  }

  private message({ fields }: SyncRecord): void {
    const notice = messageNotice(fields);
    if (!notice || notice.when < this.since) return;
    if (fields.read === true) {
      const there = this.notices.all().find((one) => one.app === notice.app && one.key === notice.key);
      if (there && there.when <= notice.when) this.notices.clear(notice.app, notice.key);
    } else this.tell(notice);
  }

  private event({ id, fields }: SyncRecord): void {
    const notice = eventNotice(id, fields, this.now());
    if (notice) this.tell(notice);
    else this.notices.clear('calendar', keyOf(id));
  }

  private tell(notice: Notice): void {
    if (this.front() !== notice.app) this.notices.post(notice);
  }
}

/** Under the key that it has when it comes by push. */
export function messageNotice(fields: Fields): Notice | undefined {
  const { body, contact, address, thread, date_ms, direction, parts } = fields;
  if (direction !== 'in' || typeof date_ms !== 'number') return undefined;
  const title = String(contact || address || '');
  return {
    key: `message-${thread}`,
    app: 'messages',
    title,
    text: String(body || pictureWord(parts)),
    when: date_ms,
  };
}

/** What is told of a message that has no text. */
function pictureWord(parts: unknown): string {
  const first = Array.isArray(parts) ? (parts[0] as { type?: unknown } | undefined) : undefined;
  return String(first?.type ?? '').startsWith('image/') ? t('notices.picture') : '';
}

/** Of an event of somebody else's that waits for an answer, or is cancelled after one was given. */
export function eventNotice(id: string, fields: Fields, now: number): Notice | undefined {
  const me = String(fields._me ?? '').toLowerCase();
  const host = String(value(fields.organizer, 3) ?? '');
  if (!me || !host || host.toLowerCase() === me) return undefined;
  const mine = ((fields.attendee ?? []) as unknown as unknown[][]).find(
    (one) => String(one[3]).toLowerCase() === me,
  );
  const answer = String((mine?.[1] as { partstat?: unknown } | undefined)?.partstat ?? 'NEEDS-ACTION');
  const cancelled = String(value(fields.status, 3) ?? '').toUpperCase() === 'CANCELLED';
  if (cancelled ? answer === 'DECLINED' : answer !== 'NEEDS-ACTION') return undefined;
  const name = host.toLowerCase().startsWith('pileus:') ? `@${host.slice(7)}` : host;
  const title = t(cancelled ? 'notices.cancelled' : 'push.invitation', { name });
  return { key: keyOf(id), app: 'calendar', title, text: String(value(fields.summary, 3) ?? ''), when: now };
}

function keyOf(event: string): string {
  return `invitation-${event}`;
}

function value(list: unknown, at: number): unknown {
  return (list as unknown[][] | undefined)?.[0]?.[at];
}
