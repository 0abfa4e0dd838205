/** What other people sent while this phone was on: messages, missed calls, invitations and that something is
 * cancelled. */

import { t } from '../../../kit/src/i18n/index.ts';
import type { Fields, Sync, SyncRecord } from '../../../kit/src/sync/types.ts';
import type { Notice, Notices } from '../deps.ts';

const MESSAGES = 'messages.message';
const CALLS = 'messages.call';
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
    /** Who has a number, by the contacts: what a handset brings has no name. */
    private readonly nameOf: (address: string) => Promise<string> = async () => '',
  ) {}

  start(): () => void {
    this.since = this.now() - SLACK;
    const offs = [
      this.sync.subscribe(MESSAGES, (ids) => void this.look(MESSAGES, ids)),
      this.sync.subscribe(CALLS, (ids) => void this.look(CALLS, ids)),
      this.sync.subscribe(EVENTS, (ids) => void this.look(EVENTS, ids)),
    ];
    return () => {
      for (const off of offs) off();
    };
  }

  private async look(collection: string, ids: readonly string[]): Promise<void> {
    if (ids.length > MOST) return;
    for (const id of ids) {
      const first = await this.sync.get(collection, id);
      const name = first && collection !== EVENTS ? await this.named(first.fields) : '';
      const record = name ? await this.sync.get(collection, id) : first; // it may have been read meanwhile
      if (!record || record.pending) continue; // gone, or of this device's own doing
      if (collection === MESSAGES) this.message(record, name);
      else if (collection === CALLS) this.call(record, name);
      else this.event(record);
    }
  }

  private message({ fields }: SyncRecord, name: string): void {
    // It comes as read, and says nothing of what others wrote in the same conversation.
    if (fields.blocked === true) return;
    const notice = messageNotice(fields);
    if (!notice || notice.when < this.since) return;
    if (fields.read === true) {
      const there = this.notices.all().find((one) => one.app === notice.app && one.key === notice.key);
      if (there && there.when <= notice.when) this.notices.clear(notice.app, notice.key);
    } else this.tell(name ? { ...notice, title: name } : notice);
  }

  private call({ fields }: SyncRecord, name: string): void {
    const { kind, date_ms: when, address, contact, thread, seen } = fields;
    if (kind !== 'missed' || typeof when !== 'number' || when < this.since) return;
    const notice = missedNotice(`missed-${thread}`, name || String(contact || address || ''), when);
    if (seen === true) this.notices.clear(notice.app, notice.key);
    else this.tell(notice);
  }

  private event({ id, fields }: SyncRecord): void {
    const notice = eventNotice(id, fields, this.now());
    if (notice) this.tell(notice);
    else this.notices.clear('calendar', keyOf(id));
  }

  private async named({ contact, address }: Fields): Promise<string> {
    return contact || typeof address !== 'string' || !address ? '' : this.nameOf(address);
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
    intent: { view: 'thread', thread: String(thread) },
  };
}

/** A call that nobody took; `from` is "" where the number was withheld. */
export function missedNotice(key: string, from: string, when: number): Notice {
  const title = from || t('push.withheld');
  return { key, app: 'phone', title, text: t('push.missed-call'), when, intent: { view: 'calls' } };
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
  const text = String(value(fields.summary, 3) ?? '');
  return { key: keyOf(id), app: 'calendar', title, text, when: now, intent: { view: 'event', event: id } };
}

function keyOf(event: string): string {
  return `invitation-${event}`;
}

function value(list: unknown, at: number): unknown {
  return (list as unknown[][] | undefined)?.[0]?.[at];
}
