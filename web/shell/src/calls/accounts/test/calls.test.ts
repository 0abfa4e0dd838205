import { afterEach, expect, it, vi } from 'vitest';
import { Problem } from '../../../session/problem.ts';
import { AccountCalls } from '../calls.ts';
import type { MakePeer, PeerNews } from '../peer.ts';
import type { Told } from '../states.ts';
import { type Locks, Tab } from '../tab.ts';

/** A cloud's side of one call, as far as a page sees it. */
class Cloud {
  told: Told = {
    call: 'c1',
    side: 'caller',
    other: '@mei',
    state: 'calling',
    reason: '',
    began_ms: 1,
    answered_ms: 0,
    signals: [],
    offer: '',
  };
  asked: [string, unknown][] = [];
  refuse: Problem | undefined;
  line = '';
  servers: Promise<void> | undefined;
  slow: Promise<void> | undefined;
  /** The account is in a call. */
  full = false;
  /** Has no request wait. */
  hasty = false;
  deaf: (Problem | undefined)[] = [];
  looked: string[] = [];
  /** By when each question that waits is given up. */
  limits: unknown[] = [];
  private waiting: (() => void)[] = [];
  private rung: () => void = () => undefined;

  api = {
    get: async (path: string): Promise<unknown> => {
      if (path === '/calls/servers') {
        await this.servers;
        return { servers: [] };
      }
      this.looked.push(path);
      if (this.looked.length > 100) await new Promise(() => undefined); // so that a test ends which fails
      if (this.refuse) throw this.refuse;
      await this.slow;
      const query = new URLSearchParams(path.split('?')[1] ?? '');
      const after = Number(query.get('after') ?? 0);
      const quiet = () =>
        query.get('state') === this.told.state && this.told.signals.every(({ number }) => number <= after);
      while (!this.hasty && this.told.state !== 'ended' && quiet())
        await new Promise<void>((done) => this.waiting.push(done));
      return { ...this.told, signals: this.told.signals.filter(({ number }) => number > after) };
    },
    post: async (path: string, body: unknown) => {
      this.asked.push([path, body]);
      if (this.refuse && !path.endsWith('/end')) throw this.refuse;
      // Heard, and the answer is lost.
      const lost = this.deaf.shift();
      if (this.full && path === '/calls') throw new Problem('call-under-way', '', 409);
      if (path.endsWith('/answer')) this.turn({ state: 'active' });
      if (path.endsWith('/end')) this.turn({ state: 'ended', reason: 'hung-up' });
      if (lost) throw lost;
      return this.told;
    },
    send: async (method: string, path: string, body: unknown, init?: RequestInit) => {
      if (method === 'GET') {
        this.limits.push(init?.signal);
        return Response.json(await this.api.get(path));
      }
      this.asked.push([path, body]);
      return new Response();
    },
  };
  sync = {
    get: async () => ({
      collection: 'calls.line',
      id: 'line',
      seq: 1,
      pending: false,
      fields: { call: this.line },
    }),
    subscribe: (_collection: string, listener: () => void) => {
      this.rung = listener;
      return () => undefined;
    },
  };

  turn(more: Partial<Told>): void {
    this.told = { ...this.told, ...more };
    for (const done of this.waiting.splice(0)) done();
  }

  ring(call: string): void {
    this.line = call;
    this.rung();
  }
}

const said: string[] = [];
let news: PeerNews;
let denied = false;
let broken = false;
/** Until it resolves the browser asks its owner. */
let asks: Promise<void> | undefined;
/** How many peers have no end yet. */
let open = 0;
const makePeer: MakePeer = (_servers, hears) => {
  news = hears;
  open += 1;
  let closed = false;
  const heard = async (word: string) => {
    await asks;
    if (denied) throw new Problem('microphone-denied', '');
    said.push(word);
    return `v=0 ${word}`;
  };
  return {
    offer: () => heard('offer'),
    answer: (offer) => heard(`answer to ${offer}`),
    answered: async (answer) => void (await heard(`answered ${answer}`)),
    candidate: async (one) => {
      if (broken) throw new Error('broken');
      await heard(`candidate ${one}`);
    },
    speak: (on) => void said.push(`speak ${on}`),
    listen: (on) => void said.push(`listen ${on}`),
    nextOutput: async () => '',
    close: () => {
      said.push('close');
      if (!closed) open -= 1;
      closed = true;
    },
  };
};

