/**
 * The vault's format, version 1: contents and names that only a holder of the area key reads.
 *
 * docs/design/vault.md has the form; the command line's program of it is `src/pileus/sdk/vault.py`. Nothing here
 * asks the cloud.
 */

import { Problem } from '../session/problem.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** The media type of a sealed file's record. */
export const SEALED = 'application/vnd.pileus.sealed';
const HEADER = 1024;
const SEGMENT = 64 * 1024;
const TAG = 16;
const NONCE = 12;
const ID = 16;
const KEY = 32;
const SALT = 32;
/** Where a name begins in a header. */
const NAME_AT = 82;
const PAD = 128;
const MOST_NAMED = 896;
const MAGIC = utf8('PILEUSVT');
/** Segments that become one piece of a Blob, which the browser may put on the disk. */
const TOGETHER = 64;

/** The key that a vault's names and files' keys are sealed with, and its random id. */
export interface Area {
  id: Bytes;
  key: CryptoKey;
}

/** What a sealed file or folder is called. `key` (a file's own; empty of a folder) seals its contents. */
export interface Named {
  file: Bytes;
  name: string;
  type: string;
  key: Bytes;
}

export async function areaOf(id: Bytes, key: Bytes): Promise<Area> {
  return { id, key: await aes(key) };
}

export function newNamed(name: string, type: string, folder = false): Named {
  return { file: random(ID), name, type, key: folder ? new Uint8Array(0) : random(KEY) };
}

/** A record's `sealed`; Base64. Rejects with "vault-name" where the name is too long. */
export async function sealNamed(area: Area, named: Named): Promise<string> {
  return toBase64(joined(area.id, named.file, await sealName(area, named)));
}

/** Rejects with "vault-other-key" for what was sealed under another key, and "vault-damaged". */
export async function openNamed(area: Area, sealed: string): Promise<Named> {
  const data = fromBase64(sealed);
  checkArea(area, data.slice(0, ID));
  return openName(area, data.slice(ID, 2 * ID), data.slice(2 * ID));
}

/** The header, then the segments. What is plain is read piece by piece. */
export async function sealContent(area: Area, named: Named, plain: Blob): Promise<Blob> {
  const [name, salt] = [await sealName(area, named), random(SALT)];
  const header = new Uint8Array(HEADER);
  header.set(joined(MAGIC, Uint8Array.of(1, 0, 0, 0), u32(SEGMENT), area.id, named.file, salt));
  new DataView(header.buffer).setUint16(NAME_AT - 2, name.length, true);
  header.set(name, NAME_AT);
  const key = await contentKey(named, salt);
  const count = Math.max(1, Math.ceil(plain.size / SEGMENT));
  const body = await segments(count, async (index) => {
    const data = await plain.slice(index * SEGMENT, (index + 1) * SEGMENT).arrayBuffer();
    return crypto.subtle.encrypt(how(index, count, header), key, data);
  });
  return new Blob([header, ...body], { type: SEALED });
}

/**
 * A sealed content's plain bytes, as a Blob of the file's type; all of it was proved when it is given.
 * Rejects with "vault-damaged" for one that was changed, cut or lengthened, or is another file's.
 */
export async function openContent(area: Area, named: Named, sealed: Blob): Promise<Blob> {
  return opened(named, sealed, area);
}

async function opened(named: Named, sealed: Blob, area: Area | undefined): Promise<Blob> {
  const header = new Uint8Array(await sealed.slice(0, HEADER).arrayBuffer());
  const salt = await readHeader(named, header, area);
  const key = await contentKey(named, salt);
  const step = SEGMENT + TAG;
  const count = Math.max(1, Math.ceil((sealed.size - HEADER) / step));
  const body = await segments(count, async (index) => {
    const from = HEADER + index * step;
    const data = await sealed.slice(from, from + step).arrayBuffer();
    return crypto.subtle.decrypt(how(index, count, header), key, data).catch(damaged);
  });
  return new Blob(body, { type: named.type });
}

/** `openContent` for whom the file was shared with: by its own key, without the vault's. */
export async function openShared(named: Named, sealed: Blob): Promise<Blob> {
  return opened(named, sealed, undefined);
}

