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

export function isEmergency(number: string, more: readonly string[] = []): boolean {
  const plain = number.replace(LEFT_OUT, '');
  return EMERGENCY.has(plain) || more.includes(plain);
}