const waits: (() => void)[] = [];
function world(locks?: Locks) {
  vi.stubGlobal('window', new EventTarget());
  const cloud = new Cloud();
  const later = (act: () => void) => waits.push(act);
  const tab = new Tab(locks);
  const calls = new AccountCalls(cloud.api as never, cloud.sync as never, makePeer, later, tab);
  return { cloud, calls, stop: calls.start() };
}

/** Those of a browser, for what asks whether one is there (https://w3c.github.io/web-locks/#request-lock). */
function browserLocks(): Locks {
  const held = new Set<string>();
  const request = async (name: string, _options: unknown, work: (lock: unknown) => unknown) => {
    await undefined;
    if (held.has(name)) return work(null);
    held.add(name);
    try {
      return await work({ name });
    } finally {
      held.delete(name);
    }
  };
  return { request } as never;
}
afterEach(() => {
  denied = broken = false;
  asks = undefined;
  open = 0;
  said.length = waits.length = 0;
});

it('calls, speaks, holds and hangs up', async () => {
  const { cloud, calls } = world();
  const { call } = await calls.dial('@mei');
  expect(cloud.asked[0]).toMatchObject(['/calls', { to: '@mei', offer: 'v=0 offer' }]);
  news.candidate('{}');
  await vi.waitFor(() =>
    expect(cloud.asked[1]).toEqual(['/calls/c1/signals', { signals: [{ kind: 'candidate', body: '{}' }] }]),
  );
  cloud.turn({ state: 'ringing' });
  await vi.waitFor(() => expect(calls.value?.state).toBe('ringing-out'));
  const signals = [
    { number: 2, kind: 'answer', body: 'v=0 mine' },
    { number: 3, kind: 'candidate', body: '{"a":1}' },
  ] as const;
  cloud.turn({ state: 'active', signals });
  await vi.waitFor(() => expect(calls.value?.state).toBe('active'));
  expect(said.slice(1)).toEqual(['answered v=0 mine', 'candidate {"a":1}']);
  news.way('open');
  expect(calls.value?.connected).toBe(true);
  calls.mute(true);
  await calls.swap(call);
  await calls.swap(call);
  expect(said.slice(3)).toEqual([
    'speak false',
    'listen true',
    'speak false',
    'listen false',
    'speak false',
    'listen true',
  ]);
  cloud.turn({ signals: [...signals, { number: 4, kind: 'hold', body: 'on' }] });
  await vi.waitFor(() => expect(calls.value?.waits).toBe(true));
  await calls.hangUp(call);
  expect(calls.value).toMatchObject({ over: 'hung-up', state: 'active' });
  expect(cloud.asked.at(-1)).toEqual(['/calls/c1/end', { reason: 'hung-up' }]);
  expect(said.at(-1)).toBe('close');
  await calls.hangUp(call); // its end was looked at
  expect([calls.value, cloud.asked.filter(([path]) => path.endsWith('/end')).length]).toEqual([undefined, 1]);
});

it('says why it is over until that was looked at', async () => {
  const { cloud, calls } = world();
  cloud.turn({ state: 'ended', reason: 'busy' });
  await calls.dial('@mei');
  expect(calls.value?.over).toBe('busy');
  await calls.hangUp(calls.value!.key);
  expect([calls.value, cloud.asked.length]).toEqual([undefined, 1]);
});

it('is in no call that the cloud or the browser refused', async () => {
  const { cloud, calls } = world();
  denied = true;
  await expect(calls.dial('@mei')).rejects.toMatchObject({ code: 'microphone-denied' });
  expect([calls.value, cloud.asked.length]).toEqual([undefined, 0]);
  denied = false;
  cloud.refuse = new Problem('no-account', '', 404);
  await expect(calls.dial('@nobody')).rejects.toMatchObject({ code: 'no-account' });
  expect(calls.value).toBeUndefined();
});

it('answers one that rings, and rings on where the microphone was refused', async () => {
  const { cloud, calls } = world();
  cloud.turn({ side: 'callee', other: '@anna', state: 'ringing', offer: 'v=0 theirs' });
  cloud.ring('c1');
  await vi.waitFor(() => expect(calls.value).toMatchObject({ state: 'ringing-in', other: '@anna' }));
  const { key } = calls.value!;
  denied = true;
  await expect(calls.answer(key)).rejects.toMatchObject({ code: 'microphone-denied' });
  expect(calls.value?.state).toBe('ringing-in');
  denied = false;
  await calls.answer(key);
  expect(cloud.asked).toEqual([['/calls/c1/answer', { answer: 'v=0 answer to v=0 theirs' }]]);
  expect(calls.value?.state).toBe('active');
  cloud.ring('');
  cloud.turn({ signals: [{ number: 1, kind: 'offer', body: 'v=0 another way' }] });
  await vi.waitFor(() =>
    expect(cloud.asked[1]).toEqual([
      '/calls/c1/signals',
      { signals: [{ kind: 'answer', body: 'v=0 answer to v=0 another way' }] },
    ]),
  );
});

