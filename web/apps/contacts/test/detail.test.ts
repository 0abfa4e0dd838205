import { problemWords } from '@pileus/kit';
import { BridgeError } from '@pileus/sdk';
import { afterEach, expect, test, vi } from 'vitest';
import { ContactDetail } from '../src/detail.ts';

afterEach(() => vi.unstubAllGlobals());

interface Blocking {
  said: string;
  block(numbers: readonly string[], on: boolean): Promise<void>;
}

test('a block is said, and one that fails as what it is', async () => {
  vi.stubGlobal('window', { setTimeout: () => 0 });
  const put = vi.fn(async (_collection: string, _id: string, _fields: unknown) => undefined);
  const made = new ContactDetail();
  Object.assign(made, { phone: { records: { put } }, person: { name: 'Mei', card: {} } });
  const detail = made as unknown as Blocking;
  await detail.block(['+49 30 1', '@mei'], true);
  expect(put.mock.calls.map(([, , fields]) => fields)).toMatchObject([
    { address: '+49301' },
    { address: '@mei' },
  ]);
  expect(detail.said).toContain('Mei');
  put.mockRejectedValue(new BridgeError('quota-exceeded', ''));
  await detail.block(['+49 30 1'], true);
  expect(detail.said).toBe(problemWords('quota-exceeded', ''));
});
