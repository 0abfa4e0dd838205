/** What the settings and the shade say of the phone's backups; pure. */

import { bytes, locale, problemWords, t } from '../../../kit/src/i18n/index.ts';
import type { Fields } from '../../../kit/src/sync/types.ts';
import { labelOf, SETTINGS } from '../apps/apps.ts';
import type { App, Notice } from '../deps.ts';
import { ago, DAY } from './ago.ts';

export const BACKUP = 'backups.phone';
export const STATE = 'state';
/** Days after which the last backup is old: the cloud makes one a day. */
const OLD_DAYS = 3;
export const SNAPSHOTS = 'backups.snapshot';
/** A folder is backed up regularly when so many of its last backups lie at most so many days apart (the median). */
const REGULAR = { backups: 3, days: 7, looked: 8 };
/** It stopped when there is none for three such distances, or the days above; it is told of for so many days. */
const STOPPED = { distances: 3, told: 30 };
/** What is in a backup and comes back from it, in the order in which it is told, and how it is called. */
export const COLLECTIONS: Readonly<Record<string, string>> = {
  'messages.message': 'backup.messages',
  'messages.call': 'backup.calls',
  'messages.draft': 'backup.drafts',
  'messages.block': 'backup.blocks',
  'messages.archive': 'backup.archives',
  'contacts.contact': 'backup.contacts',
  'calendar.calendar': 'backup.calendars',
  'calendar.event': 'backup.events',
  'notes.note': 'backup.notes',
  'shell.home': 'backup.home',
  'shell.setting': 'backup.settings',
};
/** The record of the home screen that is no app's. */
const LOOK = 'look';
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
  /** Records of each collection, and apps with files of their own: of backups since they are counted by kind. */
  counts?: Readonly<Record<string, number>>;
  apps?: number;
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

/** A record in a backup; `who` "" and `at_ms` 0 where it tells neither. */
export interface Item {
  id: string;
  label: string;
  state: keyof typeof STATES;
  who: string;
  at_ms: number;
}

/** What a backup says of itself. */
export interface About {
  collections: Readonly<Record<string, number>>;
  apps: readonly AppKept[];
  skipped: readonly Skipped[];
}

export const JOBS = 'jobs.job';
export const RESTORE = 'backups.restore';

/** What a restore's job counted; `incomplete` are among the restored. */
export interface Report {
  restored: number;
  incomplete: number;
  unchanged: number;
  skipped: number;
  cancelled: boolean;
}

export interface Entry {
  item: string;
  label: string;
  outcome: 'restored' | 'incomplete' | 'skipped';
  code?: string;
}

type Job = { id: string; fields: Fields };

/** The job of this name that goes on, of all jobs. */
export function openJob(jobs: readonly Job[], name: string): Job | undefined {
  return jobs.find(
    ({ fields }) => fields.name === name && (fields.state === 'waiting' || fields.state === 'running'),
  );
}

/** What an item of a backup is called: the home screen's are of apps, the wallpaper, and the settings are one. */
export function itemName(collection: string, { id, label }: Item, apps: readonly App[]): string {
  if (collection === 'shell.setting') return t('backup.settings');
  if (collection !== 'shell.home') return label || t('backup.nameless');
  if (id === LOOK) return t('settings.wallpaper');
  const app = apps.find((one) => one.id === id);
  return app ? labelOf(app, locale()) : id;
}

/** What is under an item of a backup: who it is of, when it was, and whether the phone has it. */
export function itemWords({ who, at_ms, state }: Item, when: (ms: number) => string): string {
  return [who, at_ms > 0 ? when(at_ms) : '', t(STATES[state])].filter(Boolean).join(' · ');
}

/** What is under a file or folder of a computer; those on the way to what was backed up have no time. */
export function foundWords(modified_ms: number, size: string, when: (ms: number) => string): string {
  return [modified_ms > 0 ? when(modified_ms) : '', size].filter(Boolean).join(' · ');
}

/** When a backup was made. */
export type Made = Pick<Snapshot, 'id' | 'time_ms'>;

/** Folders of a computer, backed up together by `pileus backup`. */
export interface Folders {
  host: string;
  paths: readonly string[];
  last_ms: number;
  /** The newest first. */
  snapshots: readonly Made[];
  /** They were backed up regularly, and are no more. */
  stopped: boolean;
}

/**
 * Whether its owner has to hear of it. `since`: when the account was made, where that is known: a phone that was
 * never backed up is as old as its account.
 */
