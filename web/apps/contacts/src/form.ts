/** A contact as a form edits it: rows of each kind, and back without losing what the form does not show. Pure. */

import { type Card, joinedName, kindOf, type Property, partsOf, textOf } from './card.ts';

/** One row: a number, a mail … `prop` is what it came from; `own` is a label of the owner's. */
export interface Row {
  key: number;
  value: string;
  parts: string[];
  kind: string;
  own: string;
  prop: Property | undefined;
}

export interface Form {
  photo: string;
  /** Family, given, middle, prefix, suffix. */
  name: string[];
  /** What is shown where the parts of the name say nothing. */
  shown: string;
  phonetic: { last: string; first: string };
  nickname: string;
  org: string;
  department: string;
  title: string;
  note: string;
  birthday: string;
  labels: string[];
  rows: { [name: string]: Row[] };
}

/** What a contact can have several of, with the kinds that the form offers. */
export const MANY: { readonly [name: string]: readonly string[] } = {
  tel: ['cell', 'home', 'work', 'main', 'home fax', 'work fax', 'pager', 'other'],
  email: ['home', 'work', 'other'],
  adr: ['home', 'work', 'other'],
  url: ['homepage', 'home', 'work', 'other'],
  impp: ['home', 'work', 'other'],
  'x-abdate': ['anniversary', 'other'],
  'x-abrelatednames': [
    'spouse',
    'partner',
    'child',
    'mother',
    'father',
    'brother',
    'sister',
    'friend',
    'assistant',
    'other',
  ],
};
/** Kinds that vCard has a TYPE for; all others are labels. */
const TYPES = new Set([
  'cell',
  'home',
  'work',
  'main',
  'fax',
  'pager',
  'other',
  'text',
  'video',
  'car',
  'iphone',
  'isdn',
]);
const ADDRESS = 7;
let keys = 0;

export function emptyRow(name: string, kind = MANY[name]![0]!): Row {
  return { key: ++keys, value: '', parts: Array(ADDRESS).fill(''), kind, own: '', prop: undefined };
}

export function formOf(card: Card): Form {
  const [org = '', department = ''] = partsOf(card.org?.[0], 2);
  const rows = Object.fromEntries(
    Object.keys(MANY).map((name) => [name, (card[name] ?? []).map((prop) => rowOf(prop, card))]),
  );
  const name = partsOf(card.n?.[0], 5);
  const shown = textOf(card.fn?.[0]);
  return {
    photo: textOf(card.photo?.[0]),
    // A card with a name to be shown alone: its owner sees it where the given name is.
    name: name.some(Boolean) || org === shown ? name : ['', shown, '', '', ''],
    shown,
    phonetic: {
      last: textOf(card['x-phonetic-last-name']?.[0]),
      first: textOf(card['x-phonetic-first-name']?.[0]),
    },
    nickname: textOf(card.nickname?.[0]),
    org,
    department,
    title: textOf(card.title?.[0]),
    note: textOf(card.note?.[0]),
    birthday: textOf(card.bday?.[0]),
    labels: (card.categories ?? []).flatMap((prop) => prop.value as string[]),
    rows,
  };
}

/** The card with what the form says in it; all else, known or not, stays. Undefined where there is no name. */
export function cardOfForm(form: Form, before: Card): Card | undefined {
  const card: Card = structuredClone(before);
  const shown = shownName(form, before);
  if (!shown) return undefined;
  setFirst(card, 'fn', shown);
  if (joinOf(before.n?.[0]) !== form.name.join('\n')) setFirst(card, 'n', trimmed(form.name));
  setFirst(card, 'x-phonetic-last-name', form.phonetic.last.trim());
  setFirst(card, 'x-phonetic-first-name', form.phonetic.first.trim());
  if (form.nickname !== textOf(before.nickname?.[0])) setFirst(card, 'nickname', split(form.nickname));
  if (partsOf(before.org?.[0], 2).join('\n') !== `${form.org}\n${form.department}`)
    setFirst(card, 'org', orgParts(form, before));
  setFirst(card, 'title', form.title.trim());
  setFirst(card, 'note', form.note.trim() ? form.note : '');
  setFirst(card, 'bday', form.birthday.trim());
  if (form.labels.join('\n') !== formOf(before).labels.join('\n')) {
    delete card.categories;
    if (form.labels.length > 0) card.categories = [{ value: form.labels }];
  }
  if (form.photo !== textOf(before.photo?.[0])) {
    delete card.photo;
    if (form.photo) card.photo = [{ value: form.photo }];
  }
  setRows(card, form, before);
  return card;
}

