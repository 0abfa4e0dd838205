/** Who takes part in an event, as its iCalendar says it (RFC 5545 §3.8.4.1). Pure. */

import type { Fields, Json } from '@pileus/sdk';
import type { Prop } from './zones.ts';

/** Before the name of an account of this cloud in a calendar address; see the calendar service's README.md. */
const SCHEME = 'pileus:';
const FAILED = 'schedule-status';
/** Before an occurrence's RECURRENCE-ID in the field of the answers to it alone. */
const SINGLE = '_answer';
export const ANSWERS = ['ACCEPTED', 'TENTATIVE', 'DECLINED'] as const;
export type Answer = (typeof ANSWERS)[number] | 'NEEDS-ACTION';

export interface Guest {
  address: string;
  name: string;
  answer: Answer;
  /** The invitation did not arrive: there is no such account, or it could not be brought. */
  failed: '' | 'unknown' | 'undelivered';
}

/** Of an occurrence of a series: where somebody answered it by itself, that is their answer. */
export function guestsOf(fields: Fields, recurrence = ''): Guest[] {
  const single = singleAnswers(fields, recurrence);
  return attendees(fields).map((prop) => {
    const params = prop[1] as Readonly<Record<string, unknown>>;
    const address = String(prop[3]);
    const status = String(params[FAILED] ?? '');
    const alone = Object.keys(single).find((one) => sameAddress(one, address));
    const said = String((alone && single[alone]) ?? params.partstat ?? '').toUpperCase();
    return {
      address,
      name: nameOf(address, params),
      answer: ANSWERS.find((one) => one === said) ?? 'NEEDS-ACTION',
      failed: status.startsWith('3') ? 'unknown' : status.startsWith('5') ? 'undelivered' : '',
    };
  });
}

/** The name of an account as somebody typed it, with or without the @. */
export function typedName(typed: string): string {
  return typed.trim().replace(/^@/, '');
}

/** Invitations reach accounts of this cloud alone. */
export function isMail(typed: string): boolean {
  return /^[^\s@]+@[^\s@]+$/u.test(typed.trim().replace(/^mailto:/i, ''));
}

/** A guest of this cloud by the name of their account, with or without the @. */
export function newGuest(typed: string): Guest | undefined {
  const name = typedName(typed);
  return name ? { address: SCHEME + name, name: `@${name}`, answer: 'NEEDS-ACTION', failed: '' } : undefined;
}

export function sameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Who invited this account, "" where it is its own event. */
export function hostOf(fields: Fields): string {
  const organizer = ((fields.organizer ?? []) as unknown as Prop[])[0];
  const me = String(fields._me ?? '');
  if (!organizer || !me || sameAddress(String(organizer[3]), me)) return '';
  return nameOf(String(organizer[3]), organizer[1] as Readonly<Record<string, unknown>>);
}

/** This account's own answer, to an occurrence or to all of an event. */
export function ownAnswer(fields: Fields, recurrence = ''): Answer {
  const me = String(fields._me ?? '');
  return guestsOf(fields, recurrence).find((one) => sameAddress(one.address, me))?.answer ?? 'NEEDS-ACTION';
}

/** What a put says so that this account has answered so: to one occurrence, or to all. */
export function answered(fields: Fields, answer: Answer, recurrence = ''): Fields {
  const me = String(fields._me ?? '');
  if (recurrence)
    return { [SINGLE + recurrence]: { ...othersAnswers(fields, recurrence, me), [me]: answer } };
  const own = Object.keys(withoutSingleAnswers(fields)).map((name) => {
    const others = othersAnswers(fields, name.slice(SINGLE.length), me);
    return [name, Object.keys(others).length > 0 ? others : null] as const;
  });
  return {
    ...Object.fromEntries(own),
    attendee: attendees(fields).map((prop) =>
      sameAddress(String(prop[3]), me)
        ? [prop[0], { ...(prop[1] as object), partstat: answer }, ...prop.slice(2)]
        : prop,
    ) as unknown as Json,
  };
}

/** What a put says so that these are the guests; {} where they are. Other times ask all of them anew. */
export function guestsPut(fields: Fields, guests: readonly Guest[], anew: boolean): Fields {
  const before = attendees(fields);
  const after = guests.map((guest) => {
    const there = before.find((prop) => sameAddress(String(prop[3]), guest.address));
    if (!there) return ['attendee', { partstat: 'NEEDS-ACTION', rsvp: 'TRUE' }, 'cal-address', guest.address];
    return anew
      ? [there[0], { ...(there[1] as object), partstat: 'NEEDS-ACTION' }, ...there.slice(2)]
      : there;
  });
  if (JSON.stringify(after) === JSON.stringify(before)) return {};
  return { attendee: after.length > 0 ? (after as unknown as Json) : null };
}

/** What a put says so that nobody has answered single occurrences, or none from one on. */
export function withoutSingleAnswers(fields: Fields, from = ''): Fields {
  const names = Object.keys(fields).filter(
    (name) => name.startsWith(SINGLE) && name.slice(SINGLE.length) >= from,
  );
  return Object.fromEntries(names.map((name) => [name, null]));
}

function singleAnswers(fields: Fields, recurrence: string): Readonly<Record<string, string>> {
  return (recurrence ? (fields[SINGLE + recurrence] ?? {}) : {}) as Readonly<Record<string, string>>;
}

function othersAnswers(fields: Fields, recurrence: string, me: string): Record<string, string> {
  const all = Object.entries(singleAnswers(fields, recurrence));
  return Object.fromEntries(all.filter(([one]) => !sameAddress(one, me)));
}

function attendees(fields: Fields): Prop[] {
  return (fields.attendee ?? []) as unknown as Prop[];
}

function nameOf(address: string, params: Readonly<Record<string, unknown>>): string {
  if (address.toLowerCase().startsWith(SCHEME)) return `@${address.slice(SCHEME.length)}`;
  return String(params.cn ?? '') || address.replace(/^mailto:/i, '');
}
