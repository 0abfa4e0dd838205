/** The one draft of a conversation, by the same rule as the cloud's. */
export async function draftId(thread: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(thread)));
  return `draft-${[...hash.slice(0, 12)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
