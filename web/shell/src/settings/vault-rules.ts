/** What is lost with the vault's key, and whether its owner means that; pure. */

import { plainSize } from '../vault/format.ts';

const FOLDER = 'inode/directory';

export interface Inside {
  files: number;
  bytes: number;
}

/** Of what is sealed, as it was before; folders are no files. */
export function insideOf(records: readonly { fields: Readonly<Record<string, unknown>> }[]): Inside {
  const files = records.filter(({ fields }) => fields.type !== FOLDER);
  const bytes = files.reduce((sum, { fields }) => sum + plainSize(Number(fields.size) || 0), 0);
  return { files: files.length, bytes };
}

/** Whether somebody typed the word that they were asked for. */
export function isMeant(typed: string, word: string): boolean {
  return typed.trim().toLocaleLowerCase() === word.toLocaleLowerCase();
}
