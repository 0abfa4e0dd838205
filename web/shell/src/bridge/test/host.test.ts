import { afterEach, beforeEach, expect, test } from 'vitest';
import { methods } from '../methods/index.ts';
import { grantsOf, Permissions, parsePermission } from '../permissions.ts';
import { appWith, ENV, World } from './world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const CALLS: Record<string, { [name: string]: unknown }> = {
  'records.get': { collection: 'notes.note', id: 'a' },
  'records.query': { collection: 'notes.note' },
  'records.put': { collection: 'notes.note', id: 'a', fields: { title: 'x' } },
  'records.delete': { collection: 'notes.note', id: 'a' },
  'records.subscribe': { collection: 'notes.note', watch: 1 },
  'text.open': { collection: 'notes.note', id: 'a', field: 'body', text: 1 },
  'files.list': {},
  'files.upload': { file: new Blob(['x']), name: 'x', parent: '', upload: 1 },
  'files.steer': { upload: 1, act: 'pause' },
  'files.download': { id: 'a' },
  'files.thumbnail': { id: 'a' },
  'files.folder': { name: 'x', parent: '' },
  'files.rename': { id: 'a', name: 'x' },
  'files.move': { id: 'a', parent: '' },
  'files.delete': { id: 'a' },
  'files.usage': {},
  'vault.state': {},
  'vault.begin': {},
  'vault.confirm': { end: 'AAAA' },
  'vault.recover': { code: 'AAAA' },
  'vault.ask': {},
  'vault.askNoMore': {},
  'vault.admit': { device: 'a', code: 'AAAA' },
  'vault.deny': { device: 'a' },
  'vault.close': {},
  'vault.list': {},
  'vault.trash': {},
  'vault.upload': { file: new Blob(['x']), name: 'x', parent: '', upload: 1, replaces: '' },
  'vault.number': {},
  'vault.share': { id: 'a', account: 'b', number: 'c', days: 7 },
  'vault.given': {},
  'vault.givenContent': { share: 'a' },
  'vault.download': { id: 'a' },
  'vault.versions': { id: 'a' },
  'vault.version': { id: 'a', version: 'b' },
  'vault.folder': { name: 'x', parent: '' },
  'vault.rename': { id: 'a', name: 'x' },
  'files.trash': {},
  'files.restore': { id: 'a' },
  'files.purge': { id: 'a' },
  'files.emptyTrash': {},
  'files.versions': { id: 'a' },
  'files.version': { id: 'a', version: 'b' },
  'files.revert': { id: 'a', version: 'b' },
  'files.search': { query: 'a' },
  'files.share': { id: 'a', days: 7 },
  'files.shares': { id: 'a' },
  'files.family': {},
  'files.endShare': { share: 'a' },
  'files.given': {},
  'files.givenContent': { share: 'a', id: 'b' },
  'files.addGiven': { share: 'a', id: 'b', file: new Blob(['x']), name: 'x', import: 1 },
  'files.writeGiven': { share: 'a', id: 'b', file: new Blob(['x']) },
  'messages.threads': {},
  'messages.thread': { id: 'a', limit: 1 },
  'messages.search': { query: 'a' },
  'messages.import': { file: new Blob(['x']), import: 1, restoreDeleted: false },
  'messages.export': { kind: 'messages' },
  'messages.delete': { messages: ['a'], threads: [] },
  'messages.restore': { messages: {}, drafts: {} },
  'messages.archive': { messages: [], threads: ['a'], on: true },
  'messages.mark': { messages: [], threads: ['a'], read: true },
  'messages.send': { id: 'a', people: ['+1'], body: 'x', sim: '', contact: '' },
  'telephony.state': {},
  'telephony.dial': { number: '112', card: '' },
  'telephony.ussd': { code: '*100#', card: '' },
  'telephony.ussdCancel': {},
  'link.message': { address: '1', name: '' },
  'link.open': { url: 'https://example.org/' },
  'messages.account': { name: 'lin' },
  'messages.takeBack': { id: 'a' },
  'messages.tookBack': { id: 'a' },
  'messages.tryAgain': { id: 'a' },
  'messages.sims': {},
  'messages.decide': { id: 'a', decision: 'again' },
  'messages.part': { id: 'a', number: 0 },
  'messages.draft': { thread: 'a' },
  'messages.keepDraft': { thread: 'a', people: ['+1'], body: 'x' },
  'contacts.import': { file: new Blob(['x']), import: 1 },
  'contacts.export': { version: '4.0' },
  'contacts.duplicates': {},
  'calls.delete': { calls: ['a'] },
  'calls.restore': { calls: {} },
  'calendar.import': { file: new Blob(['x']), import: 1 },
  'calendar.export': {},
  'calendar.guest': { name: 'a' },
  'contacts.merge': { contacts: ['a', 'b'] },
  'contacts.unmerge': { merge: 'a' },
  'apps.list': {},
  'apps.install': { file: new Blob(['x']), install: 1 },
  'apps.uninstall': { id: 'a' },
  'apps.open': { id: 'a' },
};
/** Nothing but the app's own handles and what it is told anyway. */
const OPEN = [
  'back.done',
  'leave.done',
  'key',
  'status',
  'front',
  'records.unsubscribe',
  'text.update',
  'text.close',
];

