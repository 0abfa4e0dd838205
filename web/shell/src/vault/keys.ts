/** The vault's key, and how it is wrapped: by the recovery code, by a device, and for a device that asks. */

import { Problem } from '../session/problem.ts';
import { askKeys } from './codes.ts';
import {
  type Area,
  aes,
  areaOf,
  type Bytes,
  fromBase64,
  hkdf,
  joined,
  random,
  toBase64,
  utf8,
} from './format.ts';

const NONCE = 12;

/** The area key itself: held no longer than it takes to wrap it, or to make an `Area` of it. */
export interface AreaKey {
  id: Bytes;
  raw: Bytes;
}

export function newAreaKey(): AreaKey {
  return { id: random(16), raw: random(32) };
}

export function openedBy({ id, raw }: AreaKey): Promise<Area> {
  return areaOf(id, raw);
}

/** What tells the cloud that a device knows the key, and nothing of the key. */
export async function verifierOf({ id, raw }: AreaKey): Promise<string> {
  return toBase64(await hkdf(raw, id, 'pileus vault verifier 1'));
}

export async function wrapForCode(area: AreaKey, secret: Bytes): Promise<string> {
  return seal(await codeKey(area.id, secret), area.raw, said('pileus vault key 1', area.id));
}

/** Rejects with "wrong-vault-code" for another vault's code. */
export async function unwrapByCode(id: Bytes, wrapped: string, secret: Bytes): Promise<AreaKey> {
  const key = await codeKey(id, secret);
  return { id, raw: await open(key, wrapped, said('pileus vault key 1', id), 'wrong-vault-code') };
}

export function wrapForDevice(area: AreaKey, device: CryptoKey): Promise<string> {
  return seal(device, area.raw, said('pileus vault device 1', area.id));
}

/** Rejects with "vault-closed" where this device did not wrap it. */
export async function unwrapOnDevice(id: Bytes, held: string, device: CryptoKey): Promise<AreaKey> {
  return { id, raw: await open(device, held, said('pileus vault device 1', id), 'vault-closed') };
}

/** That the code is known to whoever asks as that device. */
export async function proofOf(code: string, salt: Bytes, device: string): Promise<string> {
  const { check } = await askKeys(code, salt);
  const how = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', check, how, false, ['sign']);
  return toBase64(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(device))));
}

/** For the device that shows the code. */
export async function sealForAsk(area: AreaKey, code: string, salt: Bytes, device: string): Promise<string> {
  const key = await aes((await askKeys(code, salt)).seal);
  return seal(key, area.raw, said('pileus vault let in 1', area.id, utf8(device)));
}

/** Rejects with "vault-answer" for an answer by who did not know the code. */
export async function openAnswer(
  id: Bytes,
  answer: string,
  code: string,
  salt: Bytes,
  device: string,
): Promise<AreaKey> {
  const key = await aes((await askKeys(code, salt)).seal);
  const about = said('pileus vault let in 1', id, utf8(device));
  return { id, raw: await open(key, answer, about, 'vault-answer') };
}

async function codeKey(id: Bytes, secret: Bytes): Promise<CryptoKey> {
  return aes(await hkdf(secret, id, 'pileus vault recovery 1'));
}

function said(what: string, ...parts: Bytes[]): Bytes {
  return joined(utf8(`${what}\0`), ...parts);
}

async function seal(key: CryptoKey, plain: Bytes, additionalData: Bytes): Promise<string> {
  const iv = random(NONCE);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plain);
  return toBase64(joined(iv, new Uint8Array(sealed)));
}

async function open(key: CryptoKey, wrapped: string, additionalData: Bytes, code: string): Promise<Bytes> {
  const data = fromBase64(wrapped);
  const how = { name: 'AES-GCM', iv: data.slice(0, NONCE), additionalData };
  const plain = await crypto.subtle.decrypt(how, key, data.slice(NONCE)).catch(() => {
    throw new Problem(code, '');
  });
  return new Uint8Array(plain);
}
