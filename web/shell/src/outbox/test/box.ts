/** What an outbox has around it, in memory. */

import type { Alone } from '../alone.ts';
import type { Changed, KeptLetters, Letter } from '../kept.ts';

export interface LetterBox extends KeptLetters {
  letters: Map<string, Letter>;
}

export function letterBox(letters = new Map<string, Letter>()): LetterBox {
  return {
    letters,
    change: async (id, change): Promise<Changed> => {
      const before = letters.get(id);
      const after = change(before);
      if (after) letters.set(id, after);
      if (after === null) letters.delete(id);
      return { before, after: after === undefined ? before : (after ?? undefined) };
    },
    get: async (id) => letters.get(id),
    all: async () => [...letters.values()],
  };
}

/** One after the other, as the tabs of one browser. */
export function turns(): Alone {
  let last: Promise<unknown> = Promise.resolve();
  return (_name, work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