test('every method is either open on purpose or in the list of what needs a grant', () => {
  expect([...methods.keys()].sort()).toEqual([...Object.keys(CALLS), ...OPEN].sort());
});

test.each(Object.entries(CALLS))('%s is refused to an app without a grant', async (method, params) => {
  world.put('notes.note', 'a', { title: 'kept' });
  const { port } = world.open(appWith([]));
  await expect(port.call(method, params)).rejects.toMatchObject({ code: 'not-granted' });
  expect(world.records.get('notes.note/a')?.fields.title).toBe('kept');
  expect(world.sent).toEqual([]);
  expect(world.watching).toBe(0);
});

test('a page hands the phone its keys, but not those of text, of a composition, or of its own', async () => {
  const { phone, port } = world.open(appWith([]));
  const page = new EventTarget();
  phone.lendKeys(page as Window);
  const press = (key: string, target: object = {}, more: object = {}) => {
    const event = Object.assign(new Event('keydown', { cancelable: true }), { key, ...more });
    Object.defineProperty(event, 'composedPath', { value: () => [target] });
    if ('own' in more) event.preventDefault();
    page.dispatchEvent(event);
    return event.defaultPrevented;
  };
  const field = { tagName: 'TEXTAREA' };
  expect(press('Escape', field)).toBe(true);
  expect(press('F4')).toBe(true);
  expect(press('Home')).toBe(true);
  expect(press('Home', field)).toBe(false);
  expect(press('Escape', field, { isComposing: true })).toBe(false);
  expect(press('F4', {}, { altKey: true })).toBe(false);
  expect(press('a')).toBe(false);
  press('Escape', {}, { own: true });
  await expect(port.call('key', { key: 'Power' })).rejects.toMatchObject({ code: 'bad-params' });
  expect(world.pressed).toEqual(['Escape', 'F4', 'Home'].map((key) => ['notes', key]));
});

test('a grant of one collection is none of another, and reading is not writing', async () => {
  const { phone } = world.open(appWith(['records:notes.note:read']));
  world.put('notes.note', 'a', { title: 'tea' });
  expect((await phone.records.get('notes.note', 'a'))?.fields).toEqual({ title: 'tea' });
  for (const refused of [
    phone.records.query('messages.message'),
    phone.records.put('notes.note', 'a', {}),
    phone.records.delete('notes.note', 'a'),
    phone.text('notes.note', 'a', 'body'),
  ])
    await expect(refused).rejects.toMatchObject({ code: 'not-granted' });
});

test('an app that does not come with Pileus has nothing, whatever its manifest asks for', async () => {
  for (const system of [false, undefined, 'true', 1]) {
    const { phone } = world.open(appWith(['records:notes', 'files'], system ?? null));
    await expect(phone.records.query('notes.note')).rejects.toMatchObject({ code: 'not-granted' });
    await expect(phone.files.list()).rejects.toMatchObject({ code: 'not-granted' });
  }
});

test('permissions are read strictly', () => {
  expect(parsePermission('records:notes')).toEqual({ kind: 'records', prefix: 'notes', write: true });
  for (const text of [
    'records',
    'records:',
    'records:*',
    'records:notes:admin',
    'records:a.b.c',
    'Files',
    '',
    7,
    null,
  ])
    expect(parsePermission(text)).toBeUndefined();
  expect(grantsOf(appWith('files'))).toEqual([]);
  expect(grantsOf({ ...appWith([]), manifest: {} })).toEqual([]);
  const may = new Permissions([{ kind: 'records', prefix: 'notes', write: true }]);
  expect(may.covers('notes.note', true)).toBe(true);
  expect(may.covers('notesx.note', false)).toBe(false);
});

test.each([
  ['records.get', { collection: 'notes', id: 'a' }],
  ['records.get', { collection: 'notes.note', id: '../x' }],
  ['records.get', {}],
  ['records.put', { collection: 'notes.note', id: 'a', fields: [] }],
  ['records.put', { collection: 'notes.note', id: 'a', fields: { when: new Date() } }],
  ['records.put', { collection: 'notes.note', id: 'a', fields: { x: Number.NaN } }],
  ['records.subscribe', { collection: 'notes.note', watch: 1.5 }],
  ['text.open', { collection: 'notes.note', id: 'a', field: 7, text: 1 }],
])('%s with other parameters is refused as bad: %o', async (method, params) => {
  const { port } = world.open(appWith(['records:notes']));
  await expect(port.call(method, params)).rejects.toMatchObject({ code: 'bad-params' });
  expect(world.records.size).toBe(0);
});

