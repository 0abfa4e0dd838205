/** What the cloud told a device by push, as a notification. */

import { t } from '../../../kit/src/i18n/index.ts';
import type { Notice } from '../deps.ts';
import { missedNotice } from '../notices/arrivals.ts';
import { type Reminder, reminderNotice } from '../notices/reminders.ts';
import { anewNotice, givenNotice } from '../notices/told.ts';
import { askWords } from '../notices/vault-asks.ts';

/** As the cloud's `PushNote` comes (docs/design/push.md). */
export interface Told {
  kind: string;
  tag: string;
  language: 'auto' | 'en' | 'zh';
  data: Readonly<Record<string, unknown>>;
}

/** The note in a message; undefined for what is none. */
export function toldOf(text: string): Told | undefined {
  try {
    const found = JSON.parse(text) as Partial<Told> | null;
    if (typeof found?.kind !== 'string' || typeof found.tag !== 'string') return undefined;
    const language = found.language === 'en' || found.language === 'zh' ? found.language : 'auto';
    const data = typeof found.data === 'object' && found.data ? found.data : {};
    return { kind: found.kind, tag: found.tag, language, data };
  } catch {
    return undefined;
  }
}

/** In the language that is shown; of a kind that a newer cloud may have, that there is something. */
export function noticeOf(told: Told, now: number): Notice {
  if (told.kind === 'reminder' && isReminder(told.data)) return reminderNotice(told.data);
  const { from, text, date_ms } = told.data;
  if (told.kind === 'message' && typeof from === 'string' && typeof text === 'string') {
    const when = Number.isSafeInteger(date_ms) ? (date_ms as number) : now;
    const said = text || (told.data.pictures ? t('notices.picture') : '');
    const intent = { view: 'thread', thread: told.tag.replace(/^message-/, '') };
    return { key: told.tag, app: 'messages', title: from, text: said, when, intent };
  }
  if (told.kind === 'call' && typeof from === 'string')
    return { key: told.tag, app: 'phone', title: from, text: t('push.call'), when: now };
  if (told.kind === 'call-over') {
    const text = t(told.data.answered === true ? 'calls.kind-elsewhere' : 'push.call-over');
    return { key: told.tag, app: 'phone', title: typeof from === 'string' ? from : text, text, when: now };
  }
  if (told.kind === 'missed-call' && typeof from === 'string')
    return missedNotice(told.tag, from, Number.isSafeInteger(date_ms) ? (date_ms as number) : now);
  if (told.kind === 'invitation' && typeof from === 'string') {
    const title = t('push.invitation', { name: from });
    const intent = { view: 'event', event: String(told.data.event ?? '') };
    return {
      key: told.tag,
      app: 'calendar',
      title,
      text: String(told.data.summary ?? ''),
      when: now,
      intent,
    };
  }
  const known =
    told.kind === 'given'
      ? givenNotice(told.tag, told.data)
      : told.kind === 'vault-anew' && anewNotice(told.tag, told.data);
  if (known) return known;
  if (told.kind === 'vault-ask')
    return { ...askWords(String(told.data.name ?? '')), key: told.tag, app: 'files', when: now };
  if (told.kind === 'ring') {
    const text = t('ringing.by', { name: String(told.data.by ?? '') });
    return { key: told.tag, app: 'settings', title: t('ringing.title'), text, when: now };
  }
  const words = told.kind === 'try' ? [t('push.try-title'), t('push.try-text')] : [t('push.news'), ''];
  return { key: told.tag, app: 'settings', title: words[0]!, text: words[1]!, when: now };
}

function isReminder(data: object): data is Reminder {
  const { due_ms, event, start_ms, summary } = data as Partial<Reminder>;
  return (
    Number.isSafeInteger(due_ms) &&
    Number.isSafeInteger(start_ms) &&
    typeof event === 'string' &&
    typeof summary === 'string'
  );
}
