/** Where a conversation is listed. Pure. */

import type { BlockList } from '@pileus/kit/calls/blocks.ts';
import type { Thread } from '@pileus/sdk';

export type Shelf = 'inbox' | 'blocked';

/** That of somebody who is blocked, as long as they are; a group is nobody's alone. */
export function shelfOf({ people, address }: Pick<Thread, 'people' | 'address'>, blocks: BlockList): Shelf {
  return people.length < 2 && blocks.has(address) ? 'blocked' : 'inbox';
}

/** Those of a shelf, in their order. */
export function onShelf<T extends Pick<Thread, 'people' | 'address'>>(
  threads: readonly T[],
  shelf: Shelf,
  blocks: BlockList,
): T[] {
  return threads.filter((one) => shelfOf(one, blocks) === shelf);
}
