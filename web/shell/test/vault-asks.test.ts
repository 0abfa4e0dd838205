import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { setLocale } from '../../kit/src/i18n/index.ts';
import type { SyncRecord } from '../../kit/src/sync/types.ts';
import { NoticeStore } from '../src/notices/notices.ts';
import { VaultAsks } from '../src/notices/vault-asks.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

beforeEach(() => {
  setLocale('en');
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => vi.useRealTimers());

/** `waiting`: devices that wait by the cloud's word, those of the records where it is not given. */
function phone(waiting?: () => Promise<string[]>) {
  const records = new Map<string, SyncRecord>();
  const unshown: string[] = [];
  const notices = new NoticeStore();
  let hear: (ids: string[]) => void = () => undefined;
  const sync = {
    get: async (_: string, id: string) => records.get(id),
    query: async () => [...records.values()],
    subscribe: (_: string, listener: (ids: string[]) => void) => {
      hear = listener;
      return () => (hear = () => undefined);
    },
  };
  const keep = (id: string, asked_ms: number) =>
    records.set(id, {
      collection: 'files.vault-ask',
      id,
      fields: { name: id, asked_ms },
      seq: 1,
      pending: false,
    });
  const asks = new VaultAsks(sync, notices, 'own', waiting ?? (async () => [...records.keys()]), (key) =>
    unshown.push(key),
  );
  const told = async () => {
    await vi.advanceTimersByTimeAsync(1);
    return notices.all().map(({ key, title }) => `${key}: ${title}`);
  };
  return {
    records,
    notices,
    unshown,
    keep,
    told,
    start: () => asks.start(),
    hear: (...ids: string[]) => hear(ids),
  };
}

it('a device that asks is told of until it has its answer', async () => {
  const { records, unshown, keep, told, start, hear } = phone();
  const stop = start();
  keep('tablet', NOW);
  hear('tablet');
  expect(await told()).toEqual(['vault-ask-tablet: tablet asks to be let into the vault']);
  records.delete('tablet');
  hear('tablet');
  expect(await told()).toEqual([]);
  expect(unshown).toEqual(['vault-ask-tablet']);
  stop();
  keep('tablet', NOW);
  hear('tablet');
  expect(await told()).toEqual([]);
});

it('who asked before this page was open is told of as well, and nobody whom the cloud lets wait no more', async () => {
  let waiting = ['tablet'];
  const { keep, told, start } = phone(async () => waiting);
  keep('tablet', NOW - 9 * MINUTE);
  keep('late', NOW - 11 * MINUTE); // its record is deleted within the day
  start();
  expect(await told()).toHaveLength(1);
  waiting = [];
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(await told()).toEqual([]);
});

it('the clock of this device does not keep a notice', async () => {
  let waiting = ['tablet'];
  const { keep, told, start } = phone(async () => waiting);
  keep('tablet', NOW + 60 * MINUTE);
  start();
  expect(await told()).toHaveLength(1);
  waiting = [];
  await vi.advanceTimersByTimeAsync(10 * MINUTE);
  expect(await told()).toEqual([]);
});

it('an ask that is answered while the cloud is asked about it is not told of', async () => {
  const answers: ((waiting: string[]) => void)[] = [];
  const { records, keep, told, start, hear } = phone(() => new Promise((done) => answers.push(done)));
  const stop = start();
  keep('tablet', NOW);
  hear('tablet');
  await told();
  records.delete('tablet');
  hear('tablet');
  await told();
  answers[0]!(['tablet']);
  expect(await told()).toEqual([]);

  keep('phone', NOW);
  hear('phone');
  await told();
  stop(); // signed out, or another account
  answers[1]!(['phone']);
  expect(await told()).toEqual([]);
});

it('a cloud that is away for a moment is asked again, and ten minutes are enough without it', async () => {
  let away = true;
  const { keep, told, start } = phone(() =>
    away ? Promise.reject(new Error('offline')) : Promise.resolve(['tablet']),
  );
  keep('tablet', NOW);
  start();
  expect(await told()).toEqual([]);
  away = false;
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(await told()).toHaveLength(1);
  away = true;
  await vi.advanceTimersByTimeAsync(10 * MINUTE);
  expect(await told()).toEqual([]);
});

it('a notice that was swept away is not told again', async () => {
  const { notices, keep, told, start, hear } = phone();
  start();
  keep('tablet', NOW);
  hear('tablet');
  expect(await told()).toHaveLength(1);
  notices.clear('files', 'vault-ask-tablet');
  hear('tablet');
  expect(await told()).toEqual([]);
});

it('a device that cannot let anybody in, or asks itself, tells of nobody', async () => {
  const { keep, told, start } = phone(async () => []);
  keep('tablet', NOW);
  start();
  expect(await told()).toEqual([]);
  const own = phone();
  own.keep('own', NOW);
  own.start();
  expect(await own.told()).toEqual([]);
});
