/** This device's own key, which the browser uses for the shell's pages and gives to nobody. */

import { type DBSchema, deleteDB, openDB } from 'idb';

export interface DeviceKeys {
  /** Made at the first call. */
  get(): Promise<CryptoKey>;
}

interface Schema extends DBSchema {
  keys: { key: string; value: CryptoKey };
}

const OWN = 'device';

export function deviceKeys(account: string): DeviceKeys {
  return { get: () => own(nameOf(account)) };
}

/** What this device kept of an account's vault; the cloud has what it wrapped, which nothing opens then. */
export async function forgetVault(account: string): Promise<void> {
  await deleteDB(nameOf(account));
}

function nameOf(account: string): string {
  return `pileus-vault-${account}`;
}

async function own(name: string): Promise<CryptoKey> {
  const database = await openDB<Schema>(name, 1, {
    upgrade: (fresh) => void fresh.createObjectStore('keys'),
  });
  try {
    const found = await database.get('keys', OWN);
    if (found) return found;
    const algorithm = { name: 'AES-GCM', length: 256 };
    const fresh = await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt']);
    // Another tab may have made one meanwhile: the first one stays.
    const transaction = database.transaction('keys', 'readwrite');
    const first = await transaction.store.get(OWN);
    if (!first) await transaction.store.put(fresh, OWN);
    await transaction.done;
    return first ?? fresh;
  } finally {
    database.close();
  }
}
