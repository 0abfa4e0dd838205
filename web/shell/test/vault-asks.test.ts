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

function phone(holds: () => Promise<boolean> = async () => true) {
  const records = new Map<string, SyncRecord>();
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
  const asks = new VaultAsks(sync, notices, 'own', holds);
  const told = async () => {
    await vi.advanceTimersByTimeAsync(1);
    return notices.all().map(({ key, title }) => `${key}: ${title}`);
  };
  return { records, keep, told, start: () => asks.start(), hear: (...ids: string[]) => hear(ids) };
}

it('a device that asks is told of until it has its answer', async () => {
  const { records, keep, told, start, hear } = phone();
  const stop = start();
  keep('tablet', NOW);
  hear('tablet');
  expect(await told()).toEqual(['vault-ask-tablet: tablet asks to be let into the vault']);
  records.delete('tablet');
  hear('tablet');
  expect(await told()).toEqual([]);
  stop();
  keep('tablet', NOW);
  hear('tablet');
  expect(await told()).toEqual([]);
});

it('who asked before this page was open is told of as well, and nobody after ten minutes', async () => {
  const { keep, told, start } = phone();
  keep('tablet', NOW - 9 * MINUTE);
  keep('late', NOW - 11 * MINUTE);
  start();
  expect(await told()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(await told()).toEqual([]);
});

it('a device that cannot let anybody in, or asks itself, tells of nobody', async () => {
  const offline = () => Promise.reject(new Error('offline'));
  for (const holds of [async () => false, offline]) {
    const { keep, told, start } = phone(holds);
    keep('tablet', NOW);
    start();
    expect(await told()).toEqual([]);
  }
  const { keep, told, start } = phone();
  keep('own', NOW);
  start();
  expect(await told()).toEqual([]);
});
