/** Numbers that are always dialled, and never blocked. Pure. */

/** What a handset dials by any modem, with or without a card (`pileus.core.telephone`, 3GPP TS 22.101 §10.1). Those of
 * its cards are in its state. */
const EMERGENCY: ReadonlySet<string> = new Set([
  '112',
  '911',
  '000',
  '08',
  '110',
  '118',
  '119',
  '120',
  '122',
  '999',
]);
const LEFT_OUT = /[\s().\-/\u2010-\u2015]+/g;
/** `+44 (0)7700 ...`: the zero is dialled at home alone. */
const TRUNK = /^(\s*\+[\s.-]*[0-9]{1,3}[\s.-]*)\(0\)/;
/** What is dialled after it, or is said of it (RFC 3966); after a space somebody else of a list follows. */
const AFTER = /[,;](?=\S).*$/s;

export function isEmergency(number: string, more: readonly string[] = []): boolean {
  const plain = plainNumber(number);
  return EMERGENCY.has(plain) || more.includes(plain);
}

/** A number's digits and signs. */
export function plainNumber(number: string): string {
  const bare = shownOf(number)
    .replace(/^\s*tel:/i, '')
    .replace(AFTER, '');
  return bare.replace(TRUNK, '$1').replace(LEFT_OUT, '');
}

/** Without letters that nobody sees, as those are that say which way is written (U+202A). */
export function shownOf(address: string): string {
  return address.replace(/\p{Cf}/gu, '');
}
