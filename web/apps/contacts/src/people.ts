/** Contacts as a list shows them: names in order, letters for the index, what a search looks through. Pure. */

import { folded, hasHan as isHan, nameWords, type Speak } from '@pileus/kit/people/contact.ts';
import type { PhoneRecord } from '@pileus/sdk';
import { type Card, cardOf, first, isGroup, isStarred, labelsOf, partsOf, photoOf, textOf } from './card.ts';

export interface Person {
  id: string;
  card: Card;
  name: string;
  /** What stands under the name: organisation and role. */
  under: string;
  photo: string;
  starred: boolean;
  labels: string[];
  /** A to Z, or #. */
  letter: string;
  order: string;
  words: string;
  digits: string;
  pending: boolean;
}

export type { Speak };

export function hasHan(records: readonly PhoneRecord[]): boolean {
  return records.some((record) => isHan(first(cardOf(record), 'fn')));
}

/** All people by name; groups of an imported file are none. */
export function peopleOf(records: readonly PhoneRecord[], speak: Speak): Person[] {
  const people = records.map((record) => personOf(record, speak)).filter((one) => !isGroup(one.card));
  const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true });
  return people.sort(
    (one, other) =>
      Number(one.letter === '#') - Number(other.letter === '#') ||
      collator.compare(one.order, other.order) ||
      (one.name < other.name ? -1 : one.name > other.name ? 1 : one.id < other.id ? -1 : 1),
  );
}

export function personOf(record: PhoneRecord, speak: Speak): Person {
  const card = cardOf(record);
  const name = first(card, 'fn');
  const phonetic = ['last', 'middle', 'first']
    .map((part) => first(card, `x-phonetic-${part}-name`))
    .filter(Boolean);
  const syllables = isHan(name) ? speak(name) : [];
  const order = folded(phonetic.join(' ') || (syllables.length > 0 ? syllables.join(' ') : name));
  const letter = /^[a-z]/.test(order) ? order[0]!.toUpperCase() : '#';
  const org = partsOf(card.org?.[0], 2).filter(Boolean).join(', ');
  const texts = ['nickname', 'org', 'title', 'email', 'url', 'adr', 'note', 'impp', 'categories'].flatMap(
    (one) => (card[one] ?? []).map(textOf),
  );
  return {
    id: record.id,
    card,
    name,
    under: [first(card, 'title'), org].filter(Boolean).join(' · '),
    photo: photoOf(card),
    starred: isStarred(card),
    labels: labelsOf(card),
    letter,
    order,
    words: [nameWords(name, speak, phonetic), folded(texts.join('\n'))].join('\n'),
    digits: (card.tel ?? []).map((prop) => textOf(prop).replace(/\D/g, '')).join('\n'),
    pending: record.pending,
  };
}

/** Those in which every word of the query is found: in a name (as written or as spoken), a number, a mail … */
export function findPeople(people: readonly Person[], query: string): Person[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  const digits = /^[\d\s()+./-]{3,}$/.test(query.trim()) ? query.replace(/\D/g, '') : '';
  return people.filter(
    (one) =>
      (digits !== '' && one.digits.includes(digits)) || words.every((word) => one.words.includes(word)),
  );
}

/** The list under its letters, in the order it has. */
export function byLetter(people: readonly Person[]): { letter: string; people: Person[] }[] {
  const groups: { letter: string; people: Person[] }[] = [];
  for (const person of people) {
    if (groups.at(-1)?.letter !== person.letter) groups.push({ letter: person.letter, people: [] });
    groups.at(-1)!.people.push(person);
  }
  return groups;
}

/** All labels in use, by name. */
export function allLabels(people: readonly Person[], tag: string): string[] {
  return [...new Set(people.flatMap((one) => one.labels))].sort(new Intl.Collator(tag).compare);
}
