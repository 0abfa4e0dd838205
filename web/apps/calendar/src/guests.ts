/** Who takes part in an event, as its iCalendar says it (RFC 5545 §3.8.4.1). Pure. */

import type { Fields, Json } from '@pileus/sdk';
import type { Prop } from './zones.ts';

/** Before the name of an account of this cloud in a calendar address; see the calendar service's README.md. */
const SCHEME = 'pileus:';
const FAILED = 'schedule-status';
export const ANSWERS = ['ACCEPTED', 'TENTATIVE', 'DECLINED'] as const;
export type Answer = (typeof ANSWERS)[number] | 'NEEDS-ACTION';

export interface Guest {
  address: string;
  name: string;
  answer: Answer;
  /** The invitation did not arrive: there is no such account, or it could not be brought. */
  failed: '' | 'unknown' | 'undelivered';
}

export function guestsOf(fields: Fields): Guest[] {
  return attendees(fields).map((prop) => {
    const params = prop[1] as Readonly<Record<string, unknown>>;
    const address = String(prop[3]);
    const status = String(params[FAILED] ?? '');
    const said = String(params.partstat ?? '').toUpperCase();
    return {
      address,
      name: nameOf(address, params),
      answer: ANSWERS.find((one) => one === said) ?? 'NEEDS-ACTION',
      failed: status.startsWith('3') ? 'unknown' : status.startsWith('5') ? 'undelivered' : '',
    };
  });
}

/** A guest of this cloud by the name of their account, with or without the @. */
export function newGuest(typed: string): Guest | undefined {
  const name = typed.trim().replace(/^@/, '');
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

/** This account's own answer. */
export function ownAnswer(fields: Fields): Answer {
  const me = String(fields._me ?? '');
  return guestsOf(fields).find((one) => sameAddress(one.address, me))?.answer ?? 'NEEDS-ACTION';
}

/** What a put says so that this account has answered so. */
export function answered(fields: Fields, answer: Answer): Fields {
  const me = String(fields._me ?? '');
  return {
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

function attendees(fields: Fields): Prop[] {
  return (fields.attendee ?? []) as unknown as Prop[];
}

function nameOf(address: string, params: Readonly<Record<string, unknown>>): string {
  if (address.toLowerCase().startsWith(SCHEME)) return `@${address.slice(SCHEME.length)}`;
  return String(params.cn ?? '') || address.replace(/^mailto:/i, '');
}
