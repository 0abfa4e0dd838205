/** What others than the contacts' app need of a contact's record: name, numbers, picture. Pure. */

interface Value {
  value?: unknown;
  params?: { readonly [name: string]: unknown };
  group?: string;
}

export interface Contact {
  id: string;
  name: string;
  numbers: string[];
  /** Of this cloud, as `@name`. */
  accounts: string[];
  /** A `data:` of an image, or "". */
  photo: string;
  /** The name as a search looks through it: as written and as spoken, folded. */
  words: string;
}

/** How Chinese is spoken: the syllables of a name, its surname read as one. */
export type Speak = (text: string) => string[];

const HAN = /\p{Script=Han}/u;

/** Whether one has to know how it is spoken, to find it by that. */
export function hasHan(name: string): boolean {
  return HAN.test(name);
}

/** A name as written and, a Chinese one, as spoken: whole, by first letters, by syllables. Folded. */
export function nameWords(name: string, speak: Speak, phonetic: readonly string[] = []): string {
  const syllables = hasHan(name) ? speak(name) : [];
  const spoken = [syllables.join(''), syllables.map((one) => one[0]).join(''), syllables.join(' ')];
  return folded([name, ...phonetic, phonetic.join(''), ...spoken].filter(Boolean).join('\n'));
}

/** Undefined for a group, and for what has no name. */
export function contactOf(
  { id, fields }: { id: string; fields: { [name: string]: unknown } },
  speak: Speak = () => [],
): Contact | undefined {
  const texts = (name: string) =>
    (Array.isArray(fields[name]) ? (fields[name] as Value[]) : [])
      .map((prop) => prop?.value)
      .filter((value): value is string => typeof value === 'string');
  const name = texts('fn')[0]?.trim() ?? '';
  if (!name || texts('kind').some((kind) => kind.toLowerCase() === 'group')) return undefined;
  const phonetic = ['last', 'middle', 'first'].flatMap((part) => texts(`x-phonetic-${part}-name`));
  const photo = texts('photo')[0] ?? '';
  return {
    id,
    name,
    numbers: texts('tel').map((text) => (telNumber(text) ?? text).trim()),
    accounts: (Array.isArray(fields.impp) ? (fields.impp as Value[]) : []).map(accountOf).filter(Boolean),
    photo: photo.startsWith('data:image/') ? photo : '',
    words: nameWords(name, speak, phonetic),
  };
}

/** The account of this cloud, as `@name`, that stands under messaging (IMPP, RFC 6350 §6.4.3); "" for what is none, or
 * of a service that is named: by a label of the owner's, or as Apple has it. */
export function accountOf(prop: Value | null | undefined): string {
  const text = typeof prop?.value === 'string' ? prop.value.trim().replace(/^＠/, '@') : '';
  const other = prop?.group || prop?.params?.['X-SERVICE-TYPE'];
  return !other && /^@\P{Cc}{1,64}$/u.test(text) ? text : '';
}

/** The number of a `tel:` URI (RFC 3966), as it is dialled; undefined for any other text. */
export function telNumber(text: string): string | undefined {
  const [, number, extension] =
    /^tel:(\+?[\d\s().-]+)(?:;ext=([\d().-]+))?(?:;[^;\s]*)*$/i.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  return extension === undefined ? number : `${number},${extension}`;
}

/** Digits that are enough to tell subscribers apart where one number lacks the country or the trunk zero. */
const SUBSCRIBER = 7;

/** Whether two spellings are likely one number: the same, or one is the other's end. */
export function sameNumber(one: string, other: string): boolean {
  const [a, b] = [digitsOf(one), digitsOf(other)];
  if (a === '' || b === '') return false;
  if (a === b) return true;
  if (one.includes('+') && other.includes('+')) return false;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const bare = short.replace(/^0+/, '');
  return bare.length >= SUBSCRIBER && long.endsWith(bare);
}

/** Those whose name (as written or as spoken) has every word, or whose number the digits; each number is one find, and
 * each account. */
export function findNumbers(
  contacts: readonly Contact[],
  typed: string,
  most: number,
): { contact: Contact; number: string }[] {
  const words = folded(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const digits = /^[+\d\s().\-/]+$/.test(typed.trim()) ? digitsOf(typed) : '';
  const found: { contact: Contact; number: string }[] = [];
  for (const contact of contacts) {
    const named = words.every((word) => contact.words.includes(word));
    for (const number of contact.numbers)
      if (named || (digits !== '' && digitsOf(number).includes(digits))) found.push({ contact, number });
    for (const number of contact.accounts)
      if (named || folded(number).includes(folded(typed.trim()))) found.push({ contact, number });
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}

/** Without signs, and without the zeros of an international call. */
export function digitsOf(number: string): string {
  return number.replace(/^\s*00/, '').replace(/\D/g, '');
}

/** A text for comparing: without case, accents and other forms of one letter. */
export function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Whose number or account it is. Numbers are looked up by their ends, so that a long list costs no more than a short
 * one. */
export class AddressBook {
  private readonly ends = new Map<string, { contact: Contact; number: string }[]>();
  private readonly accounts = new Map<string, Contact>();

  constructor(readonly contacts: readonly Contact[]) {
    for (const contact of contacts) {
      for (const account of contact.accounts) this.accounts.set(nameOf(account), contact);
      for (const number of contact.numbers) {
        const end = endOf(number);
        this.ends.set(end, [...(this.ends.get(end) ?? []), { contact, number }]);
      }
    }
  }

  of(address: string): Contact | undefined {
    if (address.startsWith('@')) return this.accounts.get(nameOf(address));
    const near = this.ends.get(endOf(address)) ?? [];
    return near.find(({ number }) => sameNumber(number, address))?.contact;
  }
}

/** An account's name is one whatever its case and width. */
function nameOf(account: string): string {
  return account.normalize('NFKC').toLowerCase();
}

function endOf(number: string): string {
  return digitsOf(number).replace(/^0+/, '').slice(-SUBSCRIBER);
}
