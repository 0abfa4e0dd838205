import { beforeEach, expect, it } from 'vitest';
import { setLocale } from '../../kit/src/i18n/index.ts';
import type { Fields, SyncRecord } from '../../kit/src/sync/types.ts';
import { NoticeStore } from '../src/notices/notices.ts';
import { isTold, Told } from '../src/notices/told.ts';

const NOW = 1_800_000_000_000;
const DAY = 24 * 3_600_000;
const GIVEN = 'files.given';
const ANEW = 'files.vault-anew';
const FILE = { from: 'mei', file: 'f', name: 'a.txt', folder: false, given_ms: NOW };

beforeEach(() => setLocale('en'));

function phone(fresh = false) {
  const records = new Map<string, SyncRecord>();
  const listeners = new Map<string, (ids: string[]) => void>();
  const notices = new NoticeStore();
  const unshown: string[] = [];
  const sync = {
    get: async (_: string, id: string) => records.get(id),
    subscribe: (collection: string, listener: (ids: string[]) => void) => {
      listeners.set(collection, listener);
      return () => void listeners.delete(collection);
    },
  };
  const told = new Told(
    sync,
    notices,
    'own',
    (key) => unshown.push(key),
    () => NOW,
  );
  const stop = told.start(fresh);
  const come = async (collection: string, id: string, fields?: Fields) => {
    if (fields) records.set(id, { collection, id, fields, seq: 1, pending: false });
    else records.delete(id);
    listeners.get(collection)?.([id]);
    await new Promise((done) => setTimeout(done));
    return notices.all().map(({ title, text }) => `${title}: ${text}`);
  };
  return { come, notices, unshown, stop };
}

it('what somebody shares is told once, for as long as it is shared', async () => {
  const { come, notices, unshown, stop } = phone();
  expect(await come(GIVEN, 'a', FILE)).toEqual(['mei shared a file with you: a.txt']);
  expect(notices.all()[0]).toMatchObject({
    app: 'files',
    intent: { view: 'given', owner: 'mei', file: 'f' },
  });
  expect(isTold(notices.all()[0]!)).toBe(true);
  notices.clear('files', 'given-a');
  expect(await come(GIVEN, 'a', { ...FILE })).toEqual([]);
  expect(await come(GIVEN, 'a', { ...FILE, given_ms: NOW + 1 })).toHaveLength(1);
  expect(await come(GIVEN, 'a')).toEqual([]);
  expect(unshown).toEqual(['given-a']);
  stop();
  expect(await come(GIVEN, 'b', FILE)).toEqual([]);
});

it('what was shared long ago, or before a device came, is no news to it', async () => {
  const old = { ...FILE, given_ms: NOW - 2 * DAY };
  expect(await phone(true).come(GIVEN, 'a', old)).toEqual([]);
  const { come } = phone();
  expect(await come(GIVEN, 'a', old)).toHaveLength(1);
  expect(await come(GIVEN, 'b', { ...FILE, given_ms: NOW - 8 * DAY })).toHaveLength(1);
});

it('a vault that was begun anew is told on the other devices', async () => {
  const { come, notices } = phone();
  const mark = { device: 'own', name: 'this one', begun_ms: NOW };
  expect(await come(ANEW, 'vault', mark)).toEqual([]);
  const [told] = await come(ANEW, 'vault', { device: 'tablet', name: 'Tablet', begun_ms: NOW });
  expect(told).toMatch(
    /^“Tablet” started the vault over: .+\. What was in it before can’t be opened any more\./,
  );
  expect(notices.all()[0]).toMatchObject({ key: 'vault-anew', intent: { view: 'vault' } });
});
