/** Reading the parameters of a call; what has another shape is refused with `bad-params`. */

import { BridgeError, type Fields, type Json } from '../../../sdk/src/protocol.ts';

export type Params = { readonly [name: string]: unknown };

const COLLECTION = /^[a-z][a-z0-9-]{0,39}\.[a-z][a-z0-9-]{0,39}$/;
const RECORD = /^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,199}$/;
const UPDATE_BYTES = 1 << 20;

export function text(params: Params, name: string, limit = 1000): string {
  const value = params[name];
  if (typeof value !== 'string' || value.length > limit) throw bad(`${name} is a text of at most ${limit}`);
  return value;
}

export function texts(params: Params, name: string, most: number): string[] {
  const value = params[name];
  const fits = Array.isArray(value) && value.length <= most;
  if (!fits || !value.every((one) => typeof one === 'string' && one.length <= 1000))
    throw bad(`${name} is a list of at most ${most} texts`);
  return value;
}

export function collection(params: Params): string {
  const value = params.collection;
  if (typeof value !== 'string' || !COLLECTION.test(value)) throw bad('collection has the form service.kind');
  return value;
}

export function recordId(params: Params, name = 'id'): string {
  const value = params[name];
  if (typeof value !== 'string' || !RECORD.test(value)) throw bad(`${name} is no record id`);
  return value;
}

export function recordIds(params: Params, name: string, limit: number): string[] {
  const values = params[name];
  if (!Array.isArray(values) || values.length > limit) throw bad(`${name} is a list of at most ${limit}`);
  return values.map((value) => recordId({ [name]: value }, name));
}

/** A number that the app chose to name something by. */
export function handle(params: Params, name: string): number {
  const value = params[name];
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw bad(`${name} is a whole number`);
  return value as number;
}

export function blob(params: Params, name: string): Blob {
  const value = params[name];
  if (!(value instanceof Blob)) throw bad(`${name} is a Blob`);
  return value;
}

export function blobs(params: Params, name: string, most: number): Blob[] {
  const value = params[name];
  if (!Array.isArray(value) || value.length > most || !value.every((one) => one instanceof Blob))
    throw bad(`${name} is a list of at most ${most} Blobs`);
  return value;
}

export function bytes(params: Params, name: string): Uint8Array {
  const value = params[name];
  if (!(value instanceof Uint8Array) || value.length > UPDATE_BYTES)
    throw bad(`${name} is at most 1 MiB of bytes`);
  return value;
}

export function flag(params: Params, name: string): boolean {
  if (typeof params[name] !== 'boolean') throw bad(`${name} is true or false`);
  return params[name];
}

export function oneOf<T extends string>(params: Params, name: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === params[name]);
  if (found === undefined) throw bad(`${name} is one of ${choices.join(', ')}`);
  return found;
}

export function fields(params: Params): Fields {
  const value = params.fields;
  if (!isPlain(value)) throw bad('fields is an object');
  for (const one of Object.values(value)) checkJson(one, 0);
  return value as Fields;
}

function checkJson(value: unknown, depth: number): asserts value is Json {
  if (depth > 20) throw bad('fields lie too deep');
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (Array.isArray(value) || isPlain(value)) {
    for (const one of Object.values(value)) checkJson(one, depth + 1);
    return;
  }
  throw bad('fields hold JSON');
}

function isPlain(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

export function bad(why: string): BridgeError {
  return new BridgeError('bad-params', `${why}.`);
}
