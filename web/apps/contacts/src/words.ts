/** The words of the kinds of numbers, addresses and dates. */

import { has, t } from '@pileus/kit';

/** `home fax` in the owner's language; a kind that is not known is said as the card has it. */
export function kindWords(kind: string): string {
  const key = `contacts.kind-${kind.replace(/\W+/g, '-') || 'other'}`;
  if (has(key)) return t(key);
  return kind.split(' ').length > 1 ? kind.split(' ').map(kindWords).join(' ') : kind;
}
