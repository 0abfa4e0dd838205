import { afterEach, describe, expect, it } from 'vitest';
import { MemoryStorage } from '../../kit/src/sync/index.ts';
import type { Change } from '../../kit/src/sync/wire.ts';
import { device, until, Wire } from '../../kit/test/sync/wire.ts';
import type { App } from '../src/deps.ts';
import { Roaming } from '../src/phone/roaming.ts';
import type { Keeper } from '../src/session/session.ts';
import { DEFAULTS, PreferenceStore, type Preferences, parseRoamed } from '../src/settings/preferences.ts';
import { Store } from '../src/store.ts';
import { CLOSED, step, type Windows } from '../src/windows/windows.ts';

const app = (id: string, kind: App['kind'] = 'web'): App => ({ id, kind }) as App;
const APPS = [app('notes'), app('files'), app('demos', 'cloud')];
const running: Roaming[] = [];
afterEach(() => {
  for (const one of running.splice(0)) one.stop();
});

/** A device of an account; `set`: what its owner, or whoever had it before, chose there. */
async function phone(fresh: boolean, set: Partial<Preferences> = {}, apps: App[] = APPS) {
  const kept = new Map([['pileus.preferences', JSON.stringify({ ...DEFAULTS, ...set })]]);
  const keeper: Keeper = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
  const wire = new Wire();
  const sync = device(new MemoryStorage(), wire);
  const preferences = new PreferenceStore(keeper);
  const windows = new Store<Windows>(CLOSED);
  const known = new Store<readonly App[]>(apps);
  const roaming = new Roaming(sync, preferences, windows, known, 0);
  running.push(roaming);
  roaming.start(fresh);
  await sync.start();
  return { wire, sync, preferences, windows, apps: known, roaming };
}

const record = (seq: number, collection: string, id: string, fields: Change['fields']): Change => ({
  ...{ seq, collection, id, fields },
  ...{ deleted: false, texts: {} },
});
const settings = (seq: number, fields: Change['fields']) =>
  record(seq, 'shell.setting', 'preferences', fields);
const left = (seq: number, order: string[]) => record(seq, 'shell.left', 'windows', { order });

async function signedIn(wire: Wire, records: Change[], next: string | null = null): Promise<void> {
  const as_of = records.at(-1)?.seq ?? 1;
  await wire.answer('/journal/snapshot', { as_of, records, next });
  if (next === null) await wire.tail(as_of, []);
}

describe('settings', () => {
  it('are found on a new device, and nothing of who used it before', async () => {
    const { wire, sync, preferences } = await phone(true, {
      language: 'zh',
      navigation: 'buttons',
      form: 'tablet',
    });
    await signedIn(wire, [settings(1, { theme: 'dark', lockAfter: '1' })]);
    await until(sync, () => preferences.value.theme === 'dark' && sync.status().cursor > 0);
    expect(preferences.value).toEqual({ ...DEFAULTS, theme: 'dark', lockAfter: '1', form: 'tablet' });
    expect(sync.status().unsafe).toBe(0);
  });

  it('go to the account when they are changed, and are taken from it when another device changed them', async () => {
    const { wire, sync, preferences } = await phone(false);
    await signedIn(wire, [settings(3, { theme: 'dark' })]);
    await until(sync, () => preferences.value.theme === 'dark');
    preferences.change({ theme: 'light', form: 'tablet' });
    const [wish] = await wire.apply(4);
    expect(wish).toMatchObject({
      collection: 'shell.setting',
      record: 'preferences',
      fields: { theme: 'light' },
    });
    expect(Object.keys(wish?.fields ?? {})).toEqual(['theme']);
    await wire.tail(3, [settings(4, { theme: 'light' })]);
    await until(sync, () => sync.status().cursor === 4);
    sync.ring();
    await wire.tail(4, [settings(5, { theme: 'light', navigation: 'buttons' })]);
    await until(sync, () => sync.status().cursor === 5);
    await expect.poll(() => preferences.value.navigation).toBe('buttons');
  });

  it('are told again where this device could not keep them at first', async () => {
    const { wire, sync, preferences } = await phone(true);
    await signedIn(wire, [settings(1, { theme: 'dark' })]);
    await until(sync, () => preferences.value.theme === 'dark' && sync.status().cursor > 0);
    const put = sync.put.bind(sync);
    sync.put = () => Promise.reject(new Error('the disk is full'));
    preferences.change({ theme: 'light' });
    await new Promise((done) => setTimeout(done));
    expect(sync.status().unsafe).toBe(0);
    sync.put = put;
    preferences.change({ lockAfter: '1' });
    await until(sync, () => sync.status().unsafe > 0);
    expect((await sync.get('shell.setting', 'preferences'))?.fields).toMatchObject({
      theme: 'light',
      lockAfter: '1',
    });
  });

  it('of a device that had them first become the account’s', async () => {
    const { wire } = await phone(false, { theme: 'dark' });
    await signedIn(wire, [record(1, 'shell.home', 'look', { wallpaper: 'dusk' })]);
    expect(await wire.apply(2)).toMatchObject([{ fields: { theme: 'dark' } }]);
  });

  it('that nobody knows are left out', () => {
    expect(parseRoamed({ theme: 'pink', navigation: 'buttons', form: 'tablet', other: 1 })).toEqual({
      navigation: 'buttons',
    });
  });
});

describe('what was left open', () => {
  it('lies in recents of a new device once its apps are known there', async () => {
    const { wire, windows, apps } = await phone(true, {}, []);
    await signedIn(wire, [left(1, ['notes', 'files'])], 'p2');
    await wire.next('/journal/snapshot');
    expect(windows.value).toEqual(CLOSED);
    apps.set(APPS);
    await expect.poll(() => windows.value.order).toEqual(['notes', 'files']);
    expect(windows.value.view).toBe('home');
  });

  it('is told when the windows have settled, without what is streamed', async () => {
    const { wire, sync, windows } = await phone(true);
    await signedIn(wire, [record(1, 'shell.home', 'look', {})]);
    await until(sync, () => sync.status().cursor > 0);
    for (const id of ['files', 'demos', 'notes']) windows.set(step(windows.value, { type: 'open', app: id }));
    expect(await wire.apply(2)).toMatchObject([
      { collection: 'shell.left', fields: { order: ['notes', 'files'] } },
    ]);
  });

  it('stays what it is where a device is opened on which other windows lie', async () => {
    const { wire, sync, windows, roaming } = await phone(false);
    windows.set(step(windows.value, { type: 'open', app: 'files' }));
    roaming.settle();
    await signedIn(wire, [left(1, ['notes'])]);
    await until(sync, () => sync.status().cursor > 0);
    windows.set(step(windows.value, { type: 'home' }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await sync.get('shell.left', 'windows'))?.fields.order).toEqual(['notes']);
    windows.set(step(windows.value, { type: 'open', app: 'notes' }));
    expect(await wire.apply(2)).toMatchObject([{ fields: { order: ['notes', 'files'] } }]);
  });

  it('stays behind what was opened here meanwhile', async () => {
    const { wire, windows } = await phone(true);
    windows.set(step(windows.value, { type: 'open', app: 'files' }));
    await signedIn(wire, [left(1, ['notes', 'files', 'gone'])]);
    await expect.poll(() => windows.value.order).toEqual(['files', 'notes']);
    expect(windows.value.view).toBe('app');
  });
});
