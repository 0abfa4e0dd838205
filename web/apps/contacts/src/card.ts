/** A contact's record as its vCard properties; pure. See src/pileus/cloud/services/contacts/README.md. */

import { telNumber } from '@pileus/kit/people/contact.ts';
import type { Fields, Json, PhoneRecord } from '@pileus/sdk';

export type Parts = (string | string[])[];

export interface Property {
  value: string | string[] | Parts;
  params?: { [name: string]: string[] };
  group?: string;
  name?: string;
  object?: string;
}

export type Card = { [name: string]: Property[] };

/** The contact's properties by name; what another version may have written otherwise is left out. */
export function cardOf(record: Pick<PhoneRecord, 'fields'>): Card {
  const card: Card = {};
  for (const [name, props] of Object.entries(record.fields))
    if (Array.isArray(props)) card[name] = props.filter(isProperty) as unknown as Property[];
  return card;
}

export function toFields(card: Card): Fields {
  return card as unknown as Fields;
}

/** What a put has to say so that the record becomes `after`: null removes a field. */
export function changes(before: Card, after: Card): Fields {
  const put: Fields = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const now = after[name]?.length ? after[name] : null;
    if (JSON.stringify(before[name] ?? null) !== JSON.stringify(now)) put[name] = now as unknown as Json;
  }
  return put;
}

/** A value as one text: components with spaces, lists with commas. */
export function textOf(prop: Property | undefined): string {
  if (!prop) return '';
  if (typeof prop.value === 'string') return telNumber(prop.value) ?? prop.value;
  return prop.value
    .map((one) => (typeof one === 'string' ? one : one.join(' ')).trim())
    .filter(Boolean)
    .join(', ');
}

export function first(card: Card, name: string): string {
  return textOf(card[name]?.[0]);
}

/** The five components of N, or the seven of ADR, as texts. */
export function partsOf(prop: Property | undefined, count: number): string[] {
  const parts = Array.isArray(prop?.value) ? prop.value : [];
  return Array.from({ length: count }, (_, index) => {
    const part = parts[index] ?? '';
    return typeof part === 'string' ? part : part.join(', ');
  });
}

export function labelsOf(card: Card): string[] {
  const all = (card.categories ?? []).flatMap((prop) => (Array.isArray(prop.value) ? prop.value : []));
  return [...new Set(all.filter((one): one is string => typeof one === 'string'))];
}

export function isStarred(card: Card): boolean {
  return first(card, 'x-pileus-starred') === '1';
}

/** A picture that can be shown: a `data:` of an image. */
export function photoOf(card: Card): string {
  const value = first(card, 'photo');
  return value.startsWith('data:image/') ? value : '';
}

export function isGroup(card: Card): boolean {
  return first(card, 'kind').toLowerCase() === 'group';
}

/** The label that the owner gave (`own`), or the kinds that the card knows, as `home fax`. */
export function kindOf(prop: Property, card: Card): { own: string } | { kind: string } {
  const own = prop.group && card['x-ablabel']?.find((one) => one.group === prop.group);
  if (own) {
    const text = textOf(own);
    const apple = /^_\$!<(.*)>!\$_$/.exec(text);
    return apple ? { kind: apple[1]!.toLowerCase() } : { own: text };
  }
  const kinds = (prop.params?.TYPE ?? []).filter((one) => one !== 'voice' && one !== 'internet');
  return { kind: kinds.length > 1 ? kinds.filter((one) => one !== 'msg').join(' ') : (kinds[0] ?? '') };
}

/** The name by which a contact is shown when its parts are as given: 王小明, but Anna Berg. */
export function joinedName(parts: readonly string[]): string {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = parts.map((one) => one.trim());
  const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
  if (cjk.test(family + given) && !/[A-Za-z]/.test(family + given)) return `${family}${middle}${given}`;
  return [prefix, given, middle, family, suffix].filter(Boolean).join(' ');
}

function isProperty(prop: Json): boolean {
  if (typeof prop !== 'object' || prop === null || Array.isArray(prop)) return false;
  return typeof prop.value === 'string' || Array.isArray(prop.value);
}
