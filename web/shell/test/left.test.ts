import { expect, it } from 'vitest';
import type { App } from '../src/deps.ts';
import { left, restored } from '../src/windows/left.ts';
import { CLOSED, step, type Windows } from '../src/windows/windows.ts';

const app = (id: string, kind: App['kind']): App => ({ id, kind }) as App;
const APPS = [app('notes', 'web'), app('files', 'web'), app('demos', 'cloud'), app('settings', 'shell')];

function opened(...apps: string[]): Windows {
  return apps.reduce((windows, id) => step(windows, { type: 'open', app: id }), CLOSED);
}

it('windows come back in their order, what was in front in front, and locked', () => {
  const windows = opened('settings', 'files', 'notes');
  expect(restored(left(windows, APPS), APPS)).toEqual({ ...windows, locked: true });
  const home = step(windows, { type: 'home' });
  expect(restored(left(home, APPS), APPS)).toEqual({ ...home, locked: true });
});

it('recents are left for the home screen', () => {
  const windows = step(opened('files', 'notes'), { type: 'recents' });
  expect(restored(left(windows, APPS), APPS)).toMatchObject({ view: 'home', order: ['notes', 'files'] });
});

it('a streamed app comes back only where it was in front', () => {
  expect(left(opened('notes', 'demos'), APPS)).toEqual({ order: ['demos', 'notes'], inFront: true });
  expect(left(opened('demos', 'notes'), APPS)).toEqual({ order: ['notes'], inFront: true });
  expect(left(step(opened('notes', 'demos'), { type: 'home' }), APPS).order).toEqual(['notes']);
});

it('what is installed no more does not come back, and nothing takes its place in front', () => {
  const kept = left(opened('files', 'notes'), APPS);
  expect(restored(kept, [APPS[1]!])).toMatchObject({ view: 'home', order: ['files'] });
});

it('what was kept by somebody else is nothing', () => {
  for (const kept of [undefined, null, 5, [], {}, { order: 'notes' }])
    expect(restored(kept, APPS)).toEqual(CLOSED);
  expect(restored({ order: [1, 'notes', 'notes'], inFront: 'yes' }, APPS)).toMatchObject({
    order: ['notes'],
  });
});
