import { expect, it } from 'vitest';
import { setLocale } from '../../kit/src/i18n/index.ts';
import type { Fields, SyncRecord } from '../../kit/src/sync/types.ts';
import { Arrivals } from '../src/notices/arrivals.ts';
import { NoticeStore } from '../src/notices/notices.ts';

const NOW = 1_800_000_000_000;
const MESSAGE = {
  direction: 'in',
  address: '@mei',
  thread: '@mei',
  body: '西湖见',
  date_ms: NOW,
  read: false,
};
const EVENT: Fields = {
  _me: 'pileus:li',
  summary: [['summary', {}, 'text', 'Tea']],
  organizer: [['organizer', {}, 'cal-address', 'pileus:mei']],
  attendee: [['attendee', { partstat: 'NEEDS-ACTION' }, 'cal-address', 'pileus:LI']],
};

function phone() {
  const records = new Map<string, SyncRecord>();
  const listeners = new Map<string, (ids: string[]) => void>();
  const notices = new NoticeStore();
  let front: string | undefined;
  const sync = {
    get: async (_collection: string, id: string) => records.get(id),
    subscribe: (collection: string, listener: (ids: string[]) => void) => {
      listeners.set(collection, listener);
      return () => void listeners.delete(collection);
    },
  };
  const stop = new Arrivals(
    sync,
    notices,
    () => front,
    () => NOW,
    async (address) => (address === '+49301' ? 'Anna' : ''),
  ).start();
  const come = async (collection: string, id: string, fields: Fields, pending = false, ids = [id]) => {
    records.set(id, { collection, id, fields, seq: 1, pending });
    listeners.get(collection)?.(ids);
    await new Promise((done) => setTimeout(done));
  };
  const told = () => notices.all().map((one) => `${one.title}: ${one.text}`);
  const lead = () => notices.all().map((one) => one.intent);
  return { come, told, lead, stop, look: (app: string | undefined) => (front = app) };
}

it('a message is told until it is read, the last one of a conversation', async () => {
  const { come, told, look, stop } = phone();
  await come('messages.message', 'a', MESSAGE);
  await come('messages.message', 'b', { ...MESSAGE, contact: 'Mei', body: '好', date_ms: NOW + 1 });
  expect(told()).toEqual(['Mei: 好']);
  await come('messages.message', 'a', { ...MESSAGE, read: true });
  expect(told()).toEqual(['Mei: 好']);
  await come('messages.message', 'b', { ...MESSAGE, read: true, date_ms: NOW + 1 });
  expect(told()).toEqual([]);
  look('messages');
  await come('messages.message', 'c', MESSAGE);
  expect(told()).toEqual([]);
  look(undefined);
  stop();
  await come('messages.message', 'd', MESSAGE);
  expect(told()).toEqual([]);
});

it('whoever is blocked is not told of, and takes away no word of the others of a group', async () => {
  const { come, told } = phone();
  const group = { ...MESSAGE, thread: 'group-1', contact: 'Mei' };
  await come('messages.message', 'a', { ...group, blocked: true, address: '@bo', contact: 'Bo' });
  expect(told()).toEqual([]);
  await come('messages.message', 'b', group);
  const blocked = { ...group, blocked: true, read: true, address: '@bo', contact: 'Bo', date_ms: NOW + 1 };
  await come('messages.message', 'c', blocked);
  expect(told()).toEqual(['Mei: 西湖见']);
});

it('a call that was missed is told until it is seen', async () => {
  setLocale('en');
  const { come, told, lead } = phone();
  const call = {
    kind: 'missed',
    address: '+8613800138000',
    thread: '+8613800138000',
    date_ms: NOW,
    seen: false,
  };
  await come('messages.call', 'a', { ...call, date_ms: NOW - 3_600_000 });
  await come('messages.call', 'b', { ...call, kind: 'in' });
  expect(told()).toEqual([]);
  await come('messages.call', 'c', call);
  expect(told()).toEqual(['+8613800138000: Missed call']);
  expect(lead()).toEqual([{ view: 'calls' }]);
  await come('messages.call', 'c', { ...call, seen: true });
  expect(told()).toEqual([]);
});

it('a message without words is told by what came with it', async () => {
  const { come, told, stop } = phone();
  setLocale('en');
  await come('messages.message', 'a', { ...MESSAGE, body: '', parts: [{ type: 'image/png' }] });
  expect(told()).toEqual(['@mei: Picture']);
  await come('messages.message', 'b', { ...MESSAGE, body: '', thread: '@lin', parts: [{ type: 'text/x' }] });
  expect(told()).toContain('@mei: ');
  stop();
});

it('what is old, sent, of this device or many at once is no news', async () => {
  const { come, told } = phone();
  await come('messages.message', 'a', { ...MESSAGE, date_ms: NOW - 3_600_000 });
  await come('messages.message', 'b', { ...MESSAGE, direction: 'out' });
  await come('messages.message', 'c', MESSAGE, true);
  await come('messages.message', 'd', MESSAGE, false, Array<string>(101).fill('d'));
  expect(told()).toEqual([]);
});

it('an invitation is told until it is answered, and that it is cancelled', async () => {
  const { come, told } = phone();
  const answered = (partstat: string): Fields => ({
    ...EVENT,
    attendee: [['attendee', { partstat }, 'cal-address', 'pileus:li']],
  });
  await come('calendar.event', 'e', EVENT);
  expect(told()).toEqual(['@mei invites you: Tea']);
  await come('calendar.event', 'e', answered('ACCEPTED'));
  expect(told()).toEqual([]);
  await come('calendar.event', 'e', {
    ...answered('ACCEPTED'),
    status: [['status', {}, 'text', 'CANCELLED']],
  });
  expect(told()).toEqual(['@mei cancelled this: Tea']);
  await come('calendar.event', 'o', { ...EVENT, _me: 'pileus:mei' });
  await come('calendar.event', 'p', { summary: EVENT.summary! });
  expect(told()).toEqual(['@mei cancelled this: Tea']);
});

it('a notice leads to its conversation, or to its event', async () => {
  const { come, lead } = phone();
  await come('messages.message', 'a', { ...MESSAGE, thread: 'group-1' });
  expect(lead()).toEqual([{ view: 'thread', thread: 'group-1' }]);
  await come('calendar.event', 'e', EVENT);
  expect(lead()).toContainEqual({ view: 'event', event: 'e' });
});

it('who has a number is told by the contacts, where no name came along', async () => {
  setLocale('en');
  const { come, told } = phone();
  const call = { kind: 'missed', address: '+49301', thread: '+49301', date_ms: NOW, seen: false };
  await come('messages.call', 'a', call);
  await come('messages.message', 'b', { ...MESSAGE, address: '+49301', thread: '+49301' });
  await come('messages.message', 'c', { ...MESSAGE, address: '+49301', thread: 'x', contact: 'Anna B.' });
  expect(told().sort()).toEqual(['Anna B.: 西湖见', 'Anna: Missed call', 'Anna: 西湖见']);
});
