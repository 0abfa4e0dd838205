import { blocksOf } from '@pileus/kit/calls/blocks.ts';
import { expect, test } from 'vitest';
import { onShelf, shelfOf } from '../src/shelves.ts';

const blocks = blocksOf([
  { id: 'a', fields: { address: '13800138000' } },
  { id: 'b', fields: { address: '@anna' } },
]);
const thread = (...people: string[]) => ({ people, address: people.join(', '), archived: false });

test('who is blocked has a place apart, a group with them has not', () => {
  const threads = [thread('+8613800138000'), thread('@Anna'), thread('10086'), thread('@anna', '@lin')];
  expect(threads.map((one) => shelfOf(one, blocks))).toEqual(['blocked', 'blocked', 'inbox', 'inbox']);
  expect(onShelf(threads, 'inbox', blocks)).toEqual(threads.slice(2));
  const aside = { ...thread('10086'), archived: true };
  expect(shelfOf(aside, blocks)).toBe('archived');
  expect(shelfOf({ ...thread('@anna'), archived: true }, blocks)).toBe('blocked');
});
