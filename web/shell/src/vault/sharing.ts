/** A file of the vault for another account: its key and name, sealed for the point of that account's vault. */

import { CURVE, derived, POINT } from '../finding/place.ts';
import { Problem } from '../session/problem.ts';
import { type Area, type Bytes, fromBase64, joined, type Named, random, toBase64, utf8 } from './format.ts';

const USE = 'pileus vault share 1';
const NONCE = 12;

/** What others seal for: the point that they are told, and what opens it. */
export interface Pair {
  public: Bytes;
  key: CryptoKey;
}

/** `pair` has both parts, sealed by the vault, so that no cloud can give another point out for its own. */
export async function newPair(area: Area): Promise<{ public: string; pair: string }> {
  const made = await crypto.subtle.generateKey(CURVE, true, ['deriveBits']);
  const point = toBase64(new Uint8Array(await crypto.subtle.exportKey('raw', made.publicKey)));
  const own = toBase64(new Uint8Array(await crypto.subtle.exportKey('pkcs8', made.privateKey)));
  const iv = random(NONCE);
  const how = { name: 'AES-GCM', iv, additionalData: about(area) };
  const plain = utf8(JSON.stringify({ public: point, private: own }));
  const sealed = await crypto.subtle.encrypt(how, area.key, plain);
  return { public: point, pair: toBase64(joined(iv, new Uint8Array(sealed))) };
}

/** Rejects with "vault-damaged" for what this vault did not seal. */
export async function openPair(area: Area, pair: string): Promise<Pair> {
  const data = fromBase64(pair);
  const how = { name: 'AES-GCM', iv: data.slice(0, NONCE), additionalData: about(area) };
  try {
    const plain = await crypto.subtle.decrypt(how, area.key, data.slice(NONCE));
    const told = JSON.parse(new TextDecoder().decode(plain)) as { public: string; private: string };
    const own = fromBase64(told.private);
    const key = await crypto.subtle.importKey('pkcs8', own, CURVE, false, ['deriveBits']);
    return { public: fromBase64(told.public), key };
  } catch {
    throw new Problem('vault-damaged', '');
  }
}

/** An ephemeral point, then the ciphertext; Base64. */
export async function sealShare({ file, name, type, key }: Named, to: Bytes): Promise<string> {
  const own = await crypto.subtle.generateKey(CURVE, true, ['deriveBits']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey));
  const once = await derived(own.privateKey, to, joined(point, to), USE);
  const told = { file: toBase64(file), name, type, key: toBase64(key) };
  const plain = utf8(JSON.stringify(told));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: once.iv }, once.key, plain);
  return toBase64(joined(point, new Uint8Array(sealed)));
}

/** Rejects with "vault-damaged" for what was sealed for another point, or changed. */
export async function openShare(sealed: string, pair: Pair): Promise<Named> {
  const data = fromBase64(sealed);
  const point = data.slice(0, POINT);
  try {
    const { key, iv } = await derived(pair.key, point, joined(point, pair.public), USE);
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, data.slice(POINT));
    const told = JSON.parse(new TextDecoder().decode(plain)) as Record<
      'file' | 'name' | 'type' | 'key',
      string
    >;
    return { file: fromBase64(told.file), name: told.name, type: told.type, key: fromBase64(told.key) };
  } catch {
    throw new Problem('vault-damaged', '');
  }
}

function about(area: Area): Bytes {
  return joined(utf8('pileus vault pair 1\0'), area.id);
}
