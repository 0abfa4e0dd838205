import { afterEach, describe, expect, it } from 'vitest';
import { setLocale } from '../../kit/src/i18n/index.ts';
import { backupNotice, isAlarm, lastWords, reportWords } from '../src/settings/backup-rules.ts';

const DAY = 24 * 3600_000;
const NOW = 1_800_000_000_000;
afterEach(() => setLocale('en'));

describe('the last backup', () => {
  it('is told in words', () => {
    expect(lastWords({}, NOW)).toBe('Not backed up yet');
    expect(lastWords({ last_ms: NOW - 9 * DAY }, NOW)).toBe('Last backup 9 days ago');
    expect(lastWords({ last_ms: NOW - 3 * 3600_000 }, NOW)).toBe('Last backup 3 hours ago');
    expect(lastWords({ last_ms: NOW - 60_000 }, NOW)).toBe('Last backup just now');
    setLocale('zh');
    expect(lastWords({ last_ms: NOW - 9 * DAY }, NOW)).toBe('上次备份：9天前');
  });

  it('is loud when it is old, or failed, and silent otherwise', () => {
    expect(backupNotice(undefined, NOW)).toBeUndefined();
    expect(backupNotice({ last_ms: NOW - 2 * DAY }, NOW)).toBeUndefined();
    const old = backupNotice({ last_ms: NOW - 9 * DAY }, NOW);
    expect(old).toMatchObject({
      app: 'settings',
      title: 'Last backup 9 days ago',
      ongoing: true,
      stays: true,
    });
    expect(isAlarm({ last_ms: NOW, failed_code: 'quota-exceeded' }, NOW)).toBe(true);
    expect(backupNotice({ last_ms: NOW, failed_code: 'quota-exceeded' }, NOW)?.text).toContain(
      'storage is full',
    );
  });
});

it('a restore is told with what it left out', () => {
  const report = { restored: 2, unchanged: 3, skipped_count: 0, skipped: [] };
  expect(reportWords(report)).toBe('2 items restored.');
  expect(reportWords({ ...report, restored: 1, skipped_count: 2 })).toBe(
    '1 item restored. 2 could not be restored.',
  );
  expect(reportWords({ ...report, restored: 0 })).toBe('All of it is on the phone as it was.');
});