/** By the parts of the name, else nickname, organisation, mail or number. A name that was written otherwise stays. */
export function shownName(form: Form, before: Card): string {
  const parts = formOf(before).name;
  if (
    textOf(before.fn?.[0]) &&
    parts.join('\n') === form.name.join('\n') &&
    form.name.some((one) => one.trim())
  )
    return textOf(before.fn?.[0]);
  const filled = (name: string) => form.rows[name]?.find((row) => row.value.trim())?.value.trim();
  return (
    joinedName(form.name) || form.nickname.trim() || form.org.trim() || filled('email') || filled('tel') || ''
  );
}

function rowOf(prop: Property, card: Card): Row {
  const label = kindOf(prop, card);
  const known = 'kind' in label ? { kind: label.kind || 'other', own: '' } : { kind: '', own: label.own };
  const parts = Array.isArray(prop.value) ? partsOf(prop, ADDRESS) : Array(ADDRESS).fill('');
  return { key: ++keys, value: textOf(prop), parts, ...known, prop };
}

function setRows(card: Card, form: Form, before: Card): void {
  const used = new Set(Object.values(before).flatMap((props) => props.map((prop) => prop.group ?? '')));
  const named = new Map<string, string>();
  for (const name of Object.keys(MANY)) {
    const props: Property[] = [];
    for (const row of form.rows[name] ?? []) {
      const isAddress = name === 'adr';
      if (isAddress ? !row.parts.some((part) => part.trim()) : !row.value.trim()) continue;
      const [prop, label] = propOf(row, isAddress, before, used);
      props.push(prop);
      if (label) named.set(prop.group!, label);
    }
    if (props.length > 0) card[name] = props;
    else delete card[name];
  }
  const labels = (before['x-ablabel'] ?? []).flatMap((label) => {
    if (!isOfRows(label, before)) return [label];
    const text = named.get(label.group!);
    named.delete(label.group!);
    return text === undefined ? [] : [{ ...label, value: text }];
  });
  for (const [group, value] of named) labels.push({ value, group });
  if (labels.length > 0) card['x-ablabel'] = labels;
  else delete card['x-ablabel'];
}

/** The property of a row, and the label that goes with it. A row that nobody touched is what it was. */
function propOf(row: Row, isAddress: boolean, before: Card, used: Set<string>): [Property, string] {
  const was = row.prop && rowOf(row.prop, before);
  const kept: Property = row.prop ? structuredClone(row.prop) : { value: '' };
  if (isAddress ? was?.parts.join('\n') !== row.parts.join('\n') : was?.value !== row.value) {
    kept.value = isAddress ? trimmed(row.parts) : row.value.trim();
    // What is typed in the place of a URI is a text.
    if (kept.params?.VALUE?.[0]?.toLowerCase() === 'uri' && !/^[a-z][a-z\d+.-]*:/i.test(row.value.trim()))
      delete kept.params.VALUE;
  }
  const apple = before['x-ablabel']?.find((one) => row.prop?.group && one.group === row.prop.group);
  if (was && was.kind === row.kind && was.own === row.own) return [kept, textOf(apple)];
  const types = row.own ? [] : row.kind.split(' ');
  const label = row.own || (types.every((one) => TYPES.has(one)) ? '' : `_$!<${capital(row.kind)}>!$_`);
  const params = { ...kept.params };
  delete params.TYPE;
  if (!label && row.kind !== 'other') params.TYPE = types;
  if (Object.keys(params).length > 0) kept.params = params;
  else delete kept.params;
  if (label) kept.group ??= freeGroup(used);
  else if (apple) delete kept.group;
  return [kept, label];
}

function isOfRows(label: Property, before: Card): boolean {
  return Object.keys(MANY).some((name) => before[name]?.some((prop) => prop.group === label.group));
}

function freeGroup(used: Set<string>): string {
  let number = 1;
  while (used.has(`item${number}`)) number += 1;
  used.add(`item${number}`);
  return `item${number}`;
}

/** Sets the first of its name and leaves the others; an empty value takes it away. */
function setFirst(card: Card, name: string, value: string | string[]): void {
  const props = card[name] ?? [];
  const empty = typeof value === 'string' ? !value : !value.some(Boolean);
  const others = props.slice(1);
  const all = empty ? others : [{ ...props[0], value }, ...others];
  if (all.length > 0) card[name] = all;
  else delete card[name];
}

function orgParts(form: Form, before: Card): string[] {
  const rest = partsOf(before.org?.[0], 9).slice(2);
  const parts = [form.org.trim(), form.department.trim(), ...rest];
  while (parts.length > 0 && !parts.at(-1)) parts.pop();
  return parts;
}

function joinOf(prop: Property | undefined): string {
  return partsOf(prop, 5).join('\n');
}

function trimmed(parts: readonly string[]): string[] {
  return parts.map((part) => part.trim());
}

function split(text: string): string[] {
  return text
    .split(/[,，]/)
    .map((one) => one.trim())
    .filter(Boolean);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
