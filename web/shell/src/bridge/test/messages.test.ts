import { afterEach, beforeEach, expect, test } from 'vitest';
import { threadsOf } from '../methods/messages.ts';
import { appWith, World } from './world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

function message(id: string, thread: string, date: number, more = {}): void {
  const fields = { address: thread, thread, date_ms: date, direction: 'in', body: id, read: true, ...more };
  world.put('messages.message', id, fields);
}

test('threads have the newest message, the name and what is unread', () => {
  message('old', '+86', 1, { contact: 'Mei', read: false });
  message('new', '+86', 5, { direction: 'out', read: false });
  message('other', '10086', 3);
  const threads = threadsOf([...world.records.values()]);
  expect(threads.map((one) => one.id)).toEqual(['+86', '10086']);
  expect(threads[0]).toMatchObject({
    contact: 'Mei',
    lastBody: 'new',
    lastOut: true,
    count: 2,
    unread: 1,
    lastMs: 5,
  });
});

test('a thread is read from its newest, oldest first', async () => {
  for (let at = 1; at <= 5; at++) message(`m${at}`, '+86', at);
  message('x', '10086', 9);
  const { phone } = world.open(appWith(['messages']));
  expect((await phone.messages.thread('+86', 2)).map((one) => one.id)).toEqual(['m4', 'm5']);
});

test('an export is the file as the cloud writes it; one that breaks off is none', async () => {
  const { phone } = world.open(appWith(['messages', 'calendar', 'contacts']));
  world.answer = () => '<smses/>';
  expect(await (await phone.messages.export('messages')).text()).toBe('<smses/>');
  expect(world.sent.at(-1)).toEqual(['GET', '/messages/export?kind=messages']);
  world.answer = () => new ReadableStream({ pull: (controller) => controller.error(new TypeError('cut')) });
  for (const cut of [phone.messages.export('calls'), phone.calendar.export(), phone.contacts.export('4.0')])
    await expect(cut).rejects.toMatchObject({ code: 'offline' });
});

test('search asks the cloud; without it the device’s own messages are searched, and that is said', async () => {
  message('a', '+86', 1, { body: '明天去西湖' });
  message('b', '+86', 2, { body: '西边的湖' });
  const { phone } = world.open(appWith(['messages']));
  world.answer = (path) => ({ messages: [{ id: path }], more: false });
  expect(await phone.messages.search('西湖')).toMatchObject({
    local: false,
    messages: [{ id: `/messages/search?q=${encodeURIComponent('西湖')}` }],
  });
  world.answer = () => {
    throw Object.assign(new Error(), { code: 'offline' });
  };
  const found = await phone.messages.search('西湖');
  expect(found.local).toBe(true);
  expect(found.messages.map((one) => one.id)).toEqual(['a']);
  world.answer = () => {
    throw Object.assign(new Error(), { code: 'query-too-long', detail: 'x' });
  };
  await expect(phone.messages.search('西湖')).rejects.toMatchObject({ code: 'query-too-long' });
});

test('a conversation and a span of time narrow a search; without a word all of it is found, here too', async () => {
  message('a', '+86', 1, { body: '明天去西湖' });
  message('b', '+86', 2, { body: '好' });
  message('c', '10086', 2, { body: '西湖' });
  const { phone } = world.open(appWith(['messages']));
  world.answer = (path) => ({ messages: [{ id: path }], more: false });
  const asked = await phone.messages.search('', { thread: '+86', since: 1, before: 3 });
  expect(asked.messages.map((one) => one.id)).toEqual(['/messages/search?q=&thread=%2B86&since=1&before=3']);
  world.answer = () => {
    throw Object.assign(new Error(), { code: 'offline' });
  };
  const ids = async (...wish: Parameters<typeof phone.messages.search>) =>
    (await phone.messages.search(...wish)).messages.map((one) => one.id);
  expect(await ids('', { thread: '+86' })).toEqual(['b', 'a']);
  expect(await ids('', { since: 2 })).toEqual(['c', 'b']);
  expect(await ids('西湖', { before: 2 })).toEqual(['a']);
  expect(await ids('')).toEqual([]);
  await expect(phone.messages.search('', { since: -1 })).rejects.toMatchObject({ code: 'bad-params' });
});

