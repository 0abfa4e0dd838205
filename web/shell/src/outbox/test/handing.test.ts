import { expect, test, vi } from 'vitest';
import type { SyncStatus } from '../../../../kit/src/sync/types.ts';
import type { Api } from '../../deps.ts';
import type { Modem, Telephony } from '../../handset/states.ts';
import { NoticeStore } from '../../notices/notices.ts';
import { goesByCard, type OwnCard, type Standing } from '../card.ts';
import type { Letter } from '../kept.ts';
import { Outbox, type Wish } from '../outbox.ts';
import * as rules from '../rules.ts';
import { letterBox, turns } from './box.ts';

const WISH: Wish = {
  id: 'm',
  thread: '+86',
  people: ['+86 138'],
  body: '在路上',
  sim: '',
  contact: '',
  region: 'CN',
  files: [],
};
const LETTER: Letter = { ...WISH, parts: [], made_ms: 1, state: 'waiting', code: '', detail: '' };
const MODEM = { messages: true, registration: 'home', lock: '', card: '8986' } as Modem;
const PHONE = { airplane: false, modems: [MODEM] } as unknown as Telephony;

/** A phone with a card of its own: a daemon that takes a letter once by its id, and a cloud that does. */
class World implements OwnCard {
  online = false;
  ready = true;
  daemon: Map<string, Standing> | undefined = new Map();
  /** What the daemon was asked to send, and what the account has of it. */
  asked: [string, boolean][] = [];
  kept = new Set<string>();
  cloud: string[] = [];
  records = new Set<string>();
  decided: string[] = [];
  /** What becomes of the next question to the daemon, before it is taken or after. */
  before: (() => unknown) | undefined;
  after: (() => unknown) | undefined;
  box = letterBox();
  notices = new NoticeStore();
  private hears = new Set<() => void>();
  private statuses = new Set<(status: SyncStatus) => void>();
  private readonly alone = turns();

  takes = (letter: Letter) => this.ready && letter.files.length === 0;

  async send({ id }: Letter, repeated: boolean): Promise<string> {
    this.asked.push([id, repeated]);
    const { before, after } = this;
    this.before = this.after = undefined;
    before?.();
    if (this.kept.has(id)) return 'kept';
    if (!this.daemon!.has(id)) this.say(id, 'sending');
    after?.();
    return this.daemon!.get(id)!.state;
  }

  async decide(id: string, decision: string): Promise<void> {
    this.decided.push(`${id} ${decision}`);
  }

  standing = () => this.daemon;

  watch(listener: () => void): () => void {
    this.hears.add(listener);
    return () => this.hears.delete(listener);
  }

  say(id: string, state: string, error = ''): void {
    this.daemon = new Map(this.daemon).set(id, { state, error });
    this.tell();
  }

  tell(): void {
    for (const hear of this.hears) hear();
  }

  turn(online: boolean): void {
    this.online = online;
    for (const hear of this.statuses) hear(this.status);
  }

  page(): Outbox {
    const sync = {
      get: async (_: string, id: string) =>
        this.records.has(id) ? { collection: '', id, fields: {}, seq: 1, pending: false } : undefined,
      delete: async () => undefined,
      status: () => this.status,
      onStatus: (listener: (status: SyncStatus) => void) => {
        this.statuses.add(listener);
        return () => this.statuses.delete(listener);
      },
      ring: () => undefined,
    };
    const send = async (_: string, __: string, { id }: Wish) => {
      this.cloud.push(id);
      return Response.json({ message: id, state: 'queued' });
    };
    const api = { send } as unknown as Api;
    const { box, notices, alone } = this;
    const made = new Outbox(
      api,
      sync,
      box,
      notices,
      'mei',
      () => undefined,
      alone,
      () => 1,
      this,
    );
    made.start();
    return made;
  }

  private get status(): SyncStatus {
    const problem = this.online ? {} : { problem: 'offline' };
    return { unsafe: 0, online: this.online, cursor: 1, ...problem };
  }
}

async function states(outbox: Outbox): Promise<Record<string, string>> {
  return Object.fromEntries((await outbox.letters()).map(({ id, state }) => [id, state]));
}

