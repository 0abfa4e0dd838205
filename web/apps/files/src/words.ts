/** What went wrong, in the words of the app. */

import { localeTag, problemWords, t } from '@pileus/kit';
import { BridgeError } from '@pileus/sdk';
import { isOfYear, short } from './entry.ts';

export function isOffline(error: unknown): boolean {
  return error instanceof BridgeError && error.code === 'offline';
}

export function why(error: unknown): string {
  const code = error instanceof BridgeError ? error.code : '';
  if (isOffline(error)) return t('files.offline');
  if (code === 'quota-exceeded') return t('files.full');
  if (code === 'file-there') return t('files.there');
  if (code === 'folder-in-itself') return t('files.in-itself');
  if (code === 'not-found') return t('files.gone');
  return problemWords(code, (error as Error).message);
}

/** Under which names files were kept whose own were taken. */
export function savedAs(names: readonly string[]): string {
  if (names.length > 3) return t('files.saved-many', { count: names.length });
  const told = names.map((name) => `“${short(name)}”`);
  return t('files.saved-as', { names: new Intl.ListFormat(localeTag()).format(told) });
}

export function day(ms: number): string {
  return new Date(ms).toLocaleDateString(localeTag(), { dateStyle: 'medium' });
}

/** Short enough for a row of a list: of this year it names day and month alone. */
export function listDay(ms: number): string {
  return isOfYear(ms, new Date()) ? shortDay(ms) : day(ms);
}

/** Within a year of now. */
export function shortDay(ms: number): string {
  return new Date(ms).toLocaleDateString(localeTag(), { day: 'numeric', month: 'short' });
}

export function moment(ms: number): string {
  return new Date(ms).toLocaleString(localeTag(), { dateStyle: 'medium', timeStyle: 'short' });
}
