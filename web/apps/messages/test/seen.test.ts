import type { PhoneRecord } from '@pileus/sdk';
import { expect, test } from 'vitest';
import { newlyRead } from '../src/seen.ts';

const message = (id: string, fields: PhoneRecord['fields'] = {}) =>
  ({ id, fields: { direction: 'in', read: false, ...fields } }) as unknown as PhoneRecord;

test('what comes while somebody looks is read, and what came meanwhile when somebody looks again', () => {
  const marked = new Set<string>();
  expect(newlyRead([message('a')], true, marked)).toEqual(['a']);
  expect(newlyRead([message('a', { read: true }), message('b')], false, marked)).toEqual([]);
  expect(newlyRead([message('a', { read: true }), message('b')], true, marked)).toEqual(['b']);
});

test('what was read once and is marked as unread stays so; own messages are left alone', () => {
  const marked = new Set<string>();
  newlyRead([message('a')], true, marked);
  const rest = [message('a'), message('b', { direction: 'out' }), message('c', { read: true })];
  expect(newlyRead(rest, true, marked)).toEqual([]);
});
