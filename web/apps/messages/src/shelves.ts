/** Where a conversation is listed. Pure. */

import type { BlockList } from '@pileus/kit/calls/blocks.ts';
import type { Thread } from '@pileus/sdk';

export type Shelf = 'inbox' | 'archived' | 'blocked';
type Listed = Pick<Thread, 'people' | 'address' | 'archived'>;

/** That of somebody who is blocked, as long as they are; a group is nobody's alone. */
export function shelfOf({ people, address, archived }: Listed, blocks: BlockList): Shelf {
  if (people.length < 2 && blocks.has(address)) return 'blocked';
  return archived ? 'archived' : 'inbox';
}

/** Those of a shelf, in their order. */
export function onShelf<T extends Listed>(threads: readonly T[], shelf: Shelf, blocks: BlockList): T[] {
  return threads.filter((one) => shelfOf(one, blocks) === shelf);
}
