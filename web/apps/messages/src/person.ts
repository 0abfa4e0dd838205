/** How conversations are shown. Pure. */

/** Where a new day begins in a conversation. */
export function startsDay(before: number | undefined, now: number): boolean {
  return before === undefined || new Date(before).toDateString() !== new Date(now).toDateString();
}

/** A text cut at the places that match one of the words: odd parts match. */
export function marked(text: string, query: string): string[] {
  const words = query
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return words.length > 0 ? text.split(new RegExp(`(${words.join('|')})`, 'giu')) : [text];
}

/** The cards to choose from: each once, those of handsets that are there first. */
export function cardsOf<Card extends { id: string; online: boolean }>(cards: readonly Card[]): Card[] {
  const sorted = [...cards].sort((one, other) => Number(other.online) - Number(one.online));
  return sorted.filter((card, at) => sorted.findIndex((one) => one.id === card.id) === at);
}

/** A number or `@account` that somebody typed; undefined for what is neither. */
export function typedPerson(text: string): string | undefined {
  const plain = text.trim().replace(/＠/g, '@');
  if (/^@\S.{0,63}$/u.test(plain)) return plain;
  return /^\+?[\d\s().\-/]{2,30}$/.test(plain) && /\d{2}/.test(plain.replace(/\D/g, '')) ? plain : undefined;
}

/** What the words under a bubble are for a message's state; "" where there is nothing to say. */
export function stateKey(state: string): string {
  const known = ['queued', 'sending', 'sent', 'delivered', 'failed', 'unsent', 'unknown'];
  return known.includes(state) ? `messages.state-${state}` : '';
}