test('a group has its people, a draft leads, and what only the owner can tell is seen', () => {
  const people = ['+861', '@lin'];
  message('g', 'group-1', 1, { people, address: '+861', contact: '', state: 'unknown', direction: 'out' });
  message('a', '+86', 5);
  world.put('messages.draft', 'd', { thread: 'group-1', people, body: '明天', changed_ms: 9 });
  world.put('messages.draft', 'e', { thread: '+87', people: ['+87'], body: 'new', changed_ms: 7 });
  const of = (name: string) => [...world.records.values()].filter((one) => one.collection === name);
  const threads = threadsOf(of('messages.message'), of('messages.draft'));
  expect(threads.map((one) => one.id)).toEqual(['group-1', '+87', '+86']);
  expect(threads[0]).toMatchObject({ people, address: '+861, @lin', draft: '明天', unsure: true, count: 1 });
  expect(threads[1]).toMatchObject({ people: ['+87'], address: '+87', draft: 'new', count: 0 });
});

test('a draft is kept under the id that the cloud gives it too, and goes when it is empty', async () => {
  const { phone } = world.open(appWith(['messages']));
  await phone.messages.keepDraft('+8613800138000', ['+86 138 0013 8000'], '西湖见');
  expect([...world.records.keys()]).toEqual(['messages.draft/draft-ec61f3c620a98bdead8c1f1f']);
  expect(await phone.messages.draft('+8613800138000')).toBe('西湖见');
  await phone.messages.keepDraft('+8613800138000', [], '');
  expect(world.records.size).toBe(0);
  expect(await phone.messages.draft('+8613800138000')).toBe('');
});

test('sending, cards, decisions and attachments are asked of the cloud', async () => {
  const { phone } = world.open(appWith(['messages']));
  const asked: string[] = [];
  world.answer = (path) => {
    asked.push(path);
    if (path === '/messages/send') return { message: 'm1', state: 'queued' };
    return path === '/messages/sims' ? { sims: [{ id: 'a' }] } : 'bytes';
  };
  await phone.messages.send({ id: 'm1', people: ['+86'], body: 'x', sim: '', contact: '' });
  expect(await phone.messages.sims()).toEqual([{ id: 'a' }]);
  await phone.messages.account('l/n');
  await phone.messages.decide('m1', 'again');
  expect(await (await phone.messages.part('m1', 2)).text()).toBe('bytes');
  expect(asked).toEqual([
    '/messages/send',
    '/messages/sims',
    '/calendar/guests/l%2Fn',
    '/messages/outgoing/m1/decide',
    '/messages/m1/parts/2',
  ]);
  await expect(phone.messages.decide('m1', 'now' as 'again')).rejects.toMatchObject({ code: 'bad-params' });
});

test('pictures are brought one by one before the message that names them is sent', async () => {
  const { phone } = world.open(appWith(['messages']));
  const wish = { id: 'm1', people: ['@lin'], body: '', sim: '', contact: '' };
  const asked: [string, unknown][] = [];
  world.answer = (path, body) => {
    asked.push([path, body instanceof Blob ? body.size : body]);
    return path === '/messages/parts' ? { object: `part-${asked.length}` } : { state: 'delivered' };
  };
  const brought: number[] = [];
  const pictures = [new File(['sky'], `${'西'.repeat(120)}.jpg`), new Blob(['hills'])];
  await phone.messages.send(wish, pictures, (count) => brought.push(count));
  expect(brought).toEqual([1, 2]);
  expect(asked.slice(0, 2)).toEqual([
    ['/messages/parts', 3],
    ['/messages/parts', 5],
  ]);
  expect(asked[2]).toEqual([
    '/messages/send',
    {
      ...wish,
      region: 'GB',
      parts: [
        { object: 'part-1', name: '西'.repeat(100) },
        { object: 'part-2', name: '' },
      ],
    },
  ]);
  const many = Array.from({ length: 11 }, () => new Blob(['x']));
  await expect(phone.messages.send(wish, many)).rejects.toMatchObject({ code: 'bad-params' });
  await expect(phone.messages.send(wish, ['x' as unknown as Blob])).rejects.toMatchObject({
    code: 'bad-params',
  });
  expect(asked).toHaveLength(3);
});

