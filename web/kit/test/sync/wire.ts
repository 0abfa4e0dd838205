/** A device under test and a network whose answers are written by hand. */
import { afterEach, expect } from 'vitest';
import { createSync, type Storage, type Sync, type Tabs } from '../../src/sync/index.ts';
import type { Request, Response, Transport } from '../../src/sync/transport.ts';
import type { Change, Mutation } from '../../src/sync/wire.ts';

/** A network whose answers each test writes by hand; unanswered requests wait. */
export class Wire implements Transport {
  readonly requests: Request[] = [];
  private readonly waiting: {
    request: Request;
    resolve: (answer: Response) => void;
    reject: (e: Error) => void;
  }[] = [];
  private notice: () => void = () => undefined;

  send(request: Request, signal: AbortSignal): Promise<Response> {
    this.requests.push(request);
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      this.notice();
    });
  }

  async next(path: string): Promise<Request> {
    while (!this.waiting[0]) await new Promise<void>((resolve) => (this.notice = resolve));
    expect(this.waiting[0].request.path).toContain(path);
    return this.waiting[0].request;
  }

  async answer(path: string, body: unknown, status = 200): Promise<Request> {
    const request = await this.next(path);
    this.waiting.shift()?.resolve({ status, body });
    return request;
  }

  async lose(path: string): Promise<Request> {
    const request = await this.next(path);
    this.waiting.shift()?.reject(new Error('lost'));
    return request;
  }

  mutations(request: Request): Mutation[] {
    return (request.body as { mutations: Mutation[] }).mutations;
  }

  /** Takes the next mutations as applied, from `seq` on. */
  async apply(seq: number): Promise<Mutation[]> {
    const wishes = this.mutations(await this.next('/journal/mutations'));
    const outcomes = wishes.map(({ id }, index) => ({ id, status: 'applied', seq: seq + index }));
    await this.answer('/journal/mutations', { outcomes });
    return wishes;
  }

  async tail(since: number, changes: Change[], next = changes.at(-1)?.seq ?? since): Promise<void> {
    await this.answer(`/journal/changes?since=${since}&`, { changes, next, more: false });
  }

  async empty(): Promise<void> {
    await this.answer('/journal/snapshot', { as_of: 0, records: [], next: null });
    await this.tail(0, []);
  }
}

export const note = (seq: number, id: string, fields: Change['fields'], deleted = false): Change => ({
  seq,
  collection: 'notes.note',
  id,
  deleted,
  fields,
  texts: {},
});

const opened: Sync[] = [];
afterEach(async () => {
  for (const sync of opened.splice(0)) await sync.stop();
});

export function device(storage: Storage, transport: Transport, tabs?: Tabs): Sync {
  const naps: (() => void)[] = [];
  const clock = {
    // Time stands still: only a ring or the end of the loop wakes it.
    sleep: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        naps.push(resolve);
        signal.addEventListener('abort', () => resolve());
      }),
  };
  const sync = createSync({ storage, transport, clock, ...(tabs ? { tabs } : {}) });
  opened.push(sync);
  return sync;
}

export function until(sync: Sync, holds: () => boolean): Promise<void> {
  if (holds()) return Promise.resolve();
  return new Promise((resolve) => {
    const leave = sync.onStatus(() => {
      if (!holds()) return;
      leave();
      resolve();
    });
  });
}
