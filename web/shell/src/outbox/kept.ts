/**
 * Messages that wait until the cloud is reached, in IndexedDB of this device alone. No records: what a backup or an
 * older copy of the database brings back, or another device hears of, must not be sent by that.
 */

import { type DBSchema, openDB } from 'idb';

export interface Letter {
  /** Chosen once: asked again with it, the cloud knows that it is the same message. */
  id: string;
  thread: string;
  people: string[];
  body: string;
  sim: string;
  contact: string;
  region: string;
  /** Pictures that go along. */
  files: { blob: Blob; name: string }[];
  /** The same, once the cloud has them. */
  parts: { object: string; name: string }[];
  made_ms: number;
  /** `asked`: the cloud may have it. `handed`: this handset's daemon may, and the cloud is never asked. `refused`:
   * neither has it, and why is in `code`; "" where its owner wanted so. */
  state: 'waiting' | 'asked' | 'handed' | 'refused';
  /** Not asked for until its owner says so. */
  asleep?: boolean;
  code: string;
  detail: string;
}

/** What becomes of the letter that is there, if any: another one, null for none, undefined for no change. */
export type Change = (letter: Letter | undefined) => Letter | null | undefined;

export interface Changed {
  before: Letter | undefined;
  /** The same as `before` where nothing was changed. */
  after: Letter | undefined;
}

export interface KeptLetters {
  /** Looks and changes in one transaction: nobody's deletion comes between. Durable when it resolves. */
  change(id: string, change: Change): Promise<Changed>;
  get(id: string): Promise<Letter | undefined>;
  all(): Promise<Letter[]>;
}

interface Schema extends DBSchema {
  letters: { key: string; value: Letter };
}

/** `account`: each has a database of its own, as for records. */
export function keptLetters(account: string): KeptLetters {
  const opened = openDB<Schema>(`pileus-outbox-${account}`, 1, {
    upgrade: (fresh) => void fresh.createObjectStore('letters', { keyPath: 'id' }),
  });
  opened.catch(() => undefined); // each call says so by itself
  return {
    change: async (id, change) => {
      // Strict: what its writer was told that it waits must outlive a power cut (IndexedDB 3.0, transaction durability).
      const tx = (await opened).transaction('letters', 'readwrite', { durability: 'strict' });
      const work = async () => {
        const before = whole(await tx.store.get(id));
        const after = change(before);
        if (after) await tx.store.put(after);
        if (after === null && before) await tx.store.delete(id);
        return { before, after: after === undefined ? before : (after ?? undefined) };
      };
      return (await Promise.all([work(), tx.done]))[0];
    },
    get: async (id) => whole(await (await opened).get('letters', id)),
    all: async () => (await (await opened).getAll('letters')).map((letter) => whole(letter)!),
  };
}

/** Those that were kept before pictures went along have none. */
function whole(letter: Letter | undefined): Letter | undefined {
  return letter && { ...letter, files: letter.files ?? [], parts: letter.parts ?? [] };
}
