/** What the settings and the shade say of how the stored data is; pure. */

import { bytes, localeTag, problemWords, t } from '../../../kit/src/i18n/index.ts';
import type { Fields } from '../../../kit/src/sync/types.ts';
import { SETTINGS } from '../apps/apps.ts';
import type { Notice } from '../deps.ts';
import { ago, DAY } from './ago.ts';

export const STORAGE = 'storage.state';
export const CARE = 'care';
export const DAMAGE = 'damage';
/** Days after which the last check, or the last second copy, is old: both are daily. */
const OLD_DAYS = 3;
/** How what has no name is called. */
const AREAS: Readonly<Record<string, string>> = {
  files: 'storage.area-files',
  contacts: 'storage.area-contacts',
  messages: 'storage.area-messages',
  backups: 'storage.area-backups',
};
const WEAK = {
  overwrite: 'storage.weak-overwrite',
  delete: 'storage.weak-delete',
  folder: 'storage.weak-folder',
} as const;

/** What the record `care` says; owners of the cloud have it. */
export interface Care {
  packs?: number;
  problems?: number;
  checked_ms?: number;
  check_code?: string;
  copies?: boolean;
  copied_ms?: number;
  copy_code?: string;
  copy_lacks?: number;
  copy_damaged?: number;
  copy_weak?: readonly string[];
}

export interface DamagedItem {
  area: string;
  name: string;
  size: number;
  lost: number;
}

/** What the record `damage` says; accounts of which something cannot be read have it. */
export interface Damage {
  count?: number;
  items?: readonly DamagedItem[];
}

/** A line of the settings. `alarm`: its owner has to do something, and the shade says so, too. */
export interface Line {
  key: string;
  title: string;
  text: string;
  alarm: boolean;
}

/** How the cloud's data is: what cannot be read, the last check, the second copy. */
export function careLines(care: Care, now: number): Line[] {
  const lines: Line[] = [];
  const { packs = 0, problems = 0 } = care;
  if (packs > 0 || problems > 0)
    lines.push({
      key: 'broken',
      title: t('storage.broken'),
      text: packs > 0 ? t('storage.broken-text', { count: packs }) : t('storage.wrong-text'),
      alarm: true,
    });
  lines.push(checkLine(care, now), copyLine(care, now));
  const weak = care.copies ? (care.copy_weak ?? []) : [];
  for (const how of ['overwrite', 'delete', 'folder'] as const)
    if (weak.includes(how))
      lines.push({ key: 'weak', title: t('storage.weak'), text: t(WEAK[how]), alarm: false });
  if (weak.includes('versions'))
    lines.push({ key: 'weak', title: t('storage.versions'), text: t('storage.versions-text'), alarm: false });
  return lines;
}

function checkLine(care: Care, now: number): Line {
  const failed = care.check_code ? problemWords(care.check_code, t('storage.unchecked')) : '';
  const old = isOld(care.checked_ms, now) ? t('storage.unchecked') : '';
  return {
    key: 'check',
    title: care.checked_ms
      ? t('storage.checked', { when: ago(care.checked_ms, now) })
      : t('storage.never-checked'),
    text: failed || old,
    alarm: failed !== '' || old !== '',
  };
}

function copyLine(care: Care, now: number): Line {
  if (!care.copies) return { key: 'copy', title: t('storage.copy-none'), text: '', alarm: false };
  const failed = care.copy_code ? problemWords(care.copy_code, t('storage.copy-failed')) : '';
  const old = isOld(care.copied_ms, now) ? t('storage.copy-old') : '';
  const damaged = care.copy_damaged ? t('storage.copy-damaged', { count: care.copy_damaged }) : '';
  const lacks = care.copy_lacks ? t('storage.copy-lacks', { count: care.copy_lacks }) : '';
  return {
    key: 'copy',
    title: care.copied_ms
      ? t('storage.copied', { when: ago(care.copied_ms, now) })
      : t('storage.never-copied'),
    text: failed || damaged || old || lacks,
    alarm: [failed, damaged, old, lacks].some((one) => one !== ''),
  };
}

/** Bytes of what was deleted and is kept for backups alone, as the last daily work found; undefined for none. */
export function heldWords(held: number): { title: string; text: string } | undefined {
  if (held <= 0) return undefined;
  return { title: t('storage.held', { size: bytes(held) }), text: t('storage.held-lead') };
}

/** What it is, and how much of it is lost. */
export function itemWords(item: DamagedItem): { title: string; text: string } {
  return {
    title: item.name || t(AREAS[item.area] ?? 'storage.area-other'),
    text: t('storage.part', { lost: bytes(item.lost), size: bytes(item.size) }),
  };
}

/** Loud: they stay in the shade until it is mended. */
export function storageNotices(care: Fields | undefined, damage: Fields | undefined, now: number): Notice[] {
  const notices = careLines((care ?? {}) as Care, now)
    .filter((line) => line.alarm)
    .map((line) => notice(line.key, line.title, line.text, now));
  const { count = 0, items = [] } = (damage ?? {}) as Damage;
  if (count > 0) {
    const names = items.slice(0, 3).map((item) => itemWords(item).title);
    const list = new Intl.ListFormat(localeTag(), { type: 'unit' }).format(names);
    const more = count > names.length ? ` ${t('storage.more', { count: count - names.length })}` : '';
    const text = `${list}${more}. ${t('storage.damaged-lead')}`;
    notices.push(notice('damage', t('storage.damaged', { count }), text, now));
  }
  return notices;
}

/** The keys of all notices that there may be. */
export const NOTICES: readonly string[] = ['broken', 'check', 'copy', 'damage'].map(
  (key) => `storage-${key}`,
);

function notice(key: string, title: string, text: string, when: number): Notice {
  return { key: `storage-${key}`, app: SETTINGS, title, text, when, ongoing: true, stays: true };
}

function isOld(at: number | undefined, now: number): boolean {
  return typeof at === 'number' && now - at > OLD_DAYS * DAY;
}
