import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decode, encode, type Message, TYPES, WireError } from '../../src/surface/wire.ts';

const contract = new URL('../../../../contracts/surface/', import.meta.url);
const vectors = load('vectors.json') as {
  name: string;
  type: number;
  hex: string;
  fields: Record<string, unknown>;
}[];
const refused = load('refused.json') as { name: string; hex: string; code: string }[];

function load(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, contract), 'utf8'));
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hex(data: Uint8Array): string {
  return [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  return value;
}

describe('golden vectors', () => {
  it('cover every message', () => {
    expect(new Set(vectors.map((vector) => vector.type))).toEqual(new Set(TYPES));
  });

  it.each(vectors)('$name', ({ type, hex: text, fields }) => {
    const message = decode(bytes(text));
    expect(plain(message)).toEqual({ type, ...fields });
    expect(hex(encode(message))).toBe(text);
  });

  it.each(refused)('refuses $name', ({ hex: text, code }) => {
    const error = caught(() => decode(bytes(text)));
    expect(error.code).toBe(code);
  });

  it.each(vectors)('refuses every cut of $name', ({ hex: text }) => {
    const whole = bytes(text);
    for (let end = 0; end < whole.length; end++)
      expect(() => decode(whole.subarray(0, end))).toThrow(WireError);
  });
});

describe('encoding', () => {
  it('refuses what does not fit', () => {
    expect(caught(() => encode({ type: 7, width: 70_000, height: 1, dpi: 1, rotation: 0 })).code).toBe(
      'bad-value',
    );
    expect(
      caught(() => encode({ type: 5, input_id: 1, kind: 0, a: 1, b: 0, text: 'x'.repeat(65_537) })).code,
    ).toBe('too-large');
    expect(caught(() => encode({ type: 75, title: '\ud800', colour: 0 })).code).toBe('bad-text');
  });
});

function caught(work: () => Uint8Array | Message): WireError {
  try {
    work();
  } catch (error) {
    if (error instanceof WireError) return error;
  }
  throw new Error('nothing was refused');
}