test('a text to numbers goes by a card that is here and has a network', () => {
  expect(goesByCard(LETTER, PHONE)).toBe(true);
  expect(goesByCard({ ...LETTER, sim: '8986' }, PHONE)).toBe(true);
  const files = [{ blob: new Blob(['x']), name: 'x' }];
  for (const letter of [
    { ...LETTER, sim: 'of another handset' },
    { ...LETTER, people: ['+86138', '@lin'] },
    { ...LETTER, body: ' ' },
    { ...LETTER, files },
  ])
    expect(goesByCard(letter, PHONE)).toBe(false);
  for (const odd of [{ registration: 'searching' }, { lock: 'sim-pin' }, { card: '' }, { messages: false }])
    expect(goesByCard(LETTER, { ...PHONE, modems: [{ ...MODEM, ...odd }] })).toBe(false);
  expect(goesByCard(LETTER, { ...PHONE, airplane: true })).toBe(false);
  expect(goesByCard(LETTER, undefined)).toBe(false);
});

test('without the cloud it leaves at once, and the cloud is never asked to send it', async () => {
  const world = new World();
  const outbox = world.page();
  expect(await outbox.send(WISH)).toEqual({ message: 'm', state: 'waiting' });
  await vi.waitFor(() => expect(world.asked).toEqual([['m', false]]));
  expect(await states(outbox)).toEqual({ m: 'sending' });
  world.say('m', 'delivered');
  await vi.waitFor(async () => expect(await states(outbox)).toEqual({ m: 'delivered' }));
  expect(await outbox.takeBack('m')).toBeUndefined();
  expect(await outbox.drop(() => true)).toEqual([]);
  world.turn(true);
  await outbox.flush();
  // The daemon has brought it: it names it no more, and its record comes.
  world.kept.add('m');
  world.daemon = new Map();
  world.tell();
  await vi.waitFor(() => expect(world.box.letters.size).toBe(0));
  world.records.add('m');
  expect(await states(outbox)).toEqual({});
  expect(world.cloud).toEqual([]);
});

test('what the cloud may have is never handed to the daemon', async () => {
  const world = new World();
  world.box.letters.set('m', { ...LETTER, state: 'asked' });
  world.box.letters.set('old', { ...LETTER, id: 'old', state: 'refused' });
  const outbox = world.page();
  await outbox.send({ ...WISH, id: 'new' });
  await vi.waitFor(() => expect(world.asked).toEqual([['new', false]]));
  for (const state of ['asked', 'handed', 'refused'] as const)
    expect(rules.handed({ ...LETTER, state })).toBeUndefined();
  expect(rules.handed({ ...LETTER, asleep: true })).toBeUndefined();
});

test('a refusal of the first question gives it back, and it waits for the cloud', async () => {
  const world = new World();
  const outbox = world.page();
  world.before = () => {
    world.ready = false;
    throw { code: 'modem-not-ready' };
  };
  await outbox.send(WISH);
  await vi.waitFor(() => expect(world.box.letters.get('m')?.state).toBe('waiting'));
  world.turn(true);
  await vi.waitFor(() => expect(world.cloud).toEqual(['m']));
  expect(world.asked.length).toBe(1);
});

test('once an answer was lost it stays with the daemon, whatever it says later', async () => {
  const world = new World();
  const outbox = world.page();
  world.before = () => {
    world.daemon = undefined;
    throw { code: 'handset-gone' };
  };
  await outbox.send(WISH);
  await vi.waitFor(() => expect(world.asked.length).toBe(1));
  expect(world.box.letters.get('m')?.state).toBe('handed');
  outbox.stop();
  const next = world.page();
  world.turn(true);
  world.daemon = new Map();
  world.before = () => {
    throw { code: 'modem-not-ready' };
  };
  world.tell();
  await vi.waitFor(() => expect(world.asked.at(-1)).toEqual(['m', true]));
  expect(world.box.letters.get('m')?.state).toBe('handed');
  world.tell();
  await vi.waitFor(async () => expect(await states(next)).toEqual({ m: 'sending' }));
  await next.flush();
  expect(world.cloud).toEqual([]);
});

test('its owner is asked here where it may have left, and a notice tells of it once', async () => {
  const world = new World();
  const outbox = world.page();
  await outbox.send(WISH);
  await vi.waitFor(() => expect(world.asked.length).toBe(1));
  world.say('m', 'unknown');
  await vi.waitFor(() => expect(world.notices.all().length).toBe(1));
  expect(await outbox.decide('m', 'again')).toBe(true);
  expect(world.notices.all()).toEqual([]);
  expect(world.decided).toEqual(['m again']);
  expect(await outbox.decide('of the account', 'again')).toBe(false);
});
