/** New names and places of files: changes of their records alone, which are made without the cloud, too. */

import type { SyncRecord } from '../../../../kit/src/sync/types.ts';
import { BridgeError } from '../../../../sdk/src/protocol.ts';
import type { ShellDeps } from '../../deps.ts';
import { fileName } from '../names.ts';

const FILES = 'files.file';

type Sync = Pick<ShellDeps['sync'], 'query' | 'put'>;

/** What is in the vault is not renamed here: its name would be in the clear.
 * Rejects with `bad-name`, `not-found`, or `file-there` where its folder has another one of this name. */
export async function rename(sync: Sync, id: string, wish: string): Promise<void> {
  const name = fileName(wish);
  const files = await plain(sync);
  const { parent } = known(files, id).fields;
  free(files, id, name, parent);
  await sync.put(FILES, id, { name });
}

/** `parent`: a folder's id, "" the root. Rejects with `not-found`, `file-there`, or `folder-in-itself`. */
export async function move(sync: Sync, id: string, parent: string): Promise<void> {
  const files = await plain(sync);
  const { name } = known(files, id).fields;
  if (parent && !isFolder(known(files, parent))) throw gone();
  const seen = new Set<string>();
  for (let at = parent; at && !seen.has(at); at = String(files.get(at)?.fields.parent ?? '')) {
    if (at === id) throw new BridgeError('folder-in-itself', 'A folder cannot be moved into itself.');
    seen.add(at);
  }
  free(files, id, name, parent);
  await sync.put(FILES, id, { parent });
}

async function plain(sync: Sync): Promise<ReadonlyMap<string, SyncRecord>> {
  const files = await sync.query(FILES, ({ fields }) => !fields.sealed);
  return new Map(files.map((one) => [one.id, one]));
}

function known(files: ReadonlyMap<string, SyncRecord>, id: string): SyncRecord {
  const found = files.get(id);
  if (!found) throw gone();
  return found;
}

function gone(): BridgeError {
  return new BridgeError('not-found', 'This file or folder is there no more.');
}

function isFolder({ fields }: SyncRecord): boolean {
  return fields.type === 'inode/directory' || fields.type === 'folder';
}

function free(files: ReadonlyMap<string, SyncRecord>, id: string, name: unknown, parent: unknown): void {
  for (const one of files.values())
    if (one.id !== id && one.fields.name === name && one.fields.parent === parent)
      throw new BridgeError('file-there', 'There is another one of this name in the folder.');
}
