/** Uploads that outlive the page: the file itself and where it goes, in IndexedDB until the cloud has all of it. */

import { type DBSchema, openDB } from 'idb';

export interface KeptUpload {
  id: string;
  file: Blob;
  name: string;
  parent: string;
  replaces: string;
  /** Of a file of the vault: `file` is sealed, and this is what it is called, sealed. */
  sealed?: string;
  /** The cloud's name for it, once it has begun there. */
  upload?: string;
}

export interface KeptUploads {
  put(one: KeptUpload): Promise<void>;
  all(): Promise<KeptUpload[]>;
  remove(id: string): Promise<void>;
}

interface Schema extends DBSchema {
  uploads: { key: string; value: KeptUpload };
}

/** `account`: each has a database of its own, as for records. */
export function keptUploads(account: string): KeptUploads {
  const opened = openDB<Schema>(`pileus-uploads-${account}`, 1, {
    upgrade: (fresh) => void fresh.createObjectStore('uploads', { keyPath: 'id' }),
  });
  opened.catch(() => undefined); // each call says so by itself
  return {
    put: async (one) => void (await (await opened).put('uploads', one)),
    all: async () => (await opened).getAll('uploads'),
    remove: async (id) => (await opened).delete('uploads', id),
  };
}
