/** Which messages count as read, as they come into a conversation that is looked at. Pure. */

import type { PhoneRecord } from '@pileus/sdk';

/**
 * The ids that are to be marked as read now, each once: what somebody marks as unread later stays so, although the
 * conversation is open. None while nobody looks; `marked` takes in those that are told.
 */
export function newlyRead(messages: readonly PhoneRecord[], looking: boolean, marked: Set<string>): string[] {
  if (!looking) return [];
  const found = messages
    .filter(({ id, fields }) => fields.direction === 'in' && fields.read === false && !marked.has(id))
    .map(({ id }) => id);
  for (const id of found) marked.add(id);
  return found;
}
