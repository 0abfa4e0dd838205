/** Reminders of the calendar: the cloud says when they fall due, the phone tells of them then. */

import { localeTag, t, time } from '../../../kit/src/i18n/index.ts';
import type { Api, Notice, Notices } from '../deps.ts';

export interface Reminder {
  due_ms: number;
  event: string;
  start_ms: number;
  summary: string;
}

/** Where the phone writes down until when it has told. */
export interface Told {
  get(): number | undefined;
  set(ms: number): void;
}

const HOUR = 3_600_000;
/** Asked for at once; and for how long one that fell due while no phone was on is still told. */
const SPAN = 24 * HOUR;
const AGAIN = 6 * HOUR;
/** Changes come in swarms. */
const SOON = 1500;

export class Reminders {
  /** Those that are waited for. */
  private waiting = new Map<string, { reminder: Reminder; timer: ReturnType<typeof setTimeout> }>();
  private asking: ReturnType<typeof setTimeout> | undefined;
  private shown = new Map<string, Reminder>();
  private turn = 0;

  constructor(
    private readonly api: Pick<Api, 'get'>,
    private readonly notices: Notices,
    private readonly told: Told,
    /** Is told when the next one falls due, in ms since 1970; null for none. */
    private readonly next: (due: number | null) => void = () => undefined,
  ) {}

  /** Asks the cloud anew, in a moment. */
  soon(): void {
    this.ask(SOON);
  }

  stop(): void {
    this.turn++;
    clearTimeout(this.asking);
    this.leaveAll();
    this.next(null);
  }

  /** The device slept, and no timer went on: what fell due meanwhile is told, with or without the cloud. */
  woke(): void {
    const waiting = [...this.waiting.values()].map(({ reminder }) => reminder);
    this.leaveAll();
    for (const reminder of waiting) this.wait(reminder);
    this.tellNext();
    this.soon();
  }

  /** Those that are still in the shade, in the language of now. */
  retell(): void {
    const there = new Set(this.notices.all().map((notice) => notice.key));
    for (const [key, reminder] of this.shown)
      if (there.has(key)) this.notices.post(reminderNotice(reminder));
      else this.shown.delete(key);
  }

  private ask(wait: number): void {
    clearTimeout(this.asking);
    this.asking = setTimeout(() => void this.read(), wait);
  }

  private async read(): Promise<void> {
    const turn = ++this.turn;
    const now = Date.now();
    // A device that is new here tells nothing of the past.
    const since = Math.max(this.told.get() ?? now, now - SPAN);
    const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
    const path = `/calendar/reminders?from=${since}&to=${now + SPAN}&zone=${zone}`;
    const answer = await this.api.get<{ reminders: Reminder[] }>(path).catch(() => undefined);
    if (turn !== this.turn) return;
    this.ask(AGAIN);
    if (!answer) return; // whoever sees that the cloud is back asks again
    this.leaveAll();
    if (this.told.get() === undefined) this.told.set(now);
    for (const reminder of answer.reminders) this.wait(reminder);
    this.tellNext();
  }

  private wait(reminder: Reminder): void {
    const key = keyOf(reminder);
    const left = reminder.due_ms - Date.now();
    if (left <= 0) return this.tell(reminder);
    const due = () => {
      this.tell(reminder);
      this.tellNext();
    };
    this.waiting.set(key, { reminder, timer: setTimeout(due, left) });
  }

  private tell(reminder: Reminder): void {
    const key = keyOf(reminder);
    this.waiting.delete(key);
    this.shown.set(key, reminder);
    this.notices.post(reminderNotice(reminder));
    this.told.set(Math.max(this.told.get() ?? 0, reminder.due_ms + 1));
  }

  private leaveAll(): void {
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
  }

  private tellNext(): void {
    const dues = [...this.waiting.values()].map(({ reminder }) => reminder.due_ms);
    this.next(dues.length > 0 ? Math.min(...dues) : null);
  }
}

export function reminderNotice(reminder: Reminder): Notice {
  return {
    key: keyOf(reminder),
    app: 'calendar',
    title: reminder.summary || t('reminder.untitled'),
    text: beginning(new Date(reminder.start_ms), new Date(reminder.due_ms)),
    when: reminder.due_ms,
    intent: { view: 'event', event: reminder.event, start: reminder.start_ms },
  };
}

/** When it begins, as seen from when its reminder fell due. */
function beginning(start: Date, due: Date): string {
  const midnight = start.getHours() === 0 && start.getMinutes() === 0;
  if (start.toDateString() === due.toDateString() && !midnight)
    return t('reminder.at', { when: time(start) });
  const day = start.toLocaleDateString(localeTag(), { weekday: 'long', day: 'numeric', month: 'long' });
  return t('reminder.at', { when: midnight ? day : `${day} ${time(start)}` });
}

function keyOf({ event, due_ms, start_ms }: Reminder): string {
  return `reminder-${event}-${start_ms}-${due_ms}`;
}
