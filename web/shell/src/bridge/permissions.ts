/** What an app may do: nothing but what its manifest asks for and the owner, or Pileus itself, granted. */

import type { App } from '../deps.ts';

export type Grant =
  | { kind: 'records'; prefix: string; write: boolean }
  | { kind: 'files' }
  | { kind: 'vault' }
  | { kind: 'messages' }
  | { kind: 'contacts' }
  | { kind: 'calendar' }
  | { kind: 'links' }
  | { kind: 'telephony' }
  | { kind: 'apps:install' };

const PLAIN = [
  'files',
  'vault',
  'messages',
  'contacts',
  'calendar',
  'links',
  'telephony',
  'apps:install',
] as const;
const RECORDS = /^records:([a-z][a-z0-9-]{0,39}(?:\.[a-z][a-z0-9-]{0,39})?)(?::(read|write))?$/;

/** Undefined where the text is no permission that this version knows. */
export function parsePermission(text: unknown): Grant | undefined {
  const plain = PLAIN.find((kind) => kind === text);
  if (plain) return { kind: plain };
  const match = typeof text === 'string' ? RECORDS.exec(text) : null;
  return match ? { kind: 'records', prefix: match[1]!, write: match[2] !== 'read' } : undefined;
}

/**
 * The grants of an app. Apps that come with Pileus (`system`, which only the cloud's apps service may set
 * in a record) have what their manifest asks for; any other app has nothing yet.
 */
export function grantsOf(app: App): Grant[] {
  const member = app.manifest.pileus;
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return [];
  if (member.system !== true || !Array.isArray(member.permissions)) return [];
  return member.permissions.map(parsePermission).filter((grant) => grant !== undefined);
}

export class Permissions {
  constructor(private readonly grants: readonly Grant[]) {}

  has(kind: Exclude<Grant['kind'], 'records'>): boolean {
    return this.grants.some((grant) => grant.kind === kind);
  }

  /** A grant `notes` covers `notes.note` and not `notesx.note`. */
  covers(collection: string, write: boolean): boolean {
    return this.grants.some(
      (grant) =>
        grant.kind === 'records' &&
        (grant.prefix === collection || collection.startsWith(`${grant.prefix}.`)) &&
        (grant.write || !write),
    );
  }
}
