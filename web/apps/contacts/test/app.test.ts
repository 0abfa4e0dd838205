import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import en from '../src/en.json';
import zh from '../src/zh.json';

test('the manifest names the app by its folder and asks for what it uses', () => {
  const manifest = JSON.parse(readFileSync(new URL('../manifest.webmanifest', import.meta.url), 'utf8'));
  expect(manifest.pileus.id).toBe('contacts');
  expect(manifest.pileus.permissions).toEqual([
    'records:contacts:write',
    'records:messages.block:write',
    'contacts',
    'telephony',
    'links',
  ]);
});

test('both languages have every word, with the same places in it', () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  for (const [key, message] of Object.entries(en)) {
    expect(places((zh as Record<string, unknown>)[key]), key).toEqual(places(message));
    expect(key.startsWith('contacts.')).toBe(true);
  }
});

function places(message: unknown): string[] {
  const text = typeof message === 'string' ? message : (message as { other: string }).other;
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))].sort();
}
