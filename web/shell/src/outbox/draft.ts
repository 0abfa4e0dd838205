import type { Sync } from '../../../kit/src/sync/types.ts';

const DRAFTS = 'messages.draft';

/** Deletes the draft of a text that was sent: found again it would be sent by hand a second time. Where that fails
 * the message is as safe. */
export async function forgetDraft(
  sync: Pick<Sync, 'get' | 'delete'>,
  { thread, body }: { thread: string; body: string },
): Promise<void> {
  try {
    const id = await draftId(thread);
    if (body && (await sync.get(DRAFTS, id))?.fields.body === body) await sync.delete(DRAFTS, id);
  } catch (error) {
    console.warn('A draft that was sent could not be deleted:', error);
  }
}

/** The one draft of a conversation, by the same rule as the cloud's. */
export function draftId(thread: string): Promise<string> {
  return idOf('draft', thread);
}

/** That a conversation is put aside, under the same id on all devices. */
export function archiveId(thread: string): Promise<string> {
  return idOf('archive', thread);
}

async function idOf(kind: string, thread: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(thread)));
  return `${kind}-${[...hash.slice(0, 12)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
