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
