/** What becomes of a letter, and what an answer of the cloud says. Pure: `kept.ts` makes each change in one transaction. */

import type { Change, Letter } from './kept.ts';

/** What is known after a question: not taken, for a reason of its own; not taken, and it passes; it may be taken. */
export type Said = 'refused' | 'passing' | 'unclear';

/** Answers with which the cloud took nothing, and which pass: not signed in, locked, too slow, too many at once. */
const PASSING: ReadonlySet<number> = new Set([401, 408, 425, 429]);
const STAYS: ReadonlySet<string> = new Set(['too-many-letters']);
const LOCKED = 'device-locked';
/** The one status of the server's own trouble with which it took nothing: there was no room. */
const NO_ROOM = 507;
const FORBIDDEN = 403;
/** What this phone calls answers that did not come, or without the cloud's own words: of whatever stands between. */
const NOT_ITS_WORDS = /^(offline|unavailable|http-\d+)?$/;
/** Answers of the daemon that leave open whether it wrote the letter down. */
const UNSURE: ReadonlySet<string> = new Set(['handset-gone', 'internal', 'ledger-broken', 'storage-full']);

/**
 * An error is clear only in the cloud's own words: a proxy's 4xx, or an error of the browser, tells nothing. Of an
 * earlier question (`before` is `asked`) what is said before it looks for the message tells nothing either.
 */
export function said(error: unknown, before: Letter['state']): Said {
  const { code, status = 0 } = (error ?? {}) as { code?: string; status?: number };
  if (!reached(error)) return 'unclear';
  if (!STAYS.has(code!) && (PASSING.has(status) || code === LOCKED)) return 'passing';
  if (before === 'asked' && (status === FORBIDDEN || status === NO_ROOM)) return 'unclear';
  return (status >= 400 && status < 500) || status === NO_ROOM ? 'refused' : 'unclear';
}

/** Whether it was the cloud that answered. */
export function reached(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && !NOT_ITS_WORDS.test(code);
}

/** Whether the cloud is asked to send it. */
export function goes({ state, asleep }: Letter): boolean {
  return (state === 'waiting' || state === 'asked') && !asleep;
}

/** Before this handset's daemon is asked: never one that the cloud may have. */
export const handed: Change = (letter) =>
  letter?.state === 'waiting' && !letter.asleep ? { ...letter, state: 'handed' } : undefined;

/** The daemon refused the only question that it was ever asked. */
export const handedBack: Change = (letter) =>
  letter?.state === 'handed' ? { ...letter, state: 'waiting' } : undefined;

/** Whether an answer of the daemon's is its own, by which it took nothing. */
export function declined(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && code !== '' && !UNSURE.has(code);
}

/** A new one. One that is here already stays as it is; where it slept or was refused, its owner sends it again. */
export function written(fresh: Letter): Change {
  return (letter) => (!letter || letter.state === 'refused' ? fresh : woken(letter));
}

/** Before the question leaves. */
export function asked(parts: Letter['parts']): Change {
  return (letter) => (letter && goes(letter) ? { ...letter, parts, state: 'asked' } : undefined);
}

/** The cloud took nothing of this question; what it did not leave behind, an earlier one may have. */
export function passing(before: Letter['state']): Change {
  return (letter) => (letter && goes(letter) ? { ...letter, state: before } : undefined);
}

/** The cloud has it not. */
export function refused(code: string, detail: string): Change {
  return (letter) =>
    letter && letter.state !== 'refused' && letter.state !== 'handed'
      ? { ...sleepless(letter), state: 'refused', code, detail }
      : undefined;
}

/** The cloud has it, or its owner wants it no more. */
export const gone: Change = () => null;

/** Its text goes to the line: not sent from now on, and kept until the line has it. */
export const takenBack: Change = (letter) =>
  letter && letter.state !== 'asked' && letter.state !== 'handed'
    ? { ...letter, state: 'refused', code: '', detail: '' }
    : undefined;

/** The line has it. */
export const tookBack: Change = (letter) => (letter?.state === 'refused' ? null : undefined);

/** By its owner's word, under the same id. Its pictures are brought anew: none stays long that no message names. */
export const again: Change = (letter) => {
  if (letter?.state === 'refused') return { ...letter, state: 'waiting', parts: [], code: '', detail: '' };
  return letter && woken(letter);
};

/** A deletion undone: nothing but its owner's word sends it. What the cloud may have stays so. */
export function restored(letter: Letter): Change {
  const back: Letter =
    letter.state === 'asked'
      ? { ...letter, asleep: true }
      : { ...letter, state: 'refused', code: '', detail: '' };
  return (present) => (present ? undefined : back);
}

function woken(letter: Letter): Letter | undefined {
  return letter.asleep ? sleepless(letter) : undefined;
}

function sleepless({ asleep: _, ...letter }: Letter): Letter {
  return letter;
}
