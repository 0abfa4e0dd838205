/** How a correspondent is shown. Pure. */

/** Two letters of a name, the last two characters of a Chinese one; "" for a number. */
export function initials(name: string): string {
  const plain = name.trim();
  if (!/\p{L}/u.test(plain)) return '';
  if (/^\p{Script=Han}+$/u.test(plain)) return [...plain].slice(-2).join('');
  const words = plain.split(/\s+/).filter((word) => /\p{L}/u.test(word));
  const letters = words.map((word) => word.match(/\p{L}/u)?.[0] ?? '');
  return (letters.length > 1 ? `${letters[0]}${letters.at(-1)}` : (letters[0] ?? '')).toLocaleUpperCase();
}

/** One of `count` colours, always the same for the same correspondent. */
export function hueOf(id: string, count: number): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.codePointAt(0)!) % 1_000_003;
  return sum % count;
}

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
