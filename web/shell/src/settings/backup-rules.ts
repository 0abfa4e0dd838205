/** What the settings and the shade say of the phone's backups; pure. */

import { bytes, localeTag, problemWords, t } from '../../../kit/src/i18n/index.ts';
import type { Fields } from '../../../kit/src/sync/types.ts';
import { SETTINGS } from '../apps/apps.ts';
import type { Notice } from '../deps.ts';

export const BACKUP = 'backups.phone';
export const STATE = 'state';
/** Days after which the last backup is old: the cloud makes one a day. */
const OLD_DAYS = 3;
const DAY = 24 * 3600_000;
/** What is in a backup and comes back from it, in the order in which it is told, and how it is called. */
export const COLLECTIONS: Readonly<Record<string, string>> = {
  'messages.message': 'backup.messages',
  'messages.call': 'backup.calls',
  'messages.draft': 'backup.drafts',
  'contacts.contact': 'backup.contacts',
  'calendar.calendar': 'backup.calendars',
  'calendar.event': 'backup.events',
  'notes.note': 'backup.notes',
  'shell.home': 'backup.home',
  'shell.setting': 'backup.settings',
};
/** No collection's name. */
export const APPS = 'apps';
export const STATES = {
  same: 'backup.state-same',
  differs: 'backup.state-differs',
  missing: 'backup.state-missing',
} as const;

/** What the record `backups.phone` says. */
export interface State {
  last_ms?: number;
  records?: number;
  bytes?: number;
  failed_ms?: number;
  failed_code?: string;
}

export interface Snapshot {
  id: string;
  time_ms: number;
  bytes: number;
}

export interface Skipped {
  item: string;
  label: string;
  code: string;
}

export interface AppKept {
  app: string;
  label: string;
  bytes: number;
}

/** What a backup says of itself. */
export interface About {
  collections: Readonly<Record<string, number>>;
  apps: readonly AppKept[];
  skipped: readonly Skipped[];
}

export interface Report {
  restored: number;
  unchanged: number;
  skipped_count: number;
  skipped: readonly Skipped[];
}

/** Whether its owner has to hear of it. */
export function isAlarm(state: State, now: number): boolean {
  return (
    state.failed_code !== undefined || (state.last_ms !== undefined && now - state.last_ms > OLD_DAYS * DAY)
  );
}

/** "Last backup 9 days ago". */
export function lastWords(state: State, now: number): string {
  if (state.last_ms === undefined) return t('backup.never');
  const days = Math.floor((now - state.last_ms) / DAY);
  const ago = new Intl.RelativeTimeFormat(localeTag(), { numeric: 'auto' });
  const hours = Math.floor((now - state.last_ms) / 3600_000);
  const when =
    days > 0 ? ago.format(-days, 'day') : hours > 0 ? ago.format(-hours, 'hour') : t('backup.just-now');
  return t('backup.last', { when });
}

export function sizeWords(state: State): string {
  return t('backup.size', { count: state.records ?? 0, size: bytes(state.bytes ?? 0) });
}

/** Loud: it stays in the shade until there is a backup again. */
export function backupNotice(fields: Fields | undefined, now: number): Notice | undefined {
  const state = (fields ?? {}) as State;
  if (!isAlarm(state, now)) return undefined;
  const why = state.failed_code ? problemWords(state.failed_code, t('backup.failed')) : t('backup.old');
  return {
    key: 'backup',
    app: SETTINGS,
    title: lastWords(state, now),
    text: why,
    when: now,
    ongoing: true,
    stays: true,
  };
}

export function reportWords(report: Report): string {
  const done = t('backup.restored', { count: report.restored });
  const left = report.skipped_count > 0 ? ` ${t('backup.skipped', { count: report.skipped_count })}` : '';
  return report.restored === 0 && !left ? t('backup.nothing-to-restore') : done + left;
}