test('unknown methods and inherited names do not exist', async () => {
  const { port } = world.open(appWith(['files']));
  for (const name of ['nope', 'constructor', '__proto__', 'toString'])
    await expect(port.call(name)).rejects.toMatchObject({ code: 'unknown-method' });
});

test('what is no request is not answered and breaks nothing', async () => {
  const { phone, raw } = world.open(appWith(['records:notes']));
  for (const odd of [
    null,
    7,
    'x',
    {},
    { id: 'a', method: 'status', params: {} },
    { id: 1, method: 'status' },
  ])
    raw.postMessage(odd);
  expect(await phone.records.query('notes.note')).toEqual([]);
});

test('an app hears of its collection until it lets go', async () => {
  const { phone, port } = world.open(appWith(['records:notes']));
  const heard: string[][] = [];
  const off = phone.records.subscribe('notes.note', (ids) => heard.push(ids));
  await port.call('status');
  world.put('notes.note', 'a', {});
  world.put('messages.message', 'm', {});
  await port.call('status');
  expect(heard).toEqual([['a']]);
  off();
  await port.call('status');
  expect(world.watching).toBe(0);
});

test('a text is read, written, heard, and needs to be open', async () => {
  const { phone, port } = world.open(appWith(['records:notes']));
  const text = await phone.text('notes.note', 'a', 'body');
  expect([...text.state]).toEqual([1, 2]);
  world.write(new Uint8Array([7]));
  await port.call('status');
  const heard: number[][] = [];
  text.onUpdate((update) => heard.push([...update]));
  await text.update(new Uint8Array([5]));
  expect(heard).toEqual([[7]]);
  expect(world.updates.map((one) => [...one])).toEqual([[5]]);
  await expect(port.call('text.update', { text: 99, update: new Uint8Array(1) })).rejects.toMatchObject({
    code: 'not-open',
  });
  await expect(port.call('text.update', { text: 1, update: 'x' })).rejects.toMatchObject({
    code: 'bad-params',
  });
  text.close();
  await port.call('status');
  expect(world.watching).toBe(0);
  await expect(text.update(new Uint8Array([5]))).rejects.toMatchObject({ code: 'not-open' });
});

test('handles are bounded, and closing the frame lets go of all', async () => {
  const { port, host } = world.open(appWith(['records:notes']));
  const calls = Array.from({ length: 65 }, (_, watch) =>
    port.call('records.subscribe', { collection: 'notes.note', watch }),
  );
  const done = await Promise.allSettled(calls);
  expect(done.filter((one) => one.status === 'rejected')).toHaveLength(1);
  expect(world.watching).toBe(64);
  host.close();
  expect(world.watching).toBe(0);
});

test('theme and language arrive with hello and at each change', async () => {
  const { phone, port } = world.open(appWith([]));
  expect(phone.env).toEqual(ENV);
  expect(phone.intent).toEqual({ view: 'new' });
  const seen: string[] = [];
  phone.onEnv((env) => seen.push(`${env.theme} ${env.locale}`));
  world.show({ ...ENV, theme: 'dark', locale: 'zh' });
  await port.call('status');
  expect(seen).toEqual(['dark zh']);
  expect(phone.env.theme).toBe('dark');
});

test('an app that is open already hears what it is opened for this time', async () => {
  const { phone, port, host } = world.open(appWith([]));
  const seen: unknown[] = [];
  phone.onIntent((intent) => seen.push(intent));
  host.wish({ view: 'given' });
  await port.call('status');
  expect(seen).toEqual([{ view: 'given' }]);
});

test('an app hears whether it is in front, and nothing of which other one is', async () => {
  const { phone, port, raw } = world.open(appWith([]));
  const seen: boolean[] = [];
  const told: unknown[] = [];
  raw.addEventListener('message', ({ data }) => data.event === 'front' && told.push(data.data));
  const off = phone.onFront((front) => seen.push(front));
  await port.call('status');
  for (const front of ['files', 'contacts', undefined, 'notes']) world.turn(front);
  await port.call('status');
  expect(seen).toEqual([true, false, true]);
  expect(told).toEqual([{ front: false }, { front: true }]);
  off();
  world.turn('files');
  await port.call('status');
  expect(seen).toHaveLength(3);
});

test('the last back handler is asked first; no handler, a silent app and a closed one take no step', async () => {
  const { phone, host } = world.open(appWith([]));
  expect(await host.back()).toBe(false);
  const asked: string[] = [];
  phone.onBack(() => Boolean(asked.push('list')));
  const off = phone.onBack(() => !asked.push('editor'));
  expect(await host.back()).toBe(true);
  expect(asked).toEqual(['editor', 'list']);
  off();
  const silent = world.open(appWith([]));
  silent.port.close();
  expect(await silent.host.back()).toBe(false);
});

