/** Colours of words can be read on what they stand on, light and dark (WCAG 2.2, 1.4.3). */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const WEB = join(import.meta.dirname, '../..');
const TOKENS = readFileSync(join(WEB, 'kit/src/tokens/tokens.css'), 'utf8');

function themes(): Record<string, Record<string, string>> {
  const [light, dark] = [':root', ':root[data-theme="dark"]'].map((selector) => {
    const from = TOKENS.indexOf(`${selector} {`);
    const block = TOKENS.slice(from, TOKENS.indexOf('\n}', from));
    return Object.fromEntries(
      [...block.matchAll(/(--[\w-]+): (#[0-9a-f]{6});/g)].map((found) => found.slice(1)),
    );
  });
  return { light: light!, dark: { ...light, ...dark } };
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

test.each(Object.entries(themes()))('words can be read: %s', (_, colours) => {
  for (const words of ['--pl-ink', '--pl-ink-soft', '--pl-link', '--pl-red'])
    for (const ground of ['--pl-surface', '--pl-card'])
      expect(contrast(colours[words]!, colours[ground]!), `${words} on ${ground}`).toBeGreaterThanOrEqual(
        4.5,
      );
});

test('the strong accent is a ground, which words cannot have in the dark: they are links', () => {
  const sources = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /(^|\/)src\/.*\.(ts|css)$/.test(path) && !/node_modules|dist\//.test(path),
  );
  expect(sources.length).toBeGreaterThan(100);
  const wrong = sources.filter((path) =>
    /(^|[\s{;])color:\s*var\(--pl-accent-strong\)/m.test(readFileSync(join(WEB, path), 'utf8')),
  );
  expect(wrong).toEqual([]);
});