/** Plain bytes in a sealed content of so many. */
export function plainSize(sealed: number): number {
  const body = sealed - HEADER;
  return Math.max(0, body - TAG * Math.max(1, Math.ceil(body / (SEGMENT + TAG))));
}

/** The salt of a content that is that file's; what its header says that it was called must open, too. */
async function readHeader(named: Named, header: Bytes, area: Area | undefined): Promise<Bytes> {
  if (header.length !== HEADER) return damaged();
  const view = new DataView(header.buffer);
  const known = same(header.slice(0, 8), MAGIC) && header[8] === 1 && view.getUint32(12, true) === SEGMENT;
  const length = view.getUint16(NAME_AT - 2, true);
  if (!known || length > HEADER - NAME_AT) return damaged();
  const file = header.slice(32, 48);
  if (area) {
    checkArea(area, header.slice(16, 32));
    await openName(area, file, header.slice(NAME_AT, NAME_AT + length));
  }
  if (!same(file, named.file) || named.key.length === 0) return damaged();
  return header.slice(48, 80);
}

async function sealName(area: Area, { file, name, type, key }: Named): Promise<Bytes> {
  const text = utf8(JSON.stringify(key.length > 0 ? { name, type, key: toBase64(key) } : { name, type }));
  const padded = new Uint8Array(Math.ceil(text.length / PAD) * PAD).fill(0x20);
  if (padded.length > MOST_NAMED) throw new Problem('vault-name', '');
  padded.set(text);
  const iv = random(NONCE);
  const how = { name: 'AES-GCM', iv, additionalData: nameData(area, file) };
  return joined(iv, new Uint8Array(await crypto.subtle.encrypt(how, area.key, padded)));
}

async function openName(area: Area, file: Bytes, data: Bytes): Promise<Named> {
  const how = { name: 'AES-GCM', iv: data.slice(0, NONCE), additionalData: nameData(area, file) };
  const plain = await crypto.subtle.decrypt(how, area.key, data.slice(NONCE)).catch(damaged);
  const told = JSON.parse(new TextDecoder().decode(plain)) as { name: string; type: string; key?: string };
  return { file, name: told.name, type: told.type, key: fromBase64(told.key ?? '') };
}

function nameData(area: Area, file: Bytes): Bytes {
  return joined(utf8('pileus vault name 1\0'), area.id, file);
}

function checkArea(area: Area, id: Bytes): void {
  if (!same(area.id, id)) throw new Problem('vault-other-key', '');
}

async function contentKey(named: Named, salt: Bytes): Promise<CryptoKey> {
  return aes(await hkdf(named.key, salt, 'pileus vault content 1'));
}

/** A key seals one content: its segments' numbers are enough, and the last one is told (STREAM). */
function how(index: number, count: number, header: Bytes): AesGcmParams {
  const iv = new Uint8Array(NONCE);
  new DataView(iv.buffer).setUint32(7, index);
  iv[11] = index === count - 1 ? 1 : 0;
  return { name: 'AES-GCM', iv, additionalData: header };
}

async function segments(count: number, make: (index: number) => Promise<ArrayBuffer>): Promise<Blob[]> {
  const pieces: Blob[] = [];
  for (let from = 0; from < count; from += TOGETHER) {
    const some = Array.from({ length: Math.min(TOGETHER, count - from) }, (_, index) => make(from + index));
    pieces.push(new Blob(await Promise.all(some)));
  }
  return pieces;
}

export async function aes(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** 32 bytes. */
export async function hkdf(secret: Bytes, salt: Bytes, info: string): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const from = { name: 'HKDF', hash: 'SHA-256', salt, info: utf8(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(from, key, KEY * 8));
}

export function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}

export function joined(...parts: Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

export function toBase64(bytes: Bytes): string {
  let text = '';
  for (const one of bytes) text += String.fromCharCode(one);
  return btoa(text);
}

/** Throws "vault-damaged" for what is no Base64. */
export function fromBase64(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  } catch {
    return damaged();
  }
}

function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function same(one: Bytes, other: Bytes): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function damaged(): never {
  throw new Problem('vault-damaged', '');
}
