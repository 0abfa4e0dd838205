import { afterEach, describe, expect, it } from 'vitest';
import { setLocale } from '../../kit/src/i18n/index.ts';
import type { App } from '../src/deps.ts';
import {
  backupNotice,
  foldersNotice,
  foldersOf,
  forgottenWords,
  foundWords,
  isAlarm,
  itemName,
  itemWords,
  lastWords,
  openJob,
  phonesOwn,
  RESTORE,
  reportWords,
  sizeWords,
} from '../src/settings/backup-rules.ts';

const DAY = 24 * 3600_000;
const NOW = 1_800_000_000_000;
afterEach(() => setLocale('en'));

describe('the last backup', () => {
  it('is told in words', () => {
    expect(lastWords({}, NOW)).toBe('Not backed up yet');
    expect(lastWords({ last_ms: NOW - 9 * DAY }, NOW)).toBe('Last backup 9 days ago');
    expect(lastWords({ last_ms: NOW - 3 * 3600_000 }, NOW)).toBe('Last backup 3 hours ago');
    expect(lastWords({ last_ms: NOW - 59_000 }, NOW)).toBe('Last backup just now');
    expect(lastWords({ last_ms: NOW - 61_000 }, NOW)).toBe('Last backup 1 minute ago');
    setLocale('zh');
    expect(lastWords({ last_ms: NOW - 9 * DAY }, NOW)).toBe('上次备份：9天前');
  });

  it('is loud when it is old, or failed, and silent otherwise', () => {
    expect(backupNotice(undefined, NOW)).toBeUndefined();
    expect(backupNotice(undefined, NOW, NOW - 2 * DAY)).toBeUndefined();
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

it('a phone that was never backed up is loud when its account is old', () => {
  expect(backupNotice(undefined, NOW, NOW - 4 * DAY)?.title).toBe('Not backed up yet');
  expect(backupNotice({ last_ms: NOW - DAY }, NOW, NOW - 400 * DAY)).toBeUndefined();
});

it('what is in a backup has a name that its owner knows, also where its record has none', () => {
  const item = (id: string, label = '') => ({ id, label, state: 'same', who: '', at_ms: 0 }) as const;
  const notes = {
    id: 'notes',
    label: 'Notes',
    manifest: { pileus: { names: { zh: '笔记' } } },
  } as unknown as App;
  const name = (collection: string, id: string, label = '') => itemName(collection, item(id, label), [notes]);
  expect(name('calendar.event', 'uid-1', 'Tea class')).toBe('Tea class');
  expect(name('calendar.event', 'uid-1')).toBe('Without a name');
  expect(name('shell.home', 'notes')).toBe('Notes');
  expect(name('shell.home', 'gone')).toBe('gone');
  expect(name('shell.home', 'look', 'night')).toBe('Wallpaper');
  expect(name('shell.setting', 'preferences')).toBe('Settings');
  setLocale('zh');
  expect(name('shell.home', 'notes')).toBe('笔记');
});

describe('folders of a computer', () => {
  const made = (days: number[], more = {}) =>
    days.map((day) => ({
      id: `s${day}`,
      fields: { host: 'laptop', paths: ['/home/mei'], time_ms: NOW - day * DAY, ...more },
    }));

  it('are told when their backups stopped', () => {
    const [stopped] = foldersOf(made([12, 9, 11, 10]), NOW);
    expect(stopped).toMatchObject({
      host: 'laptop',
      paths: ['/home/mei'],
      last_ms: NOW - 9 * DAY,
      stopped: true,
    });
    expect(stopped?.snapshots.map((one) => one.id)).toEqual(['s9', 's10', 's11', 's12']);
    const notice = foldersNotice(foldersOf(made([9, 10, 11, 12]), NOW), NOW);
    expect(notice).toMatchObject({ title: 'laptop is backed up no more', ongoing: true });
    expect(notice?.text).toBe('laptop: /home/mei – Last backup 9 days ago');
  });

  it('are not while they go on, were never regular, or are gone for good', () => {
    for (const days of [[2, 3, 4, 5], [9], [9, 10], [20, 80, 140], [8, 14, 20, 26], [40, 41, 42, 43]])
      expect(foldersNotice(foldersOf(made(days), NOW), NOW), String(days)).toBeUndefined();
    expect(foldersOf(made([40, 41, 42]), NOW)[0]?.stopped).toBe(true);
  });

  it('are apart from the phone and from each other', () => {
    const others = [...made([1], { host: 'phone', tags: ['phone'] }), ...made([1], { paths: ['/srv'] })];
    expect(foldersOf([...made([2]), ...others], NOW).map((one) => one.paths)).toEqual([
      ['/srv'],
      ['/home/mei'],
    ]);
  });
});

it('a backup that was deleted says what room is free again', () => {
  expect(forgottenWords(2_000_000)).toBe('The backup was deleted. 2 MB are free again.');
  expect(forgottenWords(0)).toContain('The backup is deleted');
});

it('of the last backup that is left after a deletion it is not told how many items it has', () => {
  // As many as are listed in it: apps.app, which comes back by itself, is not.
  const counts = { 'notes.note': 1, 'messages.call': 0, 'apps.app': 7 };
  expect(sizeWords({ last_ms: NOW, counts, apps: 1, bytes: 3000 })).toBe('2 items, 3 kB');
  expect(sizeWords({ last_ms: NOW, bytes: 3000 })).toBe('3 kB');
});

it('a folder on the way to what was backed up has no time', () => {
  expect(foundWords(0, '', () => '1 Jan 1970')).toBe('');
  expect(foundWords(5, '3 kB', String)).toBe('5 · 3 kB');
});

it('the phone’s own backups are counted', () => {
  const one = (host: string, tags: string[]) => ({ fields: { host, tags } });
  expect(phonesOwn([one('phone', ['phone']), one('laptop', []), one('phone', [])])).toBe(1);
});

it('a restore is told with what it left out', () => {
  const report = { restored: 2, unchanged: 3, incomplete: 0, skipped: 0, cancelled: false };
  expect(reportWords(report)).toBe('2 items restored.');
  expect(reportWords({ ...report, restored: 1, skipped: 2 })).toBe(
    '1 item restored. 2 could not be restored.',
  );
  expect(reportWords({ ...report, incomplete: 1 })).toBe(
    '2 items restored. 1 of them without its attachment or picture.',
  );
  expect(reportWords({ ...report, restored: 0 })).toBe('All of it is on the phone as it was.');
  expect(reportWords({ ...report, cancelled: true })).toBe('2 items restored. Then it was cancelled.');
});

it('a restore that goes on is found again', () => {
  const job = (id: string, name: string, state: string) => ({ id, fields: { name, state } });
  const others = [job('a', 'backups.phone', 'running'), job('b', 'backups.restore', 'done')];
  expect(openJob(others, RESTORE)).toBeUndefined();
  expect(openJob([...others, job('c', 'backups.restore', 'waiting')], RESTORE)?.id).toBe('c');
});

it('an item of a backup says with whom it was and when, where that is told', () => {
  const item = { id: 'm', label: 'See you', state: 'missing', who: 'Mei', at_ms: 5 } as const;
  expect(itemWords(item, (ms) => `at ${ms}`)).toBe('Mei · at 5 · Not on the phone');
  expect(itemWords({ ...item, who: '', at_ms: 0 }, () => 'never')).toBe('Not on the phone');
});
