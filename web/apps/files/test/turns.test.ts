import { expect, test } from 'vitest';
import { Turns } from '../src/turns.ts';

const settled = () => new Promise((done) => setTimeout(done));

test('so many at once, the last wish first, and what is taken back never', async () => {
  const turns = new Turns<string>(2);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((done) => ends.set(name, done));
  };
  for (const name of ['a', 'b', 'c', 'd', 'e']) turns.wish(name, work(name));
  expect(begun).toEqual(['a', 'b']);
  turns.drop('e');
  ends.get('a')!();
  await settled();
  expect(begun).toEqual(['a', 'b', 'd']);
  ends.get('b')!();
  ends.get('d')!();
  await settled();
  expect(begun).toEqual(['a', 'b', 'd', 'c']);
});

test('work that fails gives its place to the next', async () => {
  const turns = new Turns<number>(1);
  const begun: number[] = [];
  turns.wish(1, () => Promise.reject(new Error('no')).catch(() => undefined));
  turns.wish(2, async () => void begun.push(2));
  await settled();
  expect(begun).toEqual([2]);
});
