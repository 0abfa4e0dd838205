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

/** An account's name as it is dialled, with an @; "" for what can be none. Which there are the cloud knows. */
export function accountTyped(text: string): string {
  const name = text.trim().replace(/^@\s*/, '');
  return /^\P{Cc}{1,64}$/u.test(name) ? `@${name}` : '';
}

/** A code for the network, as *100#, which is no call (3GPP TS 22.090). */
export function isCode(number: string): boolean {
  return /^[*#][0-9*#]*#$/.test(number);
}

/** The number that was called last. */
export function lastDialled(calls: readonly Call[]): string {
  return calls.find(({ kind, address }) => kind === 'out' && address)?.address ?? '';
}

/** With which of the cards a call of the list is made again: its own, where there are several and it is here. */
export function cardOf({ sim }: Pick<Call, 'sim'>, cards: readonly { card: string }[]): string {
  return cards.length > 1 && cards.some(({ card }) => card === sim) ? sim : '';
}

/** The numbers of these calls, each once; none of those that were withheld. */
export function addressesOf(calls: readonly Call[], ids: ReadonlySet<string>): string[] {
  const meant = calls.filter(({ id, address }) => ids.has(id) && address);
  return [...new Map(meant.map(({ thread, address }) => [thread, address])).values()];
}

/** Missed calls that count as looked at now, each once; none while nobody looks. `told` takes them in. */
export function newlySeen(calls: readonly Call[], looking: boolean, told: Set<string>): string[] {
  if (!looking) return [];
  const found = calls.filter(({ id, seen }) => !seen && !told.has(id)).map(({ id }) => id);
  for (const id of found) told.add(id);
  return found;
}
