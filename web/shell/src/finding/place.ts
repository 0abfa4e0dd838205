/**
 * Places of lost devices: sealed by the device for a key that the owner's passphrase alone opens. The form is
 * docs/design/finding.md's; the command line's is `src/pileus/sdk/place.py`.
 */

import { Problem } from '../session/problem.ts';

export interface Place {
  /** Degrees. */
  lat: number;
  lon: number;
  /** Metres. */
  accuracy: number;
  at_ms: number;
}

/** Base64 but for `rounds`; as the record `finding.key` has it. */
export interface PlaceKey {
  public: string;
  wrapped: string;
  salt: string;
  rounds: number;
}

export const SHORTEST = 12;
const ROUNDS = 600_000;
export const POINT = 65;
const NONCE = 12;
export const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
const INFO = 'pileus place';
type Bytes = Uint8Array<ArrayBuffer>;

/** A new key pair under a passphrase. Takes some tenths of a second. */
export async function newPlaceKey(passphrase: string, rounds = ROUNDS): Promise<PlaceKey> {
  const pair = await crypto.subtle.generateKey(CURVE, true, ['deriveBits']);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
  const plain = await crypto.subtle.exportKey('pkcs8', pair.privateKey);
  const key = await stretched(passphrase, salt, rounds);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, plain);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  return {
    public: toBase64(point),
    wrapped: toBase64(joined(nonce, new Uint8Array(sealed))),
    salt: toBase64(salt),
    rounds,
  };
}

export async function sealPlace(place: Place, publicKey: string): Promise<string> {
  const to = fromBase64(publicKey);
  const own = await crypto.subtle.generateKey(CURVE, true, ['deriveBits']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey));
  const { key, iv } = await derived(own.privateKey, to, joined(point, to), INFO);
  const plain = new TextEncoder().encode(JSON.stringify(place));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain);
  return toBase64(joined(point, new Uint8Array(sealed)));
}

/** Rejects with the `Problem` "wrong-passphrase". */
export async function openPlace(sealed: string, kept: PlaceKey, passphrase: string): Promise<Place> {
  try {
    const wrapped = fromBase64(kept.wrapped);
    const key = await stretched(passphrase, fromBase64(kept.salt), kept.rounds);
    const iv = wrapped.slice(0, NONCE);
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, wrapped.slice(NONCE));
    const own = await crypto.subtle.importKey('pkcs8', plain, CURVE, false, ['deriveBits']);
    const data = fromBase64(sealed);
    const point = data.slice(0, POINT);
    const opened = await derived(own, point, joined(point, fromBase64(kept.public)), INFO);
    const told = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: opened.iv },
      opened.key,
      data.slice(POINT),
    );
    return JSON.parse(new TextDecoder().decode(told)) as Place;
  } catch {
    throw new Problem('wrong-passphrase', '');
  }
}

/** A key that is used once, and its nonce. */
export async function derived(
  own: CryptoKey,
  point: Bytes,
  salt: Bytes,
  use: string,
): Promise<{ key: CryptoKey; iv: Bytes }> {
  const other = await crypto.subtle.importKey('raw', point, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: other }, own, 256);
  const secret = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits']);
  const info = new TextEncoder().encode(use);
  const from = { name: 'HKDF', hash: 'SHA-256', salt, info };
  const bytes = new Uint8Array(await crypto.subtle.deriveBits(from, secret, (32 + NONCE) * 8));
  const key = await crypto.subtle.importKey('raw', bytes.slice(0, 32), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);
  return { key, iv: bytes.slice(32) };
}

async function stretched(passphrase: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  const phrase = new TextEncoder().encode(passphrase);
  const raw = await crypto.subtle.importKey('raw', phrase, 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return crypto.subtle.deriveKey(how, raw, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

function joined(...parts: Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function toBase64(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
}
