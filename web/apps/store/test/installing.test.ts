import { expect, test } from 'vitest';
import { looksLikeApk, overall, phaseWords } from '../src/installing.ts';

test('the bar never falls from one phase to the next', () => {
  const steps = ['upload', 'check', 'translate'].flatMap((phase) =>
    [0, 0.5, 1].map((progress) => overall({ phase, progress })),
  );
  expect(steps).toEqual([...steps].sort((one, other) => one - other));
  expect(overall({ phase: 'done', progress: 0 })).toBe(1);
  expect(overall({ phase: 'translate', progress: 1 })).toBeCloseTo(1);
  expect(overall({ phase: 'odd', progress: 1 })).toBe(0);
});

test('a phase that is not known is said as waiting', () => {
  expect(phaseWords('check')).toBe('store.check');
  expect(phaseWords('queued')).toBe('store.waiting');
});

test('a file is seen for what it is', async () => {
  expect(await looksLikeApk(new Blob([new Uint8Array([0x50, 0x4b, 3, 4, 9])]))).toBe(true);
  expect(await looksLikeApk(new Blob(['hello']))).toBe(false);
  expect(await looksLikeApk(new Blob([]))).toBe(false);
});
