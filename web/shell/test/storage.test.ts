import { afterEach, describe, expect, it } from 'vitest';
import { setLocale } from '../../kit/src/i18n/index.ts';
import type { Fields } from '../../kit/src/sync/types.ts';
import {
  type Care,
  careLines,
  heldWords,
  itemWords,
  NOTICES,
  storageNotices,
} from '../src/settings/storage-rules.ts';

const DAY = 24 * 3600_000;
const NOW = 1_800_000_000_000;
const WELL: Care = { packs: 0, problems: 0, checked_ms: NOW - DAY, copies: true, copied_ms: NOW - DAY };
afterEach(() => setLocale('en'));

const loud = (care: Care) => storageNotices({ ...care } as Fields, undefined, NOW);

describe('how the cloud’s data is', () => {
  it('is silent while all is well, and in an account that does not run the cloud', () => {
    expect(loud(WELL)).toEqual([]);
    expect(storageNotices(undefined, undefined, NOW)).toEqual([]);
    expect(careLines(WELL, NOW).map((line) => line.title)).toEqual([
      'Last checked yesterday',
      'Last second copy yesterday',
    ]);
  });

  it('is loud when packs cannot be read, and when a check or the copy is old or failed', () => {
    expect(loud({ ...WELL, packs: 2 })).toMatchObject([
      { key: 'storage-broken', app: 'settings', ongoing: true, stays: true },
    ]);
    expect(loud({ ...WELL, packs: 2 })[0]?.text).toContain('2 packs are damaged');
    expect(loud({ ...WELL, checked_ms: NOW - 9 * DAY })[0]?.title).toBe('Last checked 9 days ago');
    expect(loud({ ...WELL, copied_ms: NOW - 9 * DAY })[0]?.title).toBe('Last second copy 9 days ago');
    expect(loud({ ...WELL, copy_code: 'store-unavailable' })[0]?.text).toContain('does not answer');
    expect(loud({ packs: 0, checked_ms: NOW, copies: true, copy_code: 'nobody-knows' })[0]).toMatchObject({
      title: 'No second copy yet',
      text: 'The second copy failed.',
    });
    expect(loud({ ...WELL, copy_lacks: 1 })[0]?.text).toBe('It lacks 1 pack or folder that cannot be read.');
    expect(loud({ ...WELL, copy_damaged: 2 })[0]?.text).toContain('2 packs in it are damaged');
    setLocale('zh');
    expect(loud({ ...WELL, copied_ms: NOW - 9 * DAY })[0]?.title).toBe('上次第二副本：9天前');
  });

  it('says in the settings, and not in the shade, that there is no copy or that it can be deleted', () => {
    const none = { packs: 0, checked_ms: NOW, copies: false };
    expect(loud(none)).toEqual([]);
    expect(careLines(none, NOW).map((line) => line.title)).toContain(
      'There is no second copy of this cloud.',
    );
    const weak = { ...WELL, copy_weak: ['overwrite', 'delete'] };
    expect(loud(weak)).toEqual([]);
    const texts = careLines(weak, NOW)
      .slice(-2)
      .map((line) => line.text);
    expect(texts[0]).toContain('overwrite the second copy');
    expect(texts[1]).toContain('delete the second copy');
    const folder = careLines({ ...WELL, copy_weak: ['folder'] }, NOW).at(-1);
    expect(folder?.text).toContain('folder of the second copy');
    const kept = careLines({ ...WELL, copy_weak: ['versions'] }, NOW).at(-1);
    expect(kept?.text).toContain('keeps earlier versions');
  });
});

it('which of one’s own files is damaged is told by name', () => {
  const items = [
    { area: 'files', name: '旅行/西湖.jpg', size: 2000, lost: 1000 },
    { area: 'messages', name: '', size: 10, lost: 10 },
  ];
  const [notice, ...others] = storageNotices(undefined, { count: 5, items }, NOW);
  expect(others).toEqual([]);
  expect(NOTICES).toContain(notice?.key);
  expect(notice?.title).toBe('5 items of yours cannot be read');
  expect(notice?.text).toContain('旅行/西湖.jpg');
  expect(notice?.text).toContain('A message’s attachment');
  expect(notice?.text).toContain('and 3 more');
  expect(itemWords(items[0]!)).toEqual({ title: '旅行/西湖.jpg', text: '1 kB of 2 kB lost' });
});

it('what backups alone hold is told by its size, and not where there is nothing', () => {
  expect(heldWords(0)).toBeUndefined();
  expect(heldWords(300_000)?.title).toBe('300 kB held by backups');
});
