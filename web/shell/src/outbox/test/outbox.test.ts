import { expect, test, vi } from 'vitest';
import type { Fields, SyncRecord, SyncStatus } from '../../../../kit/src/sync/types.ts';
import type { Api } from '../../deps.ts';
import { NoticeStore } from '../../notices/notices.ts';
import { draftId } from '../draft.ts';
import { Outbox, type Wish } from '../outbox.ts';
import { letterBox, turns } from './box.ts';

const LOST = { code: 'offline' };

/** A phone with its outbox, and a cloud that takes a message once by its id. */
class World {
  online = true;
  records = new Map<string, SyncRecord>();
  taken = new Map<string, unknown>();
  asked: string[] = [];
  brought: string[] = [];
  /** What becomes of the next question. */
  next: (() => unknown) | undefined;
  /** One that is never taken. */
  stuck: { id: string; error: unknown } | undefined;
  /** What becomes of the next picture. */
  picture: (() => unknown) | undefined;
  front: string | undefined;
  now = 0;
  notices = new NoticeStore();
  box = letterBox();
  private listeners = new Set<(status: SyncStatus) => void>();
  private readonly alone = turns();

  /** A page of the phone: another one is what is there after the first was closed or killed. */
  page(look: (init: RequestInit) => void = () => undefined): Outbox {
    const sync = {
      get: async (collection: string, id: string) => this.records.get(`${collection}/${id}`),
      delete: async (collection: string, id: string) => void this.records.delete(`${collection}/${id}`),
      status: () => this.status,
      onStatus: (listener: (status: SyncStatus) => void) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      ring: () => undefined,
    };
    const api = {
      send: async (_: string, path: string, body: unknown, init: RequestInit) => {
        look(init);
        return path === '/messages/parts' ? this.keep(init.body as Blob) : this.answer(body as Wish);
      },
    };
    const clock = () => ++this.now;
    const front = () => this.front;
    return new Outbox(api as unknown as Api, sync, this.box, this.notices, 'mei', front, this.alone, clock);
  }

  put(collection: string, id: string, fields: Fields): void {
    this.records.set(`${collection}/${id}`, {
      collection,
      id,
      fields,
      seq: 1,
      pending: false,
    });
  }

  turn(online: boolean): void {
    this.online = online;
    for (const listener of this.listeners) listener(this.status);
  }

  private get status(): SyncStatus {
    const problem = this.online ? {} : { problem: 'offline' };
    return { unsafe: 0, online: this.online, cursor: 1, ...problem };
  }

  private async keep(picture: Blob): Promise<Response> {
    if (!this.online) throw LOST;
    await this.picture?.();
    this.brought.push(await picture.text());
    return Response.json({ object: `object-${await picture.text()}` });
  }

  private async answer(wish: Wish): Promise<Response> {
    this.asked.push(wish.id);
    if (!this.online) throw LOST;
    if (wish.id === this.stuck?.id) throw this.stuck.error;
    const { next } = this;
    this.next = undefined;
    const answer = await next?.();
    if (answer) return answer as Response;
    this.taken.set(wish.id, wish);
    return Response.json({ message: wish.id, state: 'queued' });
  }
}

function wish(id: string, more: Partial<Wish> = {}): Wish {
  const nobody = {
    thread: '+86',
    people: ['+86'],
    sim: '',
    contact: '',
    region: 'CN',
    files: [],
  };
  return { id, body: id, ...nobody, ...more };
}

