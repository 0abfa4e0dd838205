import { readFileSync } from 'node:fs';
import type { Thread } from '@pileus/sdk';
import { expect, test } from 'vitest';
import { MessagesApp } from '../src/app.ts';
import en from '../src/en.json';
import zh from '../src/zh.json';

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

function places(message: unknown): string[] {
  const text = typeof message === 'string' ? message : (message as { other: string }).other;
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))].sort();
}
