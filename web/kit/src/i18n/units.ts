/** Times and sizes as a place writes them; pure. A tag is BCP 47, as `localeTag` gives it. */

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** The phone's clock: 12 or 24 hours as the place counts them, without AM and PM, as phones show it. */
export function clockText(now: Date, tag: string): string {
  return new Intl.DateTimeFormat(tag, { timeStyle: 'short' })
    .formatToParts(now)
    .filter((part) => part.type !== 'dayPeriod')
    .map((part) => part.value)
    .join('')
    .trim();
}

/** When something happened: as the clock has it, with AM or PM where there are twelve hours. */
export function timeText(at: Date | number, tag: string): string {
  return new Intl.DateTimeFormat(tag, { timeStyle: 'short' }).format(at);
}

/** Bytes in units of 1000, as shops and phones count: "10 bytes", "3.2 GB". */
export function bytesText(count: number, tag: string): string {
  let value = count;
  let step = 0;
  while (Math.round(value) >= 1000 && step < UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  return new Intl.NumberFormat(tag, {
    style: 'unit',
    unit: UNITS[step],
    // The short form of a byte is the same for one and for many.
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step > 0 && value < 10 ? 1 : 0,
  }).format(value);
}
