import { expect, test } from 'vitest';
import { parseApp } from '../src/apps/apps.ts';
import { Keeping } from '../src/apps/kept.ts';
import type { App } from '../src/deps.ts';

function storage(first?: string) {
  const kept = new Map<string, string>();
  if (first !== undefined) kept.set('pileus.kept', first);
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

const notes = parseApp({ id: 'notes', fields: { kind: 'web', origin: 'http://notes.apps.test' } });
const files = parseApp({ id: 'files', fields: { kind: 'web', origin: 'http://files.apps.test' } });
const demo = parseApp({ id: 'demo', fields: { kind: 'android', engine: 'android' } });

function device(keeper: ReturnType<typeof storage>, works: readonly App[]) {
  const opened: string[] = [];
  const keeping = new Keeping(keeper, async (apps) => {
    opened.push(...apps.map((app) => app.id));
    return apps.filter((app) => works.includes(app)).map((app) => app.id);
  });
  return { opened, keeping };
}

test('an app that was kept is not opened again, one that failed is at the next start', async () => {
  const keeper = storage();
  const first = device(keeper, [notes]);
  await first.keeping.see([notes, files, demo]);
  await first.keeping.see([notes, files, demo]);
  expect(first.opened).toEqual(['notes', 'files']);
  const next = device(keeper, [notes, files]);
  await next.keeping.see([notes, files, demo]);
  expect(next.opened).toEqual(['files']);
});

test('apps that come while others are being kept are seen to', async () => {
  const { opened, keeping } = device(storage(), [notes, files]);
  const under = keeping.see([notes]);
  await keeping.see([notes, files]);
  await under;
  expect(opened).toEqual(['notes', 'files']);
});

test('a storage that holds nonsense keeps nothing', async () => {
  const { opened, keeping } = device(storage('{'), [notes]);
  await keeping.see([notes]);
  expect(opened).toEqual(['notes']);
});
