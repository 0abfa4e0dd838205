/** Finding people by the letters on a telephone's keys (ITU-T E.161), Chinese names as they are spoken. Pure. */

import type { Contact } from '@pileus/kit/people/contact.ts';

export interface Match {
  contact: Contact;
  number: string;
}

const KEYS = ['', '', 'abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz'];
const KEY_OF: ReadonlyMap<string, string> = new Map(
  KEYS.flatMap((letters, key) => [...letters].map((letter): [string, string] => [letter, String(key)])),
);

/** Those whose name begins so, then those of whom a further word or the first letters do, then by number. */
export function t9Find(contacts: readonly Contact[], typed: string, most: number): Match[] {
  const digits = typed.replace(/\D/g, '');
  if (digits === '') return [];
  const ranked: { rank: number; match: Match }[] = [];
  for (const contact of contacts) {
    const named = /^\d+$/.test(typed) ? nameRank(contact.words, digits) : undefined;
    for (const number of contact.numbers) {
      const rank = named ?? numberRank(number, digits);
      if (rank !== undefined) ranked.push({ rank, match: { contact, number } });
    }
  }
  const order = (one: (typeof ranked)[number], other: (typeof ranked)[number]) =>
    one.rank - other.rank || one.match.contact.name.localeCompare(other.match.contact.name);
  return ranked
    .sort(order)
    .slice(0, most)
    .map(({ match }) => match);
}

/** Of a name's forms, as `Contact.words` has them: 0 from its beginning, 1 from a later word or by first letters. */
export function nameRank(forms: string, digits: string): number | undefined {
  let found: number | undefined;
  for (const form of forms.split('\n')) {
    const parts = form.split(/[^\p{L}\d]+/u).map(keysOf);
    if (parts.join('').startsWith(digits)) return 0;
    const later = parts.some((_, at) => at > 0 && parts.slice(at).join('').startsWith(digits));
    const first = parts.map((part) => part[0] ?? '').join('');
    if (later || (digits.length > 1 && first.startsWith(digits))) found = 1;
  }
  return found;
}

function numberRank(number: string, digits: string): number | undefined {
  const plain = number.replace(/\D/g, '');
  if (plain.startsWith(digits)) return 2;
  return digits.length > 1 && plain.includes(digits) ? 3 : undefined;
}

/** "" for a word with letters that stand on no key: Chinese characters are found as they are spoken. */
function keysOf(word: string): string {
  const keys = [...word].map((letter) => (/\d/.test(letter) ? letter : KEY_OF.get(letter)));
  return keys.includes(undefined) ? '' : keys.join('');
}