test('a conversation goes with its draft, and comes back as it was but for what waited to be sent', async () => {
  message('a', '+86', 1, { read: false });
  message('b', '+86', 2, { direction: 'out', state: 'queued' });
  message('c', '10086', 3);
  world.put('messages.draft', 'd', { thread: '+86', body: 'begun' });
  const { phone } = world.open(appWith(['messages']));
  const gone = await phone.messages.delete({ threads: ['+86'] });
  expect([...world.records.keys()]).toEqual(['messages.message/c']);
  await phone.messages.restore(gone);
  expect([...world.records.keys()].sort()).toEqual(
    ['draft/d', 'message/a', 'message/b', 'message/c'].map((one) => `messages.${one}`),
  );
  expect(world.records.get('messages.message/a')?.fields).toMatchObject({ body: 'a', read: false });
  expect(world.records.get('messages.message/b')?.fields.state).toBe('unsent');
  await phone.messages.delete({ messages: ['c'] });
  expect((await phone.messages.threads()).map((one) => one.id)).toEqual(['+86']);
});

test('calls go by themselves, and come back as they were', async () => {
  const call = { address: '+86 1', thread: '+861', date_ms: 5, kind: 'missed', duration_s: 0 };
  for (const id of ['a', 'b', 'c']) world.put('messages.call', id, call);
  message('a', '+861', 1);
  const { phone } = world.open(appWith(['messages']));
  const gone = await phone.messages.delete({ calls: ['a', 'c', 'x'] });
  expect(gone).toEqual({ messages: {}, drafts: {}, calls: { a: call, c: call }, archives: {}, letters: [] });
  expect([...world.records.keys()].sort()).toEqual(['messages.call/b', 'messages.message/a']);
  await phone.messages.restore(gone);
  expect(world.records.get('messages.call/c')?.fields).toEqual(call);
  expect(world.records.size).toBe(4);
});

test('a conversation is unread by its last message that came', async () => {
  message('a', '+86', 1);
  message('b', '+86', 2);
  message('c', '+86', 3, { direction: 'out' });
  const { phone } = world.open(appWith(['messages']));
  await phone.messages.mark(['+86'], false);
  expect((await phone.messages.threads())[0]?.unread).toBe(1);
  await phone.messages.mark(['+86'], true);
  expect((await phone.messages.threads())[0]?.unread).toBe(0);
});

test('only an app that has the messages deletes them', async () => {
  const { phone } = world.open(appWith(['files']));
  await expect(phone.messages.delete({ threads: ['+86'] })).rejects.toMatchObject({ code: 'not-granted' });
  await expect(
    phone.messages.restore({ messages: {}, drafts: {}, calls: {}, archives: {}, letters: [] }),
  ).rejects.toMatchObject({
    code: 'not-granted',
  });
});

test('what is sent without the cloud is in its conversation, and can be taken back', async () => {
  message('a', '+86', 1);
  const { phone } = world.open(appWith(['messages', 'records:messages.message']));
  let heard = 0;
  phone.messages.onChange(() => {
    heard += 1;
  });
  const asked: unknown[] = [];
  world.answer = (_, body) => {
    asked.push(body);
    throw Object.assign(new Error(), { code: 'offline' });
  };
  world.problem = 'offline';
  const wish = { people: ['+86'], thread: '+86', body: '西湖见', sim: '', contact: '' };
  await phone.messages.keepDraft('+86', ['+86'], '西湖见');
  expect(await phone.messages.send({ id: 'm1', ...wish })).toEqual({ message: 'm1', state: 'waiting' });
  expect(asked).toEqual([]);
  expect(heard).toBeGreaterThan(0);
  expect(await phone.messages.draft('+86')).toBe('');
  const shown = (await phone.messages.thread('+86', 9)).at(-1);
  expect(shown).toMatchObject({ id: 'm1', pending: true });
  expect(shown?.fields).toMatchObject({ state: 'waiting', direction: 'out', body: '西湖见' });
  expect((await phone.messages.threads())[0]).toMatchObject({ lastBody: '西湖见', lastState: 'waiting' });
  expect(await phone.messages.takeBack('m1')).toEqual({ body: '西湖见', files: [] });
  // The app may end before it has kept the text.
  expect(await phone.messages.takeBack('m1')).toEqual({ body: '西湖见', files: [] });
  await phone.messages.tookBack('m1');
  expect(await phone.messages.takeBack('m1')).toBeUndefined();
  expect((await phone.messages.thread('+86', 9)).map(({ id }) => id)).toEqual(['a']);
});