function thrown(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** Until all that waits has been tried. */
async function settled(outbox: Outbox): Promise<void> {
  await outbox.flush();
}

test('with the cloud a message goes out at once, and nothing is left here', async () => {
  const world = new World();
  const outbox = world.page();
  expect(await outbox.send(wish('a'))).toEqual({
    message: 'a',
    state: 'queued',
  });
  expect(world.box.letters.size).toBe(0);
  // Until its record comes it is shown as on its way.
  expect(await outbox.letters()).toMatchObject([{ id: 'a', state: 'sending' }]);
  world.put('messages.message', 'a', {});
  expect(await outbox.letters()).toEqual([]);
});

test('without it messages wait in their order, outlive the page, and go out once when it is back', async () => {
  const world = new World();
  world.online = false;
  const first = world.page();
  first.start();
  await settled(first);
  world.put('messages.draft', await draftId('+86'), { body: 'a' });
  for (const id of ['a', 'b']) expect((await first.send(wish(id))).state).toBe('waiting');
  expect(world.records.size).toBe(0); // what was begun is no draft any more
  expect(world.asked).toEqual([]);
  first.stop();
  const second = world.page();
  expect((await second.letters()).map(({ id, state }) => [id, state])).toEqual([
    ['a', 'waiting'],
    ['b', 'waiting'],
  ]);
  second.start();
  world.turn(true);
  await settled(second);
  expect(world.asked).toEqual(['a', 'b']);
  world.turn(false);
  world.turn(true);
  await settled(second);
  expect(world.asked).toEqual(['a', 'b']);
  second.stop();
});

test('after a lost answer the same message is asked for again, never another', async () => {
  const world = new World();
  const outbox = world.page();
  world.next = () => {
    world.taken.set('a', 'here'); // it came, and its answer did not
    throw LOST;
  };
  expect((await outbox.send(wish('a'))).state).toBe('waiting');
  expect(world.box.letters.get('a')?.state).toBe('asked');
  expect(await outbox.takeBack('a')).toBeUndefined(); // it may be there
  await settled(outbox);
  expect(world.asked).toEqual(['a', 'a']);
  expect([...world.taken.keys()]).toEqual(['a']);
  expect(world.box.letters.size).toBe(0);
  outbox.stop();
});

test('a page that was killed while it asked asks again for the same one', async () => {
  const world = new World();
  const killed = world.page();
  world.next = () => {
    // What the phone holds at this moment is what the next page finds.
    expect(world.box.letters.get('a')?.state).toBe('asked');
    throw LOST;
  };
  await killed.send(wish('a'));
  killed.stop();
  const next = world.page();
  await settled(next);
  expect(world.asked).toEqual(['a', 'a']);
});

test('what was taken back is not sent', async () => {
  const world = new World();
  const outbox = world.page();
  world.online = false;
  await outbox.send(wish('a'));
  expect(await outbox.takeBack('a')).toMatchObject({ body: 'a' });
  world.turn(true);
  await settled(outbox);
  expect(world.asked).toEqual([]);
  outbox.stop();
});

test('a refusal is told to whoever sends; of what waited it stays until its owner tries again', async () => {
  const world = new World();
  const outbox = world.page();
  const refusal = {
    code: 'no-account',
    detail: 'There is no account.',
    status: 404,
  };
  world.next = thrown(refusal);
  await expect(outbox.send(wish('a'))).rejects.toBe(refusal);
  expect(world.box.letters.size).toBe(0);
  world.online = false;
  await outbox.send(wish('b', { contact: 'Mei' }));
  world.online = true;
  world.next = thrown(refusal);
  await settled(outbox);
  expect(await outbox.letters()).toMatchObject([{ id: 'b', state: 'refused', code: 'no-account' }]);
  expect(world.notices.all()).toMatchObject([{ app: 'messages', title: 'Mei: a message was not sent' }]);
  await settled(outbox);
  expect(world.asked).toEqual(['a', 'b']); // not by itself
  await outbox.tryAgain('b');
  await settled(outbox);
  expect([...world.taken.keys()]).toEqual(['b']);
  expect(world.notices.all()).toEqual([]);
  outbox.stop();
});

test('a refusal of one holds up no other; a cloud that is busy holds up all, and took none', async () => {
  const world = new World();
  const outbox = world.page();
  world.online = false;
  for (const id of ['a', 'b', 'c']) await outbox.send(wish(id));
  world.online = true;
  world.next = thrown({ code: 'too-many-requests', status: 429 });
  await settled(outbox);
  expect(world.asked).toEqual(['a']);
  expect(world.box.letters.get('a')?.state).toBe('waiting');
  world.next = thrown({ code: 'message-people', status: 400 });
  await settled(outbox);
  expect(world.asked).toEqual(['a', 'a', 'b', 'c']);
  expect([...world.box.letters.keys()]).toEqual(['a']);
  outbox.stop();
});

test('one that was there and was deleted is asked for no more', async () => {
  const world = new World();
  const outbox = world.page();
  world.next = thrown(LOST);
  await outbox.send(wish('a'));
  world.next = thrown({ code: 'message-known', status: 409 });
  await settled(outbox);
  expect(await outbox.letters()).toEqual([]);
  outbox.stop();
});

test('without storage a message needs the cloud', async () => {
  const world = new World();
  world.box.change = async () => thrown(new Error('no room'))();
  const outbox = world.page();
  expect((await outbox.send(wish('a'))).state).toBe('queued');
  world.online = false;
  await expect(outbox.send(wish('b'))).rejects.toBe(LOST);
});

test('deleted ones come back without being sent', async () => {
  const world = new World();
  const outbox = world.page();
  world.online = false;
  await outbox.send(wish('a'));
  const gone = await outbox.drop(({ thread }) => thread === '+86');
  expect(gone).toEqual(['a']);
  expect(await outbox.waiting()).toBe(0);
  await outbox.restore(gone);
  world.turn(true);
  await settled(outbox);
  expect(world.asked).toEqual([]);
  expect(await outbox.letters()).toMatchObject([{ id: 'a', state: 'refused', code: '' }]);
  outbox.stop();
});

test('pictures wait with their message, and are brought before it is asked for', async () => {
  const world = new World();
  const outbox = world.page();
  const files = ['sky', 'sea'].map((text) => ({
    blob: new Blob([text], { type: 'image/png' }),
    name: text,
  }));
  world.online = false;
  await outbox.send(wish('a', { files, body: '' }));
  expect(await outbox.waiting()).toBe(1);
  expect(await (await outbox.picture('a', 1))?.text()).toBe('sea');
  expect(await outbox.picture('a', 2)).toBeUndefined();
  world.online = true;
  world.next = thrown({ code: 'content-gone', status: 409 });
  await settled(outbox);
  expect(world.brought).toEqual(['sky', 'sea']);
  await outbox.tryAgain('a'); // the cloud keeps none for long that no message names
  await settled(outbox);
  expect(world.brought).toEqual(['sky', 'sea', 'sky', 'sea']);
  expect(world.taken.get('a')).toMatchObject({
    parts: [
      { object: 'object-sky', name: 'sky' },
      { object: 'object-sea', name: 'sea' },
    ],
  });
  expect(await outbox.waiting()).toBe(0);
  expect(await (await outbox.picture('a', 0))?.text()).toBe('sky'); // until its record is here
});

test('a message whose pictures did not get through can still be taken back', async () => {
  const world = new World();
  const outbox = world.page();
  const files = [{ blob: new Blob(['sky']), name: 'sky' }];
  const brought: number[] = [];
  await outbox.send(wish('a', { files }), (count) => brought.push(count));
  expect(brought).toEqual([1]);
  const sync = outbox.send(wish('b', { files }));
  world.online = false; // on the way
  await sync;
  expect(world.asked).toEqual(['a']);
  expect(await outbox.takeBack('b')).toMatchObject({ body: 'b', files });
  outbox.stop();
});

/** A moment in which the cloud has the question and not answered yet. */
function held(): {
  asked: Promise<void>;
  hold: () => Promise<void>;
  fail: (error?: unknown) => void;
} {
  let come: () => void;
  const asked = new Promise<void>((resolve) => {
    come = resolve;
  });
  let fail: (error?: unknown) => void = () => undefined;
  const answer = new Promise<void>((resolve, reject) => {
    fail = (error) => (error ? reject(error) : resolve());
  });
  const hold = () => {
    come();
    return answer;
  };
  return { asked, hold, fail };
}

const BUSY = { code: 'too-many-requests', status: 429 };
const REFUSED = { code: 'message-people', status: 400 };
const FULL = { code: 'quota-exceeded', detail: '', status: 507 };

for (const answer of [BUSY, REFUSED, LOST, { code: 'device-locked', status: 403 }])
  test(`what is deleted while it is asked for does not come back: ${answer.code}`, async () => {
    const world = new World();
    const outbox = world.page();
    world.online = false;
    await outbox.send(wish('a'));
    world.online = true;
    const { asked, hold, fail } = held();
    world.next = hold;
    const flush = outbox.flush();
    await asked;
    expect(await outbox.drop(() => true)).toEqual(['a']);
    fail(answer);
    await flush;
    expect(await outbox.letters()).toEqual([]);
    expect(world.notices.all()).toEqual([]);
    await settled(outbox);
    expect(world.asked).toEqual(['a']);
    outbox.stop();
  });

test('what is deleted or taken back while its pictures are brought is not asked for', async () => {
  const world = new World();
  const outbox = world.page();
  const files = [{ blob: new Blob(['sky']), name: 'sky' }];
  world.online = false;
  for (const id of ['a', 'b']) await outbox.send(wish(id, { files }));
  world.online = true;
  const ends = [
    () => outbox.drop(({ id }) => id === 'a'),
    async () => expect(await outbox.takeBack('b')).toMatchObject({ body: 'b' }),
  ];
  world.picture = () => ends.shift()?.();
  await outbox.flush();
  expect(world.brought).toEqual(['sky', 'sky']);
  expect(world.asked).toEqual([]);
  // The app may end before its line has the text.
  expect(await outbox.letters()).toMatchObject([{ id: 'b', state: 'refused', code: '' }]);
  await outbox.tookBack('b');
  expect(await outbox.letters()).toEqual([]);
  outbox.stop();
});

test('what is deleted between being looked at and being asked for is not asked for', async () => {
  const world = new World();
  const outbox = world.page();
  world.online = false;
  await outbox.send(wish('a'));
  world.online = true;
  const { get } = world.box;
  world.box.get = async (id) => {
    const letter = await get(id);
    await outbox.drop(() => true);
    return letter;
  };
  await outbox.flush();
  expect(world.asked).toEqual([]);
  outbox.stop();
});

test('what may be there stays so when its deletion is undone: it can be asked for again, not taken back', async () => {
  const world = new World();
  const outbox = world.page();
  world.next = () => {
    world.taken.set('a', 'here');
    throw LOST;
  };
  await outbox.send(wish('a'));
  await outbox.restore(await outbox.drop(() => true));
  expect(await outbox.letters()).toMatchObject([{ id: 'a', state: 'asked', asleep: true }]);
  expect(await outbox.takeBack('a')).toBeUndefined();
  await settled(outbox);
  expect(world.asked).toEqual(['a']); // not by itself
  await Promise.all([outbox.tryAgain('a'), outbox.tryAgain('a')]);
  await settled(outbox);
  expect(new Set(world.asked)).toEqual(new Set(['a']));
  expect(await outbox.waiting()).toBe(0);
  outbox.stop();
});

test('an answer that is not of the cloud leaves what may be there as it is', async () => {
  const answers = [
    thrown({ code: 'http-403', status: 403 }),
    thrown({ code: 'http-429', status: 429 }),
    thrown({ code: 'unavailable', status: 507 }),
    thrown(new DOMException('ended', 'TimeoutError')),
    () => Response.json({}),
    () => new Response('<html>Please sign in</html>'),
  ];
  for (const answer of answers) {
    const world = new World();
    const outbox = world.page();
    world.next = answer;
    expect((await outbox.send(wish('a'))).state).toBe('waiting');
    expect(world.box.letters.get('a')?.state).toBe('asked');
    world.next = answer;
    await settled(outbox);
    expect(world.box.letters.get('a')?.state).toBe('asked');
    expect(await outbox.takeBack('a')).toBeUndefined();
    outbox.stop();
  }
});

test('a cloud without room took nothing, and what is behind goes on', async () => {
  const world = new World();
  const outbox = world.page();
  world.next = thrown(FULL);
  await expect(outbox.send(wish('a'))).rejects.toBe(FULL);
  world.online = false;
  for (const id of ['b', 'c']) await outbox.send(wish(id));
  world.online = true;
  world.next = thrown(FULL);
  await settled(outbox);
  expect([...world.taken.keys()]).toEqual(['c']);
  expect(await outbox.letters()).toMatchObject([
    { id: 'b', state: 'refused', code: 'quota-exceeded' },
    { id: 'c', state: 'sending' },
  ]);
  expect(await outbox.takeBack('b')).toMatchObject({ body: 'b' });
  outbox.stop();
});

test('one that the cloud never answers, or stumbles over, holds up no other', async () => {
  for (const error of [{ code: 'internal', status: 500 }, LOST]) {
    const world = new World();
    const outbox = world.page();
    world.online = false;
    for (const id of ['a', 'b']) await outbox.send(wish(id));
    world.online = true;
    world.stuck = { id: 'a', error };
    for (let round = 0; round < 4; round++) await settled(outbox);
    expect([...world.taken.keys()]).toEqual(['b']);
    outbox.stop();
  }
});

test('one that is never answered holds up no other that was unanswered as often', async () => {
  const world = new World();
  const outbox = world.page();
  world.online = false;
  for (const id of ['a', 'b']) await outbox.send(wish(id));
  world.online = true;
  world.next = thrown(LOST);
  for (let round = 0; round < 6; round++) {
    world.next = thrown(LOST); // a page to sign in at, for whatever is asked for
    await settled(outbox);
  }
  world.next = undefined;
  world.stuck = { id: 'a', error: LOST };
  for (let round = 0; round < 4; round++) await settled(outbox);
  expect([...world.taken.keys()]).toEqual(['b']);
  outbox.stop();
});

test('a draft that cannot be deleted makes no message unsent', async () => {
  const world = new World();
  const outbox = world.page();
  vi.spyOn(world.records, 'delete').mockImplementation(() => {
    throw new Error('no room');
  });
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  world.put('messages.draft', await draftId('+86'), { body: 'a' });
  expect(await outbox.send(wish('a'))).toEqual({ message: 'a', state: 'queued' });
  world.online = false;
  world.turn(false);
  world.put('messages.draft', await draftId('+86'), { body: 'b' });
  expect(await outbox.send(wish('b'))).toEqual({ message: 'b', state: 'waiting' });
  expect(warned).toHaveBeenCalledTimes(2);
  warned.mockRestore();
  outbox.stop();
});

test('what was taken back elsewhere while its pictures were brought keeps its draft', async () => {
  const world = new World();
  const [here, there] = [world.page(), world.page()];
  const { asked, hold, fail: end } = held();
  world.picture = hold;
  const sent = here.send(wish('a', { files: [{ blob: new Blob(['lake']), name: 'lake.jpg' }] }));
  await asked;
  expect(await there.takeBack('a')).toMatchObject({ body: 'a' });
  world.put('messages.draft', await draftId('+86'), { body: 'a' });
  await there.tookBack('a');
  end();
  await sent;
  expect(world.records.size).toBe(1);
  expect(world.asked).toEqual([]);
  here.stop();
  there.stop();
});

test('after the end of a session nothing is asked for', async () => {
  const world = new World();
  const outbox = world.page();
  world.online = false;
  for (const id of ['a', 'b']) await outbox.send(wish(id));
  world.online = true;
  const { asked, hold, fail } = held();
  world.next = hold;
  const flush = outbox.flush();
  await asked;
  outbox.stop();
  const timers = vi.spyOn(globalThis, 'setTimeout');
  fail(REFUSED);
  await flush;
  expect((await outbox.send(wish('c'))).state).toBe('waiting');
  await settled(outbox);
  expect(timers).not.toHaveBeenCalled();
  timers.mockRestore();
  expect(world.asked).toEqual(['a']);
  expect([...world.box.letters.values()].map(({ state }) => state)).toEqual([
    'refused',
    'waiting',
    'waiting',
  ]);
});

test('no question and no picture outlives the session, or waits for ever', async () => {
  const signals: AbortSignal[] = [];
  const limits = vi.spyOn(AbortSignal, 'timeout');
  const world = new World();
  const outbox = world.page((init) => signals.push(init.signal!));
  await outbox.send(wish('a', { files: [{ blob: new Blob(['x'.repeat(8001)]), name: '' }] }));
  expect(limits.mock.calls).toEqual([[61_001], [60_000]]);
  limits.mockRestore();
  outbox.stop();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test('sent again with its id, one that is here stays as it is', async () => {
  const world = new World();
  const outbox = world.page();
  world.next = thrown(LOST);
  await outbox.send(wish('a'));
  world.next = thrown(BUSY);
  await outbox.send(wish('a'));
  expect(world.box.letters.get('a')?.state).toBe('asked');
  expect(await outbox.takeBack('a')).toBeUndefined();
  await outbox.drop(() => true);
  const both = await Promise.all([outbox.send(wish('b')), outbox.send(wish('b'))]);
  expect(both.map(({ state }) => state)).toEqual(['queued', 'queued']);
  expect(world.asked).toEqual(['a', 'a', 'b']);
  outbox.stop();
});

test('a refusal that nobody hears any more is kept, and told', async () => {
  const world = new World();
  const outbox = world.page();
  const { asked, hold, fail } = held();
  world.next = hold;
  let open = true;
  const sent = outbox.send(wish('a', { contact: 'Mei' }), undefined, () => open);
  await asked;
  expect(await outbox.letters()).toEqual([]); // it stands where it was written
  open = false;
  expect(await outbox.letters()).toMatchObject([{ id: 'a', state: 'sending' }]);
  fail(REFUSED);
  await expect(sent).rejects.toBe(REFUSED);
  expect(await outbox.letters()).toMatchObject([{ id: 'a', state: 'refused', code: 'message-people' }]);
  expect(world.notices.all()).toMatchObject([{ title: 'Mei: a message was not sent' }]);
  outbox.stop();
});

test('one whose record is here is gone, also when that is deleted elsewhere', async () => {
  const world = new World();
  const outbox = world.page();
  world.next = thrown(LOST);
  await outbox.send(wish('a'));
  await outbox.restore(await outbox.drop(() => true));
  world.put('messages.message', 'a', {});
  expect(await outbox.letters()).toEqual([]);
  world.records.delete('messages.message/a');
  expect(await outbox.letters()).toEqual([]);
  outbox.stop();
});

test('other tabs hear of it', async () => {
  const world = new World();
  const [one, other] = [world.page(), world.page()];
  world.online = false;
  for (const page of [one, other]) page.start();
  const heard = new Promise<void>((resolve) => other.onChange(resolve));
  await one.send(wish('a'));
  await heard;
  for (const page of [one, other]) page.stop();
});

test('silence holds up what is behind, so that it can still be taken back, and all is tried again later', async () => {
  const world = new World();
  const outbox = world.page();
  world.online = false;
  for (const id of ['a', 'b']) await outbox.send(wish(id));
  const timers = vi.spyOn(globalThis, 'setTimeout');
  await settled(outbox);
  expect(world.asked).toEqual([]);
  world.online = true;
  world.next = thrown(LOST);
  await settled(outbox);
  expect(timers.mock.calls.map(([, ms]) => ms)).toEqual([3000]);
  expect(world.asked).toEqual(['a']);
  expect(await outbox.takeBack('b')).toMatchObject({ body: 'b' });
  for (let round = 0; round < 3; round++) {
    world.next = thrown(LOST);
    await settled(outbox);
  }
  expect(timers.mock.calls.map(([, ms]) => ms)).toEqual([3000, 9000, 27_000, 30_000]);
  await settled(outbox);
  world.next = thrown(LOST);
  await outbox.send(wish('c'));
  expect(timers.mock.calls.at(-1)?.[1], 'after an answer it begins anew').toBe(3000);
  timers.mockRestore();
  outbox.stop();
});

test('one that is deleted while the cloud takes it is not shown any more', async () => {
  const world = new World();
  const outbox = world.page();
  const { asked, hold, fail } = held();
  world.next = hold;
  const sent = outbox.send(wish('a'));
  await asked;
  await outbox.drop(() => true);
  fail();
  await sent;
  expect(await outbox.letters()).toEqual([]);
});

test('what becomes of its pictures says nothing of a question that left before', async () => {
  const world = new World();
  const outbox = world.page();
  const files = [{ blob: new Blob(['sky']), name: 'sky' }];
  world.next = thrown(LOST);
  await outbox.send(wish('a', { files }));
  await world.box.change('a', (letter) => letter && { ...letter, parts: [] });
  world.picture = thrown({ code: 'message-picture', status: 400 });
  await settled(outbox);
  expect(world.box.letters.get('a')?.state).toBe('asked');
  outbox.stop();
});
