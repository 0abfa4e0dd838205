/** The people of the account, as those look them up who show numbers. */

import { rereads } from '../rereads.ts';
import { AddressBook, contactOf, hasHan, type Speak } from './contact.ts';

const CONTACTS = 'contacts.contact';

/** What holds the records: an app's phone. */
interface Records {
  query(collection: string): Promise<{ id: string; fields: { [name: string]: unknown } }[]>;
  subscribe(collection: string, listener: () => void): () => void;
}

/** The book, now and at each change; `speak` from when a name is Chinese, as it is loaded then. */
export function watchBook(
  records: Records,
  listener: (book: AddressBook, speak?: Speak) => void,
): () => void {
  let speak: Speak | undefined;
  let off = false;
  const read = rereads(async () => {
    const found = await records.query(CONTACTS);
    const contacts = () => found.map((one) => contactOf(one, speak)).filter((one) => one !== undefined);
    let known = contacts();
    if (!speak && known.some(({ name }) => hasHan(name))) {
      ({ speak } = await import('./pinyin.ts'));
      known = contacts();
    }
    if (!off) listener(new AddressBook(known), speak);
  });
  void read();
  const end = records.subscribe(CONTACTS, () => void read());
  return () => {
    off = true;
    end();
  };
}