test('the token never crosses the bridge', async () => {
  const { host, raw } = world.open(appWith(['files', 'messages', 'apps:install', 'records:notes']));
  const all: string[] = [JSON.stringify(host.hello())];
  raw.addEventListener('message', (event) => all.push(JSON.stringify(event.data)));
  const { phone } = world.open(appWith(['files']));
  await phone.files.usage();
  expect(all.join()).not.toContain('secret-token');
});

test('an error of the cloud keeps its code', async () => {
  world.answer = () => {
    throw Object.assign(new Error('full'), { code: 'quota-exceeded', detail: 'The storage is full.' });
  };
  const { phone } = world.open(appWith(['files']));
  await expect(phone.files.usage()).rejects.toMatchObject({
    code: 'quota-exceeded',
    message: 'The storage is full.',
  });
});

test('a file gets another name and place, but none that is taken, bad or in itself', async () => {
  const { phone } = world.open(appWith(['files']));
  const type = 'inode/directory';
  world.put('files.file', 'a', { name: 'a', parent: '', type });
  world.put('files.file', 'b', { name: 'b', parent: 'a', type });
  world.put('files.file', 'tea', { name: 'tea', parent: '', type: 'text/plain' });
  world.put('files.file', 'other', { name: 'tea', parent: 'b', type: 'text/plain' });
  world.put('files.file', 'vault', { name: '0', parent: '', type, sealed: 'x' });
  const refused = async (doing: Promise<void>, code: string) => {
    const before = new Map(world.records);
    await expect(doing).rejects.toMatchObject({ code });
    expect(world.records).toEqual(before);
  };
  for (const name of ['', ' ', '..', 'a/b', 'a\u0085', '\ud800', '茶'.repeat(86)])
    await refused(phone.files.rename('tea', name), 'bad-name');
  await refused(phone.files.rename('tea', ' a '), 'file-there');
  await refused(phone.files.rename('vault', 'x'), 'not-found');
  await refused(phone.files.move('tea', 'b'), 'file-there');
  await refused(phone.files.move('a', 'b'), 'folder-in-itself');
  await refused(phone.files.move('a', 'a'), 'folder-in-itself');
  for (const place of ['gone', 'vault', 'other']) await refused(phone.files.move('tea', place), 'not-found');
  await phone.files.rename('tea', ' Cafe\u0301 ');
  await phone.files.move('tea', 'b');
  expect(world.records.get('files.file/tea')?.fields).toEqual({
    name: 'Café',
    parent: 'b',
    type: 'text/plain',
  });
  await phone.files.move('b', '');
  expect(world.records.get('files.file/b')?.fields.parent).toBe('');
});

test('what the cloud would refuse for its name is refused before', async () => {
  const { phone, port } = world.open(appWith(['files', 'vault']));
  for (const name of ['', '..', 'a/b', 'a\u0085', '茶'.repeat(86), 'x'.repeat(256)]) {
    const wish = { file: new Blob(['x']), name, parent: '', upload: 1, replaces: '' };
    const folder = { name, parent: '' };
    const given = { share: 'a', id: 'b', file: wish.file, name, import: 1 };
    for (const [method, params] of [
      ['files.upload', wish],
      ['files.folder', folder],
      ['files.addGiven', given],
      ['vault.upload', wish],
    ] as const)
      await expect(port.call(method, params)).rejects.toMatchObject({ code: 'bad-name' });
  }
  expect(world.sent).toEqual([]);
  expect(world.records.size).toBe(0);
  await phone.files.folder('茶'.repeat(85), '');
  expect([...world.records.values()].map(({ fields }) => fields.name)).toEqual(['茶'.repeat(85)]);
});

test('only an installed app is opened', async () => {
  const { phone } = world.open(appWith(['apps:install']));
  await expect(phone.apps.open('ghost')).rejects.toMatchObject({ code: 'not-found' });
  world.put('apps.app', 'demo', { label: 'Demo' });
  await phone.apps.open('demo');
  expect(world.opened).toEqual(['demo']);
});

test('an app that is closed is heard to its end, and one that says nothing is not waited for', async () => {
  const { phone, host } = world.open(appWith(['records:notes']));
  world.put('notes.note', 'a', { title: 'tea' });
  phone.onLeave(() => phone.records.delete('notes.note', 'a'));
  phone.onLeave(() => {
    throw new Error('this one fails');
  });
  await host.leave();
  expect(world.records.has('notes.note/a')).toBe(false);
  await host.leave();
  const silent = world.open(appWith([]));
  silent.raw.onmessage = null;
  const left = silent.host.leave();
  silent.host.close();
  await left;
  await silent.host.leave();
});
