/** Codes that open a vault: the recovery code, and the one by which a device lets another one in. */

import { Problem } from '../session/problem.ts';
import { type Bytes, hkdf, joined, random, utf8 } from './format.ts';

/** Crockford's base 32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUP = 4;
const SECRET = 16;
const CHECK_BITS = 12n;
const RECOVERY_LENGTH = 28;
const ASK_LENGTH = 12;
/** Of PBKDF2 with SHA-256: what makes 60 random bits as hard to try as 79. */
const ROUNDS = 600_000;

/** 128 random bits, and 12 that tell a slip: seven groups, as in `7KQ2-M0XW-94TA-…`. */
export async function codeOf(secret: Bytes): Promise<string> {
  return grouped(letters((numberOf(secret) << CHECK_BITS) | (await check(secret)), RECOVERY_LENGTH));
}

export function newSecret(): Bytes {
  return random(SECRET);
}

/** Rejects with "vault-code" for what is no recovery code, most slips of a typing hand among it. */
export async function secretOf(code: string): Promise<Bytes> {
  const text = plain(code);
  if (text.length === RECOVERY_LENGTH && [...text].every((one) => ALPHABET.includes(one))) {
    let number = 0n;
    for (const one of text) number = (number << 5n) | BigInt(ALPHABET.indexOf(one));
    const secret = new Uint8Array(SECRET);
    let rest = number >> CHECK_BITS;
    for (let at = SECRET - 1; at >= 0; at -= 1) {
      secret[at] = Number(rest & 255n);
      rest >>= 8n;
    }
    if ((number & ((1n << CHECK_BITS) - 1n)) === (await check(secret))) return secret;
  }
  throw new Problem('vault-code', '');
}

/** What a device shows that asks to be let in: 60 random bits, which the cloud never sees. */
export function newAskCode(): string {
  return grouped([...random(ASK_LENGTH)].map((one) => ALPHABET[one & 31]).join(''));
}

/** Keys of a code that a device shows: `seal` for the area key, `check` to prove that the code was typed right. */
export async function askKeys(code: string, salt: Bytes): Promise<{ seal: Bytes; check: Bytes }> {
  const typed = await crypto.subtle.importKey('raw', utf8(plain(code)), 'PBKDF2', false, ['deriveBits']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS };
  const secret = new Uint8Array(await crypto.subtle.deriveBits(how, typed, 256));
  const [seal, check] = await Promise.all(
    ['seal', 'check'].map((use) => hkdf(secret, salt, `pileus vault ask 1 ${use}`)),
  );
  return { seal: seal!, check: check! };
}

/** The first 80 bits of a point's hash, which another account types: too many to find a second point for. */
export async function sharingNumber(point: Bytes): Promise<string> {
  const said = joined(utf8('pileus vault number 1\0'), point);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', said));
  return grouped(letters(numberOf(digest.slice(0, 10)), 16));
}

/** A code in whatever way it was typed: small letters, spaces, an O for a 0. */
export function plain(code: string): string {
  return code
    .slice(0, 100)
    .toUpperCase()
    .replace(/[\s\u2010\u2011\u2013-]/gu, '')
    .replace(/[IL]/gu, '1')
    .replace(/O/gu, '0');
}

function letters(number: bigint, length: number): string {
  const at = (place: number) => Number((number >> (5n * BigInt(place))) & 31n);
  return Array.from({ length }, (_, place) => ALPHABET[at(length - 1 - place)]).join('');
}

function grouped(text: string): string {
  return text.match(new RegExp(`.{1,${GROUP}}`, 'gu'))!.join('-');
}

function numberOf(bytes: Bytes): bigint {
  return bytes.reduce((number, one) => (number << 8n) | BigInt(one), 0n);
}

async function check(secret: Bytes): Promise<bigint> {
  const digest = await crypto.subtle.digest('SHA-256', joined(utf8('pileus vault code 1\0'), secret));
  return numberOf(new Uint8Array(digest).slice(0, 2)) >> (16n - CHECK_BITS);
}
