import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  block,
  blockId,
  blocksOf,
  mayBlock,
  sameAddress,
  setBlocked,
  unblock,
  watchBlocks,
} from '../../src/calls/blocks.ts';
import { isEmergency } from '../../src/calls/emergency.ts';

const EXAMPLES = JSON.parse(
  readFileSync(new URL('../../../../contracts/numbers.json', import.meta.url), 'utf8'),
) as { same: string[][]; different: string[][]; emergency: string[]; ordinary: string[] };

const list = (...addresses: string[]) =>
  blocksOf(addresses.map((address, at) => ({ id: `b${at}`, fields: { address, since_ms: at } })));

it('compares addresses as the contract says, as cloud and handset do', () => {
  for (const [one, other] of EXAMPLES.same) {
    expect(sameAddress(one!, other!), `${one} ${other}`).toBe(true);
    expect(list(one!).has(other!), `${one} blocks ${other}`).toBe(true);
    expect(list(other!).has(one!), `${other} blocks ${one}`).toBe(true);
  }
  for (const [one, other] of EXAMPLES.different) {
    expect(sameAddress(one!, other!), `${one} ${other}`).toBe(false);
    expect(list(one!).has(other!), `${one} blocks ${other}`).toBe(false);
  }
  for (const one of EXAMPLES.emergency) expect([isEmergency(one), mayBlock(one)], one).toEqual([true, false]);
  for (const one of EXAMPLES.ordinary) expect(isEmergency(one), one).toBe(false);
});

it('blocks no emergency number, whatever a record says', () => {
  expect(list('112').has('112')).toBe(false);
  expect(mayBlock(' ')).toBe(false);
});

it('has one record for a number however it is written, and takes away all that are of it', async () => {
  expect(blockId('+86 138-0013-8000')).toBe(blockId('+8613800138000'));
  expect(blockId('@Anna')).toBe('block-@anna');
  expect(blockId('中国银行')).toMatch(/^block-[A-Za-z0-9._:@+-]{1,190}$/);
  const kept = new Map<string, string>();
  const records = {
    put: async (_: string, id: string, fields: { address: string }) => void kept.set(id, fields.address),
    delete: async (_: string, id: string) => void kept.delete(id),
  };
  for (const address of ['+86 138-0013-8000', '138 0013 8000', '@Anna', '112']) await block(records, address);
  expect([...kept.values()]).toEqual(['+8613800138000', '13800138000', '@anna']);
  const blocks = blocksOf([...kept].map(([id, address]) => ({ id, fields: { address } })));
  await unblock(records, blocks, '0086 138 0013 8000');
  expect([...kept.values()]).toEqual(['@anna']);
});

it('takes back what was done, and no more', async () => {
  const kept = new Map<string, { address: string; since_ms: number }>();
  const records = {
    put: async (_: string, id: string, fields: { address: string; since_ms: number }) =>
      void kept.set(id, fields),
    delete: async (_: string, id: string) => void kept.delete(id),
  };
  kept
    .set('one', { address: '+8613800138000', since_ms: 3 })
    .set('two', { address: '13800138000', since_ms: 5 });
  kept.set('anna', { address: '@anna', since_ms: 7 });
  const before = Object.fromEntries(kept);
  const there = () => blocksOf([...kept].map(([id, fields]) => ({ id, fields: { ...fields } })));
  for (const [addresses, on, count] of [
    [['138 0013 8000'], false, 1],
    [['@anna', '10086', '1 0 0 8 6', '112'], true, 4],
  ] as const) {
    const back = await setBlocked(records, there(), addresses, on);
    expect(kept.size).toBe(count);
    await back();
    expect(Object.fromEntries(kept)).toEqual(before);
  }
});

it('leaves out what is no block', () => {
  const strange = [
    { id: 'a', fields: {} },
    { id: 'b', fields: { address: 7 } },
  ];
  expect(blocksOf(strange).blocks).toEqual([]);
});

it('tells nobody who is blocked once it is not watched any more', async () => {
  const told: number[] = [];
  let hear = () => {};
  const answers: (() => void)[] = [];
  const records = {
    query: () => new Promise<{ id: string; fields: object }[]>((done) => answers.push(() => done([]))),
    subscribe: (_: string, listener: () => void) => {
      hear = listener;
      return () => undefined;
    },
  };
  const off = watchBlocks(records as never, ({ blocks }) => told.push(blocks.length));
  answers[0]!();
  await new Promise((done) => setTimeout(done));
  expect(told).toEqual([0]);
  hear();
  off();
  answers[1]!();
  await new Promise((done) => setTimeout(done));
  expect(told).toEqual([0]);
});
