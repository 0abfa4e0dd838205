import { expect, it } from 'vitest';
import {
  accountOf,
  after,
  begun,
  coming,
  endOf,
  isAccountCall,
  overWith,
  shown,
  type Told,
  wordOf,
} from '../states.ts';

const TOLD: Told = {
  call: 'c1',
  side: 'callee',
  other: '@anna',
  state: 'ringing',
  reason: '',
  began_ms: 5,
  answered_ms: 0,
  signals: [],
  offer: 'v=0',
};

it('shows a call with an account as any other', () => {
  const call = shown(coming(TOLD, 100));
  expect(call).toMatchObject({ number: '@anna', incoming: true, state: 'ringing-in', began: 100 });
  expect(isAccountCall(call)).toBe(true);
  expect(isAccountCall({ id: '/modem/0/1' })).toBe(false);
});

it('follows a call that is made here', () => {
  const call = begun('x', '@mei', 100);
  const ringing = after(call, { ...TOLD, side: 'caller' }, 200)!;
  expect([call.state, ringing.state]).toEqual(['dialing', 'ringing-out']);
  const active = after(ringing, { ...TOLD, state: 'active' }, 300)!;
  expect(active).toMatchObject({ state: 'active', answered: 300 });
  expect(after({ ...active, state: 'held' }, { ...TOLD, state: 'active' }, 400)).toMatchObject({
    state: 'held',
    answered: 300,
  });
  const over = after(active, { ...TOLD, state: 'ended', reason: 'lost' }, 500)!;
  expect(over).toMatchObject({ over: 'lost', ended: 500 });
  expect(endOf(over)).toEqual({ call: shown(over), ms: 200, ending: 'lost' });
  expect(endOf(active)).toBeUndefined();
});

it('lets go of one that rang here and was taken, or ended, elsewhere', () => {
  const call = coming(TOLD, 100);
  expect(after(call, { ...TOLD, state: 'active' }, 200)).toBeUndefined();
  expect(after(call, { ...TOLD, state: 'ended', reason: 'cancelled' }, 200)).toBeUndefined();
});

it('says what is so, where it is not the time', () => {
  const call = { ...begun('x', '@mei', 100), state: 'active' as const, answered: 200 };
  expect(wordOf(call)).toBe('calls.connecting');
  expect(wordOf({ ...call, connected: true })).toBe('');
  expect(wordOf({ ...call, connected: true, waits: true })).toBe('calls.waits');
});

it.each([
  ['busy', 'taken'],
  ['declined', 'declined'],
  ['no-answer', 'unanswered'],
  ['cancelled', 'ended'],
  ['hung-up', 'ended'],
  ['failed', 'failed'],
  ['of a newer cloud', 'ended'],
])('says how it ended that nobody answered: %s', (reason, ending) => {
  expect(endOf(overWith(begun('x', '@mei', 100), reason, 900))).toMatchObject({ ms: 0, ending });
});

it('knows the name of an account', () => {
  expect(['@mei', ' @李梅 ', '@Mei Lin', '@ a@b'].map(accountOf)).toEqual([
    '@mei',
    '@李梅',
    '@Mei Lin',
    '@a@b',
  ]);
  expect(['mei', '@', '@ ', '@a\nb', 'a@b', '+86138', `@${'a'.repeat(65)}`].map(accountOf)).toEqual(
    Array(7).fill(''),
  );
});
