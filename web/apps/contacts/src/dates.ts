/** Dates of a vCard: with and without their year (RFC 6350 §4.3.1). Pure. */

export interface Day {
  year?: number;
  month: number;
  day: number;
}

/** Undefined for a text that is no day: it is shown as it is. */
export function parseDay(text: string): Day | undefined {
  const whole = /^(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?$/.exec(text);
  const short = /^--(\d{2})-?(\d{2})$/.exec(text);
  const [month, day] = whole ? [whole[2], whole[3]] : short ? [short[1], short[2]] : [];
  if (!isReal(whole ? Number(whole[1]) : 2000, Number(month), Number(day))) return undefined;
  const at = { month: Number(month), day: Number(day) };
  return whole ? { year: Number(whole[1]), ...at } : at;
}

export function writeDay({ year, month, day }: Day): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return year === undefined
    ? `--${two(month)}${two(day)}`
    : `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** In words of the language. */
export function dayText(text: string, tag: string): string {
  const day = parseDay(text);
  if (!day) return text;
  const date = new Date(Date.UTC(day.year ?? 2000, day.month - 1, day.day));
  if (day.year !== undefined && day.year < 100) date.setUTCFullYear(day.year);
  const year = day.year === undefined ? {} : { year: 'numeric' as const };
  return date.toLocaleDateString(tag, { month: 'long', day: 'numeric', timeZone: 'UTC', ...year });
}

function isReal(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
