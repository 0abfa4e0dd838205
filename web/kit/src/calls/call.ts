/** Calls as their records have them. Pure. See docs/design/messages.md. */

/** A record `messages.call`. */
interface CallRecord {
  id: string;
  fields: { [name: string]: unknown };
}

export interface Call {
  id: string;
  address: string;
  thread: string;
  contact: string;
  at: number;
  kind: string;
  seconds: number;
  /** The card that it went through, "" where that is not known. */
  sim: string;
  /** False for a missed one that nobody has looked at in the list. */
  seen: boolean;
}

export const KINDS = ['in', 'out', 'missed', 'voicemail', 'rejected', 'blocked', 'elsewhere'] as const;

/** The newest first; what another version may have written otherwise is left out. */
export function callsOf(records: readonly CallRecord[]): Call[] {
  return records
    .flatMap(({ id, fields }) => {
      const text = (name: string) => (typeof fields[name] === 'string' ? (fields[name] as string) : '');
      const [at, kind] = [Number(fields.date_ms), text('kind')];
      if (!Number.isFinite(at) || !(KINDS as readonly string[]).includes(kind)) return [];
      const [address, thread, contact] = [text('address'), text('thread'), text('contact')];
      return [
        {
          id,
          address,
          thread: thread || address,
          contact,
          at,
          kind,
          seconds: Number(fields.duration_s) || 0,
          sim: text('sim'),
          seen: fields.seen !== false,
        },
      ];
    })
    .sort((one, other) => other.at - one.at || (one.id < other.id ? -1 : 1));
}

/** Ids of all calls with the numbers of those with these ids. */
export function withNumbersOf(calls: readonly Call[], ids: ReadonlySet<string>): Set<string> {
  const threads = new Set(calls.filter(({ id }) => ids.has(id)).map(({ thread }) => thread));
  return new Set(calls.filter(({ thread }) => threads.has(thread)).map(({ id }) => id));
}

/** Nobody took it, and not because the owner did not want it. */
export function isMissed({ kind }: Pick<Call, 'kind'>): boolean {
  return kind === 'missed' || kind === 'voicemail';
}

/** As `2 min 5 sec`, in the language's short units. */
export function durationText(seconds: number, tag: string): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [Math.round(seconds) % 60, 'second'],
  ];
  const shown = parts.filter(([count, unit]) => count > 0 && !(unit === 'second' && seconds >= 3600));
  return shown
    .map(([count, unit]) =>
      new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'short' }).format(count),
    )
    .join(' ');
}
