/** The journal's HTTP messages, docs/design/journal.md. */
import type { Fields } from './types.ts';

export interface Change {
  seq: number;
  collection: string;
  id: string;
  deleted: boolean;
  fields: Fields;
  /** Base64 of Yjs states by field name. */
  texts?: { [field: string]: string };
}

export interface Mutation {
  id: string;
  base: number;
  collection: string;
  record: string;
  op: 'put' | 'delete';
  fields?: Fields;
  texts?: { [field: string]: string };
}

export interface Outcome {
  id: string;
  status: 'applied' | 'merged' | 'refused';
  seq: number;
  code?: string | null;
  detail?: string | null;
}

export interface SnapshotPage {
  as_of: number;
  records: Change[];
  next: string | null;
}

export interface ChangesPage {
  changes: Change[];
  next: number;
  more: boolean;
}

/** The root text of each Yjs document; the cloud reads the plain string from it. */
export const TEXT_ROOT = 'text';
/** Mutations that one request may carry. */
export const BATCH = 500;

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary);
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