test('a conversation that is deleted takes along what waits in it; brought back, that waits for a word', async () => {
  const { phone } = world.open(appWith(['messages']));
  world.problem = 'offline';
  const wish = { people: ['@lin'], thread: '@lin', body: 'x', sim: '', contact: '' };
  await phone.messages.send({ id: 'm1', ...wish });
  const gone = await phone.messages.delete({ threads: ['@lin'] });
  expect(world.letters.letters.size).toBe(0);
  await phone.messages.restore(gone);
  expect(world.letters.letters.get('m1')).toMatchObject({ state: 'refused', body: 'x', people: ['@lin'] });
});

test('a conversation says whether its last message has a picture', () => {
  message('a', '+86', 1, { body: '', parts: [{ type: 'image/jpeg' }] });
  message('b', '10086', 1, { body: '', parts: [{ type: 'text/x-vcard' }] });
  const threads = threadsOf([...world.records.values()]);
  expect(threads.map((one) => one.lastPicture)).toEqual([true, false]);
});

test('a picture that waits is shown from this phone, and taken back with its text', async () => {
  const { phone } = world.open(appWith(['messages']));
  world.problem = 'offline';
  const wish = { people: ['@lin'], thread: '@lin', body: 'x', sim: '', contact: '' };
  await phone.messages.send({ id: 'm1', ...wish }, [new File(['sky'], 'sky.png', { type: 'image/png' })]);
  const [shown] = await phone.messages.thread('@lin', 9);
  expect(shown?.fields.parts).toMatchObject([{ type: 'image/png', size: 3, name: 'sky.png' }]);
  expect((await phone.messages.threads())[0]?.lastPicture).toBe(true);
  expect(await (await phone.messages.part('m1', 0)).text()).toBe('sky');
  const back = await phone.messages.takeBack('m1');
  expect(back?.files.map(({ size, type }) => [size, type])).toEqual([[3, 'image/png']]); // Node's ports lose names
  expect(world.sent).toEqual([]);
});

test('a conversation is put aside until something newer is there, and taken back by hand', async () => {
  message('a', '+86', 5);
  message('b', '10086', 6);
  const { phone } = world.open(appWith(['messages']));
  const aside = async () =>
    (await phone.messages.threads())
      .filter((one) => one.archived)
      .map(({ id }) => id)
      .sort();
  await phone.messages.archive(['+86', '10086'], true);
  expect(await aside()).toEqual(['+86', '10086']);
  message('old', '+86', 4); // as an import brings it
  message('spam', '+86', 9, { blocked: true });
  expect(await aside()).toEqual(['+86', '10086']);
  message('c', '+86', 7);
  expect(await aside()).toEqual(['10086']);
  await phone.messages.keepDraft('10086', ['10086'], 'later');
  expect(await aside()).toEqual(['10086']);
  const gone = await phone.messages.delete({ threads: ['10086'] });
  expect([...world.records.values()].filter((one) => one.collection === 'messages.archive')).toHaveLength(1);
  await phone.messages.restore(gone);
  expect(await aside()).toEqual(['10086']);
  await phone.messages.archive(['10086'], false);
  expect(await aside()).toEqual([]);
});

test('a conversation that is put aside comes back with what nobody read, whatever clocks say', async () => {
  const now = Date.now();
  const ahead = now + 600_000;
  message('own', '+86', ahead, { direction: 'out' });
  message('far', '10086', now + 1e11);
  const { phone } = world.open(appWith(['messages']));
  const aside = async () =>
    (await phone.messages.threads()).filter((one) => one.archived).map(({ id }) => id);
  await phone.messages.archive(['+86', '10086'], true);
  expect((await aside()).sort()).toEqual(['+86', '10086']);
  message('spam', '10086', now, { read: false, blocked: true });
  message('old', '10086', now - 1e9, { read: false }); // as an import brings it
  message('read', '10086', now - 1000);
  expect(await aside()).toContain('10086');
  message('new', '10086', now - 1000, { read: false });
  expect(await aside()).not.toContain('10086');
  message('newer', '+86', now - 60_000, { read: false });
  expect(await aside()).toEqual([]);
});
