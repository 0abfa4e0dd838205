import { readFileSync } from 'node:fs';
import { BridgeError, type Thread } from '@pileus/sdk';
import { afterEach, expect, test, vi } from 'vitest';
import { MessagesApp } from '../src/app.ts';
import en from '../src/en.json';
import { listed, type Suggestion } from '../src/person.ts';
import zh from '../src/zh.json';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

interface Begun {
  typed: string;
  open: Thread | undefined;
  picked: Map<string, string>;
  startGroup(typed: string, names: readonly string[]): Promise<void>;
  take(one: Suggestion): void;
  hint(): { words: string };
}

interface Looking {
  looked: { account: string; known: boolean } | undefined;
  type(event: { target: { value: string } }): void;
  look(account: string): Promise<boolean>;
  begin(): Promise<void>;
}

test('the manifest names the app by its folder and asks for what it uses', () => {
  const manifest = JSON.parse(readFileSync(new URL('../manifest.webmanifest', import.meta.url), 'utf8'));
  expect(manifest.pileus.id).toBe('messages');
  expect(manifest.pileus.permissions).toEqual([
    'messages',
    'links',
    'telephony',
    'records:messages.message:write',
    'records:messages.draft',
    'records:messages.block:write',
    'records:messages.archive:read',
    'records:messages.call:read',
    'records:contacts.contact:read',
  ]);
});

test('both languages have every word, with the same places in it', () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  for (const [key, message] of Object.entries(en)) {
    expect(places((zh as Record<string, unknown>)[key]), key).toEqual(places(message));
    expect(key.startsWith('messages.')).toBe(true);
  }
});

test('a conversation stays in its place when the cloud names it, and another one has its own', () => {
  const app = new MessagesApp() as unknown as {
    threads: Thread[];
    open: Thread | undefined;
    place: number;
    follow(): void;
    show(thread: Thread, at?: string): void;
    load(): void;
    leave(): void;
  };
  app.load = () => undefined;
  const named = { id: 'group-cloud', people: ['@bo', '@lin'], count: 1 } as Thread;
  const begun = { id: 'group-here', people: ['@lin', '@bo'], count: 0, draft: 'And then' } as Thread;
  app.show(begun);
  const before = app.place;
  app.threads = [begun, named];
  app.follow();
  expect([app.open, app.place]).toEqual([named, before]);
  app.show(named);
  expect(app.place).toBe(before);
  app.show(named, 'found');
  expect(app.place).toBe(before + 1);
  app.leave();
  app.show(named);
  expect(app.place).toBe(before + 2);
});

test('what became of a message last is shown, though an older list comes later', async () => {
  const answers: ((threads: Thread[]) => void)[] = [];
  const app = new MessagesApp() as unknown as { phone: object; threads: Thread[]; load(): Promise<void> };
  app.phone = { messages: { threads: () => new Promise<Thread[]>((done) => answers.push(done)) } };
  const inState = (lastState: string) => [{ id: '@nobody', people: ['@nobody'], lastState } as Thread];
  const readings = [app.load(), app.load()];
  answers[1]?.(inState('refused')); // had it been asked at once, the newer answer would come first
  answers[0]!(inState('sending'));
  await readings[0];
  answers[1]!(inState('refused'));
  await readings[1];
  expect(app.threads[0]!.lastState).toBe('refused');
});

