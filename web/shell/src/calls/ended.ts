/** How a call came to its end, as far as it is known. Pure. */

import type { HandsetCall } from '../handset/states.ts';

/** `unanswered`: nobody took it, or why it failed is not told. A network has one word, `busy`, for who is in a call
 * (`taken`) and who declines. */
export type Ending = 'ended' | 'busy' | 'taken' | 'declined' | 'failed' | 'lost' | 'unanswered';

export interface Ended {
  call: HandsetCall;
  ending: Ending;
  /** How long it was spoken in; 0 where it was not. */
  ms: number;
}

/** The call that is over now, where its owner was in it; one that rings in vain is told as missed. */
export function endedOf(
  before: readonly HandsetCall[],
  after: readonly HandsetCall[],
  /** Calls that were ended here. */
  hungUp: ReadonlySet<string>,
  now: number,
): Ended | undefined {
  const there = new Set(after.map(({ id }) => id));
  const call = before.find(({ id, incoming, answered }) => !there.has(id) && !(incoming && !answered));
  if (!call || after.length > 0) return undefined;
  const ms = call.answered ? Math.max(0, now - call.answered) : 0;
  return { call, ms, ending: call.answered || hungUp.has(call.id) ? 'ended' : 'unanswered' };
}

/** With what the modem told of it; of one that was spoken in only that it is over counts. */
export function toldOf(ended: Ended, why: string): Ended {
  const known = ended.ending === 'unanswered' && (why === 'busy' || why === 'failed');
  return known ? { ...ended, ending: why } : ended;
}