it('stops ringing when another device answered', async () => {
  const { cloud, calls } = world();
  cloud.turn({ side: 'callee', state: 'ringing' });
  cloud.ring('c1');
  await vi.waitFor(() => expect(calls.value?.state).toBe('ringing-in'));
  cloud.ring('');
  await vi.waitFor(() => expect(calls.value).toBeUndefined());
});

it('looks for another way when one broke, and gives up after a while', async () => {
  const { cloud, calls } = world();
  await calls.dial('@mei');
  cloud.turn({ state: 'active', signals: [{ number: 1, kind: 'answer', body: 'v=0' }] });
  await vi.waitFor(() => expect(calls.value?.state).toBe('active'));
  news.way('open');
  news.way('broken');
  await vi.waitFor(() =>
    expect(cloud.asked.at(-1)).toEqual([
      '/calls/c1/signals',
      { signals: [{ kind: 'offer', body: 'v=0 offer' }] },
    ]),
  );
  waits[0]!(); // of the first way, which was found
  expect(calls.value?.over).toBe('');
  waits.at(-1)!();
  expect(calls.value?.over).toBe('lost');
  expect(cloud.asked.at(-1)).toEqual(['/calls/c1/end', { reason: 'lost' }]);
});

it('tells the other side when its page goes', async () => {
  const { cloud, calls, stop } = world();
  await calls.dial('@mei');
  stop();
  expect(cloud.asked.at(-1)).toEqual(['/calls/c1/end', {}]);
  expect(calls.value).toBeUndefined();
});

it('opens no microphone, and calls nobody, for a call that was hung up before there was a way', async () => {
  const { cloud, calls } = world();
  let go = () => {};
  cloud.servers = new Promise<void>((done) => (go = done));
  const dialled = calls.dial('@mei');
  await calls.hangUp(calls.value!.key);
  go();
  await dialled;
  expect([said, cloud.asked.filter(([path]) => path === '/calls')]).toEqual([[], []]);
});

it('is rid of a microphone that was allowed after the call was hung up', async () => {
  const { cloud, calls } = world();
  let allow = () => {};
  asks = new Promise<void>((done) => (allow = done));
  const dialled = calls.dial('@mei');
  await vi.waitFor(() => expect(open).toBe(1));
  await calls.hangUp(calls.value!.key);
  allow();
  await dialled;
  expect([open, cloud.asked.filter(([path]) => path === '/calls')]).toEqual([0, []]);

  cloud.turn({ side: 'callee', state: 'ringing', offer: 'v=0' });
  cloud.ring('c1');
  await vi.waitFor(() => expect(calls.value?.state).toBe('ringing-in'));
  asks = new Promise<void>((done) => (allow = done));
  const answered = calls.answer(calls.value!.key);
  await vi.waitFor(() => expect(open).toBe(1));
  await calls.hangUp(calls.value!.key);
  allow();
  await answered;
  expect([open, cloud.asked.filter(([path]) => path.endsWith('/answer'))]).toEqual([0, []]);
});

const COMING = { side: 'callee', state: 'ringing', offer: 'v=0', reason: '', signals: [] } as const;

it('rings with the call that was in the way of its own', async () => {
  const { cloud, calls } = world();
  cloud.full = true;
  const dialled = calls.dial('@mei');
  cloud.turn({ ...COMING, other: '@mei' });
  cloud.ring('c1');
  await expect(dialled).rejects.toMatchObject({ code: 'call-under-way' });
  await vi.waitFor(() => expect(calls.value).toMatchObject({ state: 'ringing-in', other: '@mei' }));
});