test('what is put aside is taken back from there, and undone to just what was', async () => {
  const before = { thread: 'a', last_ms: 3 };
  const records = new Map<string, object>([['archive-a', before]]);
  const app = new MessagesApp() as unknown as {
    phone: object;
    shelf: string;
    chosen: Set<string>;
    done: { back(): Promise<unknown> } | undefined;
    choosing(): unknown;
    archive(threads: string[], on: boolean): Promise<void>;
  };
  app.phone = {
    records: { query: async () => [...records].map(([id, fields]) => ({ id, fields })) },
    messages: {
      archive: async (threads: string[], on: boolean) => {
        for (const one of threads) {
          if (on) records.set(`archive-${one}`, { thread: one, last_ms: 9, last_seq: 4 });
          else records.delete(`archive-${one}`);
        }
      },
      restore: async (gone: { archives: { [id: string]: object } }) => {
        for (const [id, fields] of Object.entries(gone.archives))
          records.set(id, { ...records.get(id), ...fields });
      },
    },
  };
  for (const [shelf, glyph, on] of [
    ['inbox', 'archive', true],
    ['archived', 'archive-restore', false],
  ] as const) {
    app.shelf = shelf;
    app.chosen = new Set(['a', 'b']);
    const shown = JSON.stringify(app.choosing(), (_, one) => (one === undefined ? null : one));
    expect(shown.match(/"archive[a-z-]*"/g)).toEqual([`"${glyph}"`]);
    await app.archive(['a', 'b'], on);
    expect([...records.keys()]).toEqual(on ? ['archive-a', 'archive-b'] : []);
    await app.done?.back();
    expect([...records]).toEqual([['archive-a', { ...before, last_seq: 0 }]]);
  }
});

test('of several who are called the same it is asked which, one by one', async () => {
  const thread = (address: string, contact: string) => ({ id: address, address, contact, people: [address] });
  const [first, other] = [thread('+4930111111', 'Anna'), thread('+4930222222', 'Anna')];
  const app = new MessagesApp() as unknown as Begun;
  Object.assign(app, {
    threads: [first, other, thread('+4930333333', 'Ben')],
    renderRoot: { querySelector: () => null },
    beginning: true,
    show: (one: Thread) => (app.open = one),
  });
  const write = async (typed: string) => {
    app.typed = typed;
    await app.startGroup(typed, listed(typed).people);
    return app.hint().words;
  };
  const choose = ({ address }: { address: string }) => app.take({ id: '', name: 'Anna', address, photo: '' });
  expect(await write('Anna, Ben')).toBe('messages.to-which');
  choose(other);
  expect([app.typed, app.hint().words]).toEqual(['Anna, Ben', 'messages.to-hint']);
  await write(app.typed);
  expect(app.open?.people).toEqual(['+4930222222', '+4930333333']);

  Object.assign(app, { beginning: true });
  app.picked.clear();
  await write('Anna, Anna');
  choose(first);
  expect(app.typed).toBe('+4930111111, Anna');
  expect(await write(app.typed)).toBe('messages.to-which');
  choose(other);
  await write(app.typed);
  expect(app.open?.people).toEqual(['+4930111111', '+4930222222']);

  Object.assign(app, { beginning: true });
  expect(await write('Nora, Ben')).toBe('messages.to-strange');
});

test('an account that is not there is asked for again, one that is there once', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('window', globalThis);
  const app = new MessagesApp() as unknown as Looking;
  const account = vi.fn().mockRejectedValue(new BridgeError('no-account', ''));
  Object.assign(app, { phone: { messages: { account } }, renderRoot: { querySelector: () => null } });
  const type = async () => {
    app.type({ target: { value: '@bob' } });
    await vi.advanceTimersByTimeAsync(600);
    return app.looked;
  };
  const bob = (known: boolean) => ({ account: 'bob', known });
  expect(await type()).toEqual(bob(false));
  account.mockResolvedValue({});
  expect(await type()).toEqual(bob(true));
  await type();
  expect([account.mock.calls.length, await app.look('bob')]).toEqual([2, true]);
  app.looked = bob(false);
  account.mockRejectedValue(new BridgeError('offline', ''));
  expect([await app.look('bob'), app.looked]).toEqual([true, undefined]); // nobody knows now
  app.looked = bob(true);
  void app.begin();
  expect(app.looked).toBeUndefined();
});

function places(message: unknown): string[] {
  const text = typeof message === 'string' ? message : (message as { other: string }).other;
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))].sort();
}
