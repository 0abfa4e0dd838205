import { type Call, callsOf } from '@pileus/kit/calls/call.ts';
import { expect, test } from 'vitest';
import {
  accountTyped,
  addressesOf,
  cardOf,
  isCode,
  lastDialled,
  newlySeen,
  pasted,
  typed,
} from '../src/dialling.ts';

const call = (id: string, kind: string, more: object = {}) => ({
  id,
  fields: { kind, address: `+${id}`, date_ms: Number(id), ...more },
});

test('keys are put together to a number that is not endless', () => {
  expect([...'+491*#'].reduce(typed, '')).toBe('+491*#');
  expect(typed('1', '+')).toBe('1');
  expect(typed('1', 'a')).toBe('1');
  expect(typed('1'.repeat(40), '1')).toHaveLength(40);
});

test('a number from elsewhere loses what is not dialled', () => {
  expect(pasted(' +49 (30) 123-45/6 ')).toBe('+4930123456');
  for (const text of ['', 'Anna', '12a', '1'.repeat(41), '1+2']) expect(pasted(text), text).toBe('');
});

test('codes for the network are no calls', () => {
  expect(['*100#', '*#06#', '#31#', '**21*1#'].every(isCode)).toBe(true);
  expect(['112', '*100', '*31#1234', ''].some(isCode)).toBe(false);
});

test('the number that was called last is brought back', () => {
  expect(lastDialled(callsOf([call('1', 'out'), call('3', 'in'), call('2', 'out')]))).toBe('+2');
  expect(lastDialled([])).toBe('');
});

test('missed calls are marked once, while somebody looks', () => {
  const calls = callsOf([
    call('1', 'missed', { seen: false }),
    call('2', 'missed', { seen: true }),
    call('3', 'in'),
  ]);
  const told = new Set<string>();
  expect(newlySeen(calls, false, told)).toEqual([]);
  expect(newlySeen(calls, true, told)).toEqual(['1']);
  expect(newlySeen(calls, true, told)).toEqual([]);
});

test('an account has any name that the cloud may have given', () => {
  expect(['mei', ' @mei ', 'Mei Lin', '李 梅', 'a@b'].map(accountTyped)).toEqual([
    '@mei',
    '@mei',
    '@Mei Lin',
    '@李 梅',
    '@a@b',
  ]);
  expect(['', ' ', '@', 'a\tb', 'a'.repeat(65)].map(accountTyped)).toEqual(['', '', '', '', '']);
});

test('calls again with the card of the call, of several', () => {
  const cards = [{ card: '1' }, { card: '2' }];
  expect(cardOf({ sim: '2' }, cards)).toBe('2');
  expect(cardOf({ sim: '3' }, cards)).toBe('');
  expect(cardOf({ sim: '1' }, cards.slice(0, 1))).toBe('');
});

test('names each number of the chosen calls once', () => {
  const call = (id: string, address: string, thread = address) => ({ id, address, thread }) as Call;
  const calls = [call('a', '138 1', '+861381'), call('b', '+861381'), call('c', ''), call('d', '10086')];
  expect(addressesOf(calls, new Set(['a', 'b', 'c']))).toEqual(['+861381']);
});