it('rings while it is shown why the last call ended, and not again with one that was declined', async () => {
  const { cloud, calls } = world();
  cloud.turn({ state: 'ended', reason: 'busy' });
  await calls.dial('@mei');
  expect(calls.value?.over).toBe('busy');
  cloud.turn({ ...COMING, call: 'c2' });
  cloud.ring('c2');
  await vi.waitFor(() => expect(calls.value).toMatchObject({ id: 'c2', state: 'ringing-in' }));
  waits.splice(0).forEach((go) => void go());
  expect(calls.value?.id).toBe('c2');
  const looked = cloud.looked.filter((path) => path === '/calls/c2').length;
  await calls.hangUp(calls.value!.key);
  cloud.turn(COMING);
  cloud.ring('c2'); // the record does not know it yet
  await new Promise((done) => setTimeout(done));
  expect(calls.value).toBeUndefined();
  expect(cloud.looked.filter((path) => path === '/calls/c2')).toHaveLength(looked);
});

it('rings with the call that came while it asked after another one', async () => {
  const { cloud } = world();
  let go = () => {};
  cloud.slow = new Promise<void>((done) => (go = done));
  cloud.turn({ ...COMING, state: 'ended', reason: 'cancelled' });
  cloud.ring('c1');
  await vi.waitFor(() => expect(cloud.looked).toEqual(['/calls/c1']));
  cloud.ring('c2');
  cloud.slow = undefined;
  go();
  await vi.waitFor(() => expect(cloud.looked).toEqual(['/calls/c1', '/calls/c2']));
});

it.each([
  new Problem('offline', ''),
  new Problem('unavailable', '', 503),
  new Problem('too-many-requests', '', 429),
])('asks again who rings where the cloud did not say: $code', async (problem) => {
  const { cloud, calls } = world();
  cloud.turn(COMING);
  cloud.refuse = problem;
  cloud.ring('c1');
  await vi.waitFor(() => expect(waits).toHaveLength(1));
  cloud.refuse = undefined;
  waits.pop()!();
  await vi.waitFor(() => expect(calls.value?.state).toBe('ringing-in'));
});

it('takes two presses of Answer as one', async () => {
  const { cloud, calls } = world();
  cloud.turn(COMING);
  cloud.ring('c1');
  await vi.waitFor(() => expect(calls.value?.state).toBe('ringing-in'));
  const { key } = calls.value!;
  await Promise.all([calls.answer(key), calls.answer(key)]);
  expect(cloud.asked.map(([path]) => path)).toEqual(['/calls/c1/answer']);
  expect([calls.value?.state, open]).toEqual(['active', 1]);
});

it('gives the same answer again where nobody knows whether the cloud heard it', async () => {
  const { cloud, calls } = world();
  cloud.turn(COMING);
  cloud.ring('c1');
  await vi.waitFor(() => expect(calls.value?.state).toBe('ringing-in'));
  cloud.deaf = [new Problem('offline', ''), new Problem('unavailable', '', 503)];
  const answered = calls.answer(calls.value!.key);
  for (const times of [1, 2]) {
    await vi.waitFor(() => expect([cloud.asked.length, waits.length > 0]).toEqual([times, true]));
    waits.splice(0).forEach((go) => void go());
  }
  await answered;
  expect(cloud.asked).toEqual(Array(3).fill(['/calls/c1/answer', { answer: 'v=0 answer to v=0' }]));
  expect([calls.value?.state, open, said.includes('close')]).toEqual(['active', 1, false]);
});

it('ends a call that the cloud takes as answered here, where this page gave up on it', async () => {
  const { cloud, calls } = world();
  cloud.turn(COMING);
  cloud.ring('c1');
  await vi.waitFor(() => expect(calls.value?.state).toBe('ringing-in'));
  cloud.deaf = [new Problem('forbidden', '', 403)];
  await expect(calls.answer(calls.value!.key)).rejects.toMatchObject({ code: 'forbidden' });
  cloud.turn({ began_ms: 2 });
  await vi.waitFor(() => expect(cloud.asked.at(-1)).toEqual(['/calls/c1/end', { reason: 'failed' }]));
});

it('calls once where nobody knows whether the cloud heard it', async () => {
  const { cloud, calls } = world();
  cloud.deaf = [new Problem('offline', '')];
  const dialled = calls.dial('@mei');
  await vi.waitFor(() => expect(waits).toHaveLength(1));
  waits.pop()!();
  await dialled;
  const [one, two] = cloud.asked;
  expect([two, open]).toEqual([one, 1]);
  expect(calls.value?.id).toBe('c1');
});

