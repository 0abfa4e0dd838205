import { expect, it } from 'vitest';
import type { HandsetCall } from '../../handset/states.ts';
import { endedOf, toldOf } from '../ended.ts';

const call = (more: Partial<HandsetCall> = {}): HandsetCall => ({
  id: 'c1',
  number: '10086',
  card: '',
  incoming: false,
  state: 'ringing-out',
  began: 5,
  answered: 0,
  ...more,
});
const none: ReadonlySet<string> = new Set();

it('tells how long a call took, whoever ended it', () => {
  const spoken = call({ state: 'active', answered: 1000 });
  expect(endedOf([spoken], [], none, 66_000)).toEqual({ call: spoken, ms: 65_000, ending: 'ended' });
  expect(endedOf([call({ ...spoken, incoming: true })], [], new Set(['c1']), 900)?.ms).toBe(0);
});

it('tells of one that nobody took what is known', () => {
  const found = endedOf([call()], [], none, 9)!;
  expect([found.ending, found.ms]).toEqual(['unanswered', 0]);
  expect(toldOf(found, 'busy').ending).toBe('busy');
  expect(toldOf(found, 'failed').ending).toBe('failed');
  expect(toldOf(found, '').ending).toBe('unanswered');
  const own = endedOf([call()], [], new Set(['c1']), 9)!;
  expect([own.ending, toldOf(own, 'busy').ending]).toEqual(['ended', 'ended']);
});

it('is silent of who rang in vain, and while another call goes on', () => {
  expect(endedOf([call({ incoming: true, state: 'ringing-in' })], [], none, 9)).toBeUndefined();
  expect(endedOf([call(), call({ id: 'c2' })], [call({ id: 'c2' })], none, 9)).toBeUndefined();
  expect(endedOf([call()], [call()], none, 9)).toBeUndefined();
  expect(endedOf([], [], none, 9)).toBeUndefined();
});
