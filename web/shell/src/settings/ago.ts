/** How long ago something was, in the language that is shown; pure. */

import { localeTag, t } from '../../../kit/src/i18n/index.ts';

export const DAY = 24 * 3600_000;

/** "9 days ago", "3 hours ago", "5 minutes ago", "just now". */
export function ago(at: number, now: number): string {
  const days = Math.floor((now - at) / DAY);
  const hours = Math.floor((now - at) / 3600_000);
  const relative = new Intl.RelativeTimeFormat(localeTag(), { numeric: 'auto' });
  if (days > 0) return relative.format(-days, 'day');
  if (hours > 0) return relative.format(-hours, 'hour');
  const minutes = Math.floor((now - at) / 60_000);
  return minutes > 0 ? relative.format(-minutes, 'minute') : t('backup.just-now');
}
