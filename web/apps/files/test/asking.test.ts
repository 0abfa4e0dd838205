import { expect, test } from 'vitest';
import { Asking } from '../src/asking.ts';

const TABLET = [{ device: 'tablet', name: 'Tablet' }];

function asking() {
  const shown: string[][] = [];
  const told: (() => Promise<typeof TABLET>)[] = [];
  const asks = new Asking(
    () => told.shift()!(),
    (some) => shown.push(some.map(({ device }) => device)),
  );
  return { asks, shown, told };
}

test('a device whose ten minutes are over asks no more, though nothing else tells of it', async () => {
  const { asks, shown, told } = asking();
  told.push(async () => TABLET);
  await asks.read();
  told.push(async () => []);
  await asks.again();
  expect(shown).toEqual([['tablet'], []]);
  await asks.again(); // nobody waits: the cloud is not asked
  expect(shown).toHaveLength(2);
});

test('none is shown while the cloud is away, and it is asked again for who waited', async () => {
  const { asks, shown, told } = asking();
  told.push(
    async () => TABLET,
    () => Promise.reject(new Error('offline')),
    async () => TABLET,
  );
  await asks.read();
  await asks.again();
  await asks.again();
  expect(shown).toEqual([['tablet'], [], ['tablet']]);
});

test('an answer that is late does not bring back who was let in meanwhile', async () => {
  const { asks, shown, told } = asking();
  let late: (asks: typeof TABLET) => void = () => undefined;
  told.push(
    () => new Promise((done) => (late = done)),
    async () => [],
  );
  const first = asks.read();
  await asks.read();
  late(TABLET);
  await first;
  expect(shown).toEqual([[]]);
});
