/** How conversations are shown. Pure. */

import { type Contact, findNumbers, folded, nameWords, type Speak, sameNumber } from '@pileus/kit';
import type { Telephony, Thread } from '@pileus/sdk';

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

/** How whoever a conversation is with is called from this device: an account without a card, a number with each card
 * that there is. `label` and `shown` tell cards apart where there are several, else they are "". */
export function waysToCall(
  { people, address }: Pick<Thread, 'people' | 'address'>,
  telephony: Telephony | undefined,
): { card: string; label: string; shown: string }[] {
  const plain = { card: '', label: '', shown: '' };
  if (people.length > 1) return [];
  if (address.startsWith('@')) return [plain];
  if (!telephony?.present || !/^\+?[0-9*#\s().-]+$/.test(address)) return [];
  if (telephony.cards.length < 2) return [plain];
  return telephony.cards.map(({ card, label }, at) => {
    return { card, label: label || `SIM ${at + 1}`, shown: String(at + 1) };
  });
}

/** A number or `@account` that somebody typed; undefined for what is neither. */
export function typedPerson(text: string): string | undefined {
  const plain = text.trim().replace(/＠/g, '@');
  if (/^@\S.{0,63}$/u.test(plain)) return plain;
  return /^\+?[\d\s().\-/]{2,30}$/.test(plain) && /\d{2}/.test(plain.replace(/\D/g, '')) ? plain : undefined;
}

/** What the words under a bubble are for a message's state; "" where there is nothing to say. */
export function stateKey(state: string): string {
  const known = [
    'queued',
    'sending',
    'sent',
    'delivered',
    'failed',
    'unsent',
    'unknown',
    'waiting',
    'asked',
    'asleep',
    'refused',
  ];
  return known.includes(state) ? `messages.state-${state}` : '';
}

/** Somebody whom a new message may go to. */
export interface Suggestion {
  /** What the picture's colour is of. */
  id: string;
  name: string;
  address: string;
  photo: string;
}

/** By what is typed: contacts, then those one has written with, who have half of the places where there are so many.
 * Nobody else: a cloud lists its accounts to nobody. */
export function suggested(
  contacts: readonly Contact[],
  threads: readonly { id: string; address: string; contact: string; people: readonly string[] }[],
  typed: string,
  most: number,
  speak: Speak = () => [],
): Suggestion[] {
  const words = folded(typed.replace(/＠/g, '@')).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const listed = findNumbers(contacts, typed, most).map(({ contact, number }): Suggestion => {
    return { id: contact.id, name: contact.name, address: number, photo: contact.photo };
  });
  const written: Suggestion[] = [];
  for (const { id, address, contact, people } of threads) {
    if (written.length >= most) break;
    const named = `${nameWords(contact, speak)} ${folded(address)}`;
    const known = listed.some((one) => one.address === address || sameNumber(one.address, address));
    if (people.length === 1 && address && !known && words.every((word) => named.includes(word)))
      written.push({ id, name: contact || address, address, photo: '' });
  }
  const room = most - Math.min(written.length, Math.floor(most / 2));
  return [...listed.slice(0, room), ...written].slice(0, most);
}

const BETWEEN = /[,;、，；]/;

/** The people of a list that is typed, and what of it is being typed now: "" after a comma. */
export function listed(typed: string): { people: string[]; last: string; several: boolean } {
  const parts = typed.split(BETWEEN).map((one) => one.trim());
  return { people: parts.filter(Boolean), last: parts.at(-1)!, several: parts.length > 1 };
}

/** The list with one in the place of what is being typed now, and room for the next; or in that of `instead`. */
export function listedWith(typed: string, one: string, instead = ''): string {
  const parts = typed.split(BETWEEN).map((other) => other.trim());
  const at = instead ? parts.indexOf(instead) : -1;
  if (at >= 0) return parts.map((other, place) => (place === at ? one : other)).join(', ');
  return [...parts.slice(0, -1).filter(Boolean), one, ''].join(', ');
}

/** Whether numbers and accounts are among the addresses: no message goes to both. */
export function mixed(addresses: readonly string[]): boolean {
  const accounts = addresses.filter((one) => one.startsWith('@')).length;
  return accounts > 0 && accounts < addresses.length;
}

/** Whether the people of two conversations are the same ones. */
export function sameGroup(some: readonly string[], others: readonly string[]): boolean {
  const same = (one: string, other: string) =>
    one.toLowerCase() === other.toLowerCase() || sameNumber(one, other);
  const all = (these: readonly string[], those: readonly string[]) =>
    these.every((one) => those.some((other) => same(one, other)));
  return all(some, others) && all(others, some);
}

/**
 * The conversation as which the cloud has a group that was begun on this device; undefined while messages are under
 * the first id: a draft alone goes along.
 */
export function renamed<One extends { id: string; people: readonly string[]; count: number }>(
  group: Pick<One, 'id' | 'people'>,
  threads: readonly One[],
): One | undefined {
  const full = threads.filter(({ count }) => count > 0);
  if (group.people.length < 2 || full.some(({ id }) => id === group.id)) return undefined;
  return full.find(({ people }) => people.length > 1 && sameGroup(people, group.people));
}

/** The account's name in an `@name` that is typed; "" for anything else. Not by the locale: Turkish has another i. */
export function accountOf(typed: string): string {
  const person = typedPerson(typed);
  return person?.startsWith('@') ? person.slice(1).toLowerCase() : '';
}
