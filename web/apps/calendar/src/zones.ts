/** Wall clocks and moments. Pure. */

import ICAL from 'ical.js';

export type Jcal = [string, Prop[], Jcal[]];
export type Prop = [string, { [name: string]: string | string[] }, string, ...unknown[]];

/** Milliseconds since 1970 of a wall clock in a zone that the browser knows; of a gap, the moment after it. */
export function momentOf(time: ICAL.Time, zone: string): number {
  const wall = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
  const first = wall - offsetAt(wall, zone);
  return wall - offsetAt(first, zone);
}

export function momentOfWall(wall: string, zone: string): number {
  return momentOf(ICAL.Time.fromDateTimeString(wall), zone);
}

/** As `2026-03-20T09:00:00`: the wall clock of a moment in a zone. */
export function wallOf(ms: number, zone: string): string {
  return new Date(ms + offsetAt(ms, zone)).toISOString().slice(0, 19);
}

/** The time zone of the machine, as `Europe/Berlin`. */
export function zoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetAt(ms: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(ms).map((one) => [one.type, Number(one.value)]));
  return (
    Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!) -
    Math.floor(ms / 1000) * 1000
  );
}

/** The moment of a time as its event has it: by the zone that the file brought, one that is known, or the reader's. */
export function instant(
  time: ICAL.Time,
  tzid: string | undefined,
  zones: readonly Jcal[],
  reader: string,
): number {
  if (time.zone === ICAL.Timezone.utcTimezone) return time.toUnixTime() * 1000;
  if (time.isDate || !tzid) return momentOf(time, reader);
  if (isZone(tzid)) return momentOf(time, tzid);
  const zone = broughtZone(tzid, zones);
  if (!zone) return momentOf(time, reader);
  const there = time.clone();
  there.zone = zone;
  return there.toUnixTime() * 1000;
}

/** The wall clock of a moment where an event is at home. */
export function wallThere(
  ms: number,
  tzid: string | undefined,
  zones: readonly Jcal[],
  reader: string,
): string {
  if (!tzid || isZone(tzid)) return wallOf(ms, tzid ?? reader);
  const zone = broughtZone(tzid, zones);
  if (!zone) return wallOf(ms, reader);
  const time = ICAL.Time.fromJSDate(new Date(ms), true).convertToZone(zone);
  return time.toString().slice(0, 19);
}

function broughtZone(tzid: string, zones: readonly Jcal[]): ICAL.Timezone | undefined {
  const brought = zones.find((zone) => zone[1].some((prop) => prop[0] === 'tzid' && prop[3] === tzid));
  return brought && new ICAL.Timezone({ component: new ICAL.Component(brought as never), tzid });
}
