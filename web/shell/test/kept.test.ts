import { expect, test } from 'vitest';
import { parseApp } from '../src/apps/apps.ts';
import { keepApps } from '../src/apps/kept.ts';

function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

const notes = parseApp({ id: 'notes', fields: { kind: 'web', origin: 'http://notes.apps.test' } });
const files = parseApp({ id: 'files', fields: { kind: 'web', origin: 'http://files.apps.test' } });
const demo = parseApp({ id: 'demo', fields: { kind: 'android' } });

test('an app that was kept is not opened again, one that failed is', async () => {
  const keeper = storage();
  const opened: string[][] = [];
  const preload = async (apps: readonly { id: string }[]) => {
    opened.push(apps.map((app) => app.id));
    return ['notes'];
  };
  await keepApps([notes, files, demo], keeper, preload);
  await keepApps([notes, files, demo], keeper, preload);
  expect(opened).toEqual([['notes', 'files'], ['files']]);
});

test('a storage that holds nonsense keeps nothing', async () => {
  const keeper = storage();
  keeper.setItem('pileus.kept', '{');
  const opened: string[] = [];
  await keepApps([notes], keeper, async (apps) => {
    opened.push(...apps.map((app) => app.id));
    return [];
  });
  expect(opened).toEqual(['notes']);
});
