/** What is typed on the pad, and what becomes of it. Pure. */

import type { Call } from '@pileus/kit/calls/call.ts';

const LONGEST = 40;
const LEFT_OUT = /[\s().\-/\u2010-\u2015]+/g;

/** With one more key; a `+` stands at the beginning alone. */
export function typed(number: string, key: string): string {
  if (!/^[0-9*#+]$/.test(key) || (key === '+' && number !== '')) return number;
  return number.length < LONGEST ? number + key : number;
}

/** What of a text from elsewhere can be dialled; "" for what is no number. */
export function pasted(text: string): string {
  const plain = text.trim().replace(LEFT_OUT, '');
  return /^\+?[0-9*#]{1,40}$/.test(plain) ? plain : '';
}

/** A code for the network, as *100#, which is no call (3GPP TS 22.090). */
export function isCode(number: string): boolean {
  return /^[*#][0-9*#]*#$/.test(number);
}

/** The number that was called last. */
export function lastDialled(calls: readonly Call[]): string {
  return calls.find(({ kind, address }) => kind === 'out' && address)?.address ?? '';
}

/** Missed calls that count as looked at now, each once; none while nobody looks. `told` takes them in. */
export function newlySeen(calls: readonly Call[], looking: boolean, told: Set<string>): string[] {
  if (!looking) return [];
  const found = calls.filter(({ id, seen }) => !seen && !told.has(id)).map(({ id }) => id);
  for (const id of found) told.add(id);
  return found;
}
