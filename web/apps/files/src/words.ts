/** What went wrong, in the words of the app. */

import { localeTag, problemWords, t } from '@pileus/kit';
import { BridgeError } from '@pileus/sdk';

export function why(error: unknown): string {
  const code = error instanceof BridgeError ? error.code : '';
  if (code === 'offline') return t('files.offline');
  if (code === 'quota-exceeded') return t('files.full');
  return problemWords(code, (error as Error).message);
}

export function day(ms: number): string {
  return new Date(ms).toLocaleDateString(localeTag(), { dateStyle: 'medium' });
}

/** Within a year of now. */
export function shortDay(ms: number): string {
  return new Date(ms).toLocaleDateString(localeTag(), { day: 'numeric', month: 'short' });
}

export function moment(ms: number): string {
  return new Date(ms).toLocaleString(localeTag(), { dateStyle: 'medium', timeStyle: 'short' });
}

/** Gives a file to the browser, which keeps it. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
