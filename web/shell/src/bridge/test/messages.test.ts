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