it('ends a call that the cloud never named, by the id that was chosen', async () => {
  const { cloud, calls } = world();
  cloud.deaf = [new Problem('offline', '')];
  const dialled = calls.dial('@mei');
  await vi.waitFor(() => expect(waits).toHaveLength(1));
  const [, { id }] = cloud.asked[0] as [string, { id: string }];
  cloud.deaf = [new Problem('offline', '')];
  const hung = calls.hangUp(calls.value!.key);
  expect(calls.value?.over).toBe('hung-up');
  await vi.waitFor(() => expect(waits).toHaveLength(2));
  for (const go of waits.splice(0)) go();
  await Promise.all([dialled, hung]);
  const end = [`/calls/${id}/end`, { reason: 'hung-up' }];
  expect(cloud.asked.slice(1)).toEqual([end, end]);
  expect(calls.value?.over).toBe('hung-up');
});

it('asks a cloud that has nobody wait no more than now and then', async () => {
  const { cloud, calls } = world();
  cloud.hasty = true;
  await calls.dial('@mei');
  await vi.waitFor(() => expect(waits).toHaveLength(1));
  const before = cloud.looked.length;
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  expect(cloud.looked).toHaveLength(before);
  waits.pop()!();
  await vi.waitFor(() => expect(cloud.looked).toHaveLength(before + 1));
});

it('fails where it is answered and what the other side says cannot be taken', async () => {
  const { cloud, calls } = world();
  cloud.turn(COMING);
  cloud.ring('c1');
  await vi.waitFor(() => expect(calls.value?.state).toBe('ringing-in'));
  broken = true;
  cloud.turn({ signals: [{ number: 1, kind: 'candidate', body: '{' }] });
  await expect(calls.answer(calls.value!.key)).rejects.toThrow('broken');
  for (const go of waits.splice(0)) go();
  await vi.waitFor(() => expect(cloud.asked.at(-1)).toEqual(['/calls/c1/end', { reason: 'failed' }]));
  expect(open).toBe(0);
});

it('gives a question up that hangs on a network that is gone', async () => {
  const limit = vi.spyOn(AbortSignal, 'timeout');
  const { cloud, calls } = world();
  await calls.dial('@mei');
  await vi.waitFor(() => expect(cloud.limits).toHaveLength(1));
  expect(limit.mock.calls).toEqual([[25_000]]);
  expect(cloud.limits[0]).toBe(limit.mock.results[0]!.value);
  limit.mockRestore();
});

it('leaves the call of another tab of this browser alone, and says that there is one', async () => {
  const locks = browserLocks();
  const [first, second] = [world(locks), world(locks)];
  const { call } = await first.calls.dial('@mei');
  await expect(second.calls.dial('@tom')).rejects.toMatchObject({ code: 'call-in-tab' });
  expect([second.calls.value, second.cloud.asked]).toEqual([undefined, []]);
  first.cloud.turn({ state: 'active', signals: [{ number: 1, kind: 'answer', body: 'v=0' }] });
  await vi.waitFor(() => expect(first.calls.value?.state).toBe('active'));
  expect([first.calls.value?.over, open]).toEqual(['', 1]);

  await first.calls.hangUp(call);
  expect((await first.calls.dial('@mei')).call).toBe(first.calls.value?.key); // its own lock is not in its way
  await first.calls.hangUp(first.calls.value!.key);
  await second.calls.dial('@tom');
  expect(second.cloud.asked[0]).toMatchObject(['/calls', { to: '@tom' }]);
});

it('has another tab dial again where the call that it answered is over, or was never taken', async () => {
  const locks = browserLocks();
  const [first, second] = [world(locks), world(locks)];
  first.cloud.turn(COMING);
  first.cloud.ring('c1');
  await vi.waitFor(() => expect(first.calls.value?.state).toBe('ringing-in'));
  denied = true;
  await expect(first.calls.answer(first.calls.value!.key)).rejects.toMatchObject({
    code: 'microphone-denied',
  });
  denied = false;
  await second.calls.dial('@tom');
  await second.calls.hangUp(second.calls.value!.key);
  await first.calls.answer(first.calls.value!.key);
  await expect(second.calls.dial('@tom')).rejects.toMatchObject({ code: 'call-in-tab' });
  first.cloud.turn({ state: 'ended', reason: 'hung-up' });
  await vi.waitFor(() => expect(first.calls.value?.over).toBe('hung-up'));
  second.cloud.turn({ state: 'calling', reason: '' });
  await second.calls.dial('@tom');
  expect(second.calls.value).toMatchObject({ over: '', other: '@mei', state: 'dialing' });
});