export function isAlarm(state: State, now: number, since?: number): boolean {
  const last = state.last_ms ?? since;
  return state.failed_code !== undefined || (last !== undefined && now - last > OLD_DAYS * DAY);
}

/** What `pileus backup` made, by computer and folders, the newest first. */
export function foldersOf(records: readonly { id: string; fields: Fields }[], now: number): Folders[] {
  const groups = new Map<string, Made[]>();
  for (const { id, fields } of records) {
    const paths = texts(fields.paths);
    if (isPhones(fields) || typeof fields.time_ms !== 'number' || paths.length === 0) continue;
    const key = JSON.stringify([String(fields.host ?? ''), paths]);
    groups.set(key, [...(groups.get(key) ?? []), { id, time_ms: fields.time_ms }]);
  }
  return [...groups]
    .map(([key, snapshots]) => {
      const [host, paths] = JSON.parse(key) as [string, string[]];
      snapshots.sort((a, b) => b.time_ms - a.time_ms);
      const newest = snapshots.slice(0, REGULAR.looked).map((one) => one.time_ms);
      return { host, paths, last_ms: newest[0] ?? 0, snapshots, stopped: hasStopped(newest, now) };
    })
    .sort((a, b) => b.last_ms - a.last_ms);
}

/** `times` by falling time. */
function hasStopped(times: readonly number[], now: number): boolean {
  const apart = times.slice(1).map((time, at) => (times[at] ?? 0) - time);
  const usual = apart.sort((a, b) => a - b)[Math.floor(apart.length / 2)] ?? 0;
  if (times.length < REGULAR.backups || usual > REGULAR.days * DAY) return false;
  return now - (times[0] ?? 0) > Math.max(OLD_DAYS * DAY, STOPPED.distances * usual);
}

function isPhones(fields: Fields): boolean {
  return fields.host === 'phone' && texts(fields.tags).includes('phone');
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Of folders whose backups stopped not too long ago: a computer that is gone for good is not told of for ever. */
export function foldersNotice(folders: readonly Folders[], now: number): Notice | undefined {
  const stopped = folders.filter((one) => one.stopped && now - one.last_ms < STOPPED.told * DAY);
  const first = stopped[0];
  if (!first) return undefined;
  const named = (one: Folders) => `${one.host}: ${one.paths.join(', ')}`;
  return {
    key: 'backup-folders',
    app: SETTINGS,
    title: t('backup.folders-stopped', { host: first.host }),
    text: stopped.map((one) => `${named(one)} – ${lastWords(one, now)}`).join('\n'),
    when: now,
    ongoing: true,
    stays: true,
  };
}

/** "Last backup 9 days ago". */
export function lastWords(state: Pick<State, 'last_ms'>, now: number): string {
  if (state.last_ms === undefined) return t('backup.never');
  return t('backup.last', { when: ago(state.last_ms, now) });
}

/** As many items as are listed in it. */
export function sizeWords(state: State): string {
  const size = bytes(state.bytes ?? 0);
  if (state.counts === undefined) return size;
  const records = Object.keys(COLLECTIONS).map((name) => state.counts?.[name] ?? 0);
  const count = records.reduce((a, b) => a + b, state.apps ?? 0);
  return count === 0 ? size : t('backup.size', { count, size });
}

/** Loud: it stays in the shade until there is a backup again. */
export function backupNotice(fields: Fields | undefined, now: number, since?: number): Notice | undefined {
  const state = (fields ?? {}) as State;
  if (!isAlarm(state, now, since)) return undefined;
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

/** What became of a backup that was deleted; `freed`: bytes of the account's room. */
export function forgottenWords(freed: number): string {
  return freed > 0 ? t('backup.forgotten', { size: bytes(freed) }) : t('backup.forgotten-shared');
}

/** How many backups of the phone there are. */
export function phonesOwn(records: readonly { fields: Fields }[]): number {
  return records.filter(({ fields }) => isPhones(fields)).length;
}

export function reportWords(report: Report): string {
  const words = [t('backup.restored', { count: report.restored })];
  if (report.incomplete > 0) words.push(t('backup.incomplete', { count: report.incomplete }));
  if (report.skipped > 0) words.push(t('backup.skipped', { count: report.skipped }));
  if (report.cancelled) words.push(t('backup.cancelled'));
  return report.restored === 0 && words.length === 1 ? t('backup.nothing-to-restore') : words.join(' ');
}
