import { readFileSync } from 'node:fs';
import { BridgeError } from '@pileus/sdk';
import { expect, test } from 'vitest';
import { PhoneApp } from '../src/app.ts';
import en from '../src/en.json';
import zh from '../src/zh.json';

test('the manifest names the app by its folder and asks for what it uses', () => {
  const manifest = JSON.parse(readFileSync(new URL('../manifest.webmanifest', import.meta.url), 'utf8'));
  expect(manifest.pileus.id).toBe('phone');
  expect(manifest.pileus.permissions).toEqual([
    'telephony',
    'links',
    'records:messages.call:write',
    'records:messages.block:write',
    'records:contacts.contact:read',
  ]);
});

test('both languages have every word, with the same places in it', () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  for (const [key, message] of Object.entries(en)) {
    expect(places((zh as Record<string, unknown>)[key]), key).toEqual(places(message));
    expect(key.startsWith('phone.')).toBe(true);
  }
});

test('what could not be taken back is still offered, and said', async () => {
  const app = new PhoneApp() as unknown as {
    done: { said: string; back: () => Promise<unknown> } | undefined;
    problem: string;
    undo(): Promise<void>;
  };
  let full = true;
  const done = {
    said: 'Deleted',
    back: async () => {
      if (full) throw new BridgeError('storage-full', 'No room');
    },
  };
  app.done = done;
  await app.undo();
  expect([app.done, app.problem !== '']).toEqual([done, true]);
  full = false;
  await app.undo();
  expect([app.done, app.problem]).toEqual([undefined, '']);
});

function places(message: unknown): string[] {
  const text = typeof message === 'string' ? message : (message as { other: string }).other;
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))].sort();
}
