/** Calls between accounts, as the cloud tells of them and as the phone shows them. Pure. */

import type { CallState, HandsetCall } from '../../handset/states.ts';
import type { Ended, Ending } from '../ended.ts';

export type Kind = 'offer' | 'answer' | 'candidate' | 'hold';

export interface Said {
  kind: Kind;
  body: string;
}

/** What `GET /calls/{call}` answers (docs/design/calls.md). */
export interface Told {
  call: string;
  side: 'caller' | 'callee';
  other: string;
  state: 'calling' | 'ringing' | 'active' | 'ended';
  reason: string;
  began_ms: number;
  answered_ms: number;
  signals: readonly (Said & { number: number })[];
  offer: string;
}

/** The one call with an account that this page is in, or that rings. */
export interface AccountCall {
  /** Of this page, from the first moment on. */
  key: string;
  /** The cloud's; "" until it has one. */
  id: string;
  /** With an @. */
  other: string;
  incoming: boolean;
  state: CallState;
  began: number;
  answered: number;
  muted: boolean;
  /** The other side holds it. */
  waits: boolean;
  /** Sound goes both ways. */
  connected: boolean;
  /** Why it is over, until that was looked at or another one is there; "" for one that goes on. */
  over: string;
  /** When it ended, 0 for one that goes on. */
  ended: number;
}

const PREFIX = 'account:';

export function isAccountCall({ id }: Pick<HandsetCall, 'id'>): boolean {
  return id.startsWith(PREFIX);
}

/** The cloud's, or while there is none the one that was chosen here, by which its caller may end it, too. */
export function idOf({ id, key }: AccountCall): string {
  return id || key.slice(PREFIX.length);
}

/** One that rings here. */
export function coming(told: Told, now: number): AccountCall {
  return { ...begun(told.call, told.other, now), id: told.call, incoming: true, state: 'ringing-in' };
}

/** One that is made here. */
export function begun(chosen: string, other: string, now: number): AccountCall {
  return {
    key: PREFIX + chosen,
    id: '',
    other,
    incoming: false,
    state: 'dialing',
    began: now,
    answered: 0,
    muted: false,
    waits: false,
    connected: false,
    over: '',
    ended: 0,
  };
}

/** After news of the cloud; undefined where it is no longer this page's: answered by another device or page. */
export function after(call: AccountCall, told: Told, now: number): AccountCall | undefined {
  if (told.state === 'ended') {
    // Who did not answer sees it in the list of calls; who speaks or calls is told why it ended.
    return call.state === 'ringing-in' ? undefined : overWith(call, told.reason || 'hung-up', now);
  }
  if (told.state === 'active') {
    if (call.state === 'ringing-in') return undefined;
    return call.answered ? call : { ...call, state: 'active', answered: now };
  }
  return told.state === 'ringing' && call.state === 'dialing' ? { ...call, state: 'ringing-out' } : call;
}

export function overWith(call: AccountCall, reason: string, now: number): AccountCall {
  return { ...call, over: reason, ended: now };
}

/** As a call of a handset, to be shown in its place. */
export function shown(call: AccountCall): HandsetCall {
  const { key: id, other: number, incoming, state, began, answered } = call;
  return { id, number, card: '', incoming, state, began, answered };
}

/** How it came to its end, as of a handset's call; undefined for one that goes on. */
export function endOf(call: AccountCall): Ended | undefined {
  if (!call.over) return undefined;
  const ms = call.answered ? Math.max(0, call.ended - call.answered) : 0;
  return { call: shown(call), ms, ending: ENDINGS.get(call.over) ?? 'ended' };
}

/** The key of what is said of a call in the place of its time; "" for its time. */
export function wordOf(call: AccountCall): string {
  if (call.state !== 'active') return '';
  if (call.waits) return 'calls.waits';
  return call.connected ? '' : 'calls.connecting';
}

/** By the cloud's reasons: it tells who is in a call from who declines. */
const ENDINGS: ReadonlyMap<string, Ending> = new Map([
  ['busy', 'taken'],
  ['declined', 'declined'],
  ['no-answer', 'unanswered'],
  ['lost', 'lost'],
  ['failed', 'failed'],
]);

/** An account's name as it is dialled: `@mei`, `@Mei Lin`; "" for what is none. Which there are the cloud knows. */
export function accountOf(text: string): string {
  const name = `@${text.trim().replace(/^@\s*/, '')}`;
  return text.trim().startsWith('@') && /^@\P{Cc}{1,64}$/u.test(name) ? name : '';
}
