import { expect, it } from 'vitest';
import { telephonyOf } from '../../handset/states.ts';
import { canCall, isEmergency, lockedModem, nextOutput, outputKind, shownOf, timerText } from '../rules.ts';

const calls = (...states: string[]) =>
  telephonyOf({
    present: true,
    calls: states.map((state, at) => ({ id: `c${at}`, number: '1', state, began_ms: at })),
  })!.calls;

it('knows numbers of emergency services, however they are written', () => {
  for (const number of ['112', '110', '119', '120', '122', '911', '999', '000', '9-1-1', ' 112 '])
    expect(isEmergency(number), number).toBe(true);
  for (const number of ['', '1', '1120', '+49112', '112#', '10086'])
    expect(isEmergency(number), number).toBe(false);
  expect(isEmergency('5 55', ['555'])).toBe(true);
  expect(isEmergency('556', ['555'])).toBe(false);
  const { emergency } = telephonyOf({ present: true, emergency: ['555', 7, ''] })!;
  expect(emergency).toEqual(['555']);
  expect(telephonyOf({ present: true, emergency: '555' })!.emergency).toEqual([]);
});

it('shows who rings over who is spoken with, and that over who is held', () => {
  const ids = (...states: string[]) => {
    const { ringing, current, other } = shownOf(calls(...states));
    return [ringing?.id, current?.id, other?.id];
  };
  expect(ids()).toEqual([undefined, undefined, undefined]);
  expect(ids('ringing-in')).toEqual(['c0', undefined, undefined]);
  expect(ids('active', 'waiting')).toEqual(['c1', 'c0', undefined]);
  expect(ids('held', 'active')).toEqual([undefined, 'c1', 'c0']);
  expect(ids('held', 'dialing')).toEqual([undefined, 'c1', 'c0']);
  expect(ids('held')).toEqual([undefined, 'c0', undefined]);
});

it('goes round the outputs for sound, where there is more than one', () => {
  const outputs = (...ids: string[]) =>
    ids.map((id) => ({ id, name: id, kind: '', active: false, muted: false, volume: 50 }));
  expect(nextOutput(outputs('ear', 'speaker', 'headset'), 'ear')?.id).toBe('speaker');
  expect(nextOutput(outputs('ear', 'speaker', 'headset'), 'headset')?.id).toBe('ear');
  expect(nextOutput(outputs('ear', 'speaker'), '')?.id).toBe('ear');
  expect(nextOutput(outputs('ear'), 'ear')).toBeUndefined();
});

it('counts minutes and hours', () => {
  expect([-5, 0, 59_999, 61_000, 3_609_000].map(timerText)).toEqual([
    '0:00',
    '0:00',
    '0:59',
    '1:01',
    '1:00:09',
  ]);
});

it('asks for the code of a card that is locked until that is put off', () => {
  const telephony = telephonyOf({
    present: true,
    modems: [
      { id: 'a', lock: 'network-pin' },
      { id: 'b', lock: 'sim-pin', calls: true },
    ],
  });
  expect(lockedModem(telephony, new Set())?.id).toBe('b');
  expect(lockedModem(telephony, new Set(['b sim-pin']))).toBeUndefined();
  expect(lockedModem(telephony, new Set(['b sim-puk']))?.id).toBe('b');
  expect(lockedModem(undefined, new Set())).toBeUndefined();
  expect([canCall(telephony), canCall(undefined)]).toEqual([true, false]);
});

it('has a word for an output that is the only one of its kind', () => {
  const port = (id: string, kind: string) => ({
    id,
    name: id,
    kind,
    active: false,
    muted: false,
    volume: 50,
  });
  const two = [port('a', 'handset'), port('b', 'speaker')];
  expect(outputKind(two, 'a')).toBe('handset');
  expect(outputKind([...two, port('c', 'speaker')], 'b')).toBe('');
  expect(outputKind([port('a', 'car')], 'a')).toBe('');
  expect(outputKind(two, 'gone')).toBe('');
});
