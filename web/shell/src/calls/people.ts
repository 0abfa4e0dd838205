/** Who calls, by the contacts of whoever is signed in. */

import { AddressBook, contactOf } from '../../../kit/src/people/contact.ts';
import { rereads } from '../../../kit/src/rereads.ts';
import type { Sync } from '../../../kit/src/sync/types.ts';
import { Store } from '../store.ts';

const CONTACTS = 'contacts.contact';

export interface Known {
  name: string;
  photo: string;
}

/** Read when the first call comes, and kept until no call is left: a long list costs nothing before. */
export class People extends Store<AddressBook | undefined> {
  private off: (() => void) | undefined;

  constructor(private readonly sync: Pick<Sync, 'query' | 'subscribe'>) {
    super(undefined);
  }

  look(): void {
    if (this.off) return;
    this.off = this.sync.subscribe(CONTACTS, () => void this.read());
    void this.read();
  }

  forget(): void {
    this.off?.();
    this.off = undefined;
    this.set(undefined);
  }

  of(number: string): Known | undefined {
    const found = number ? this.value?.of(number) : undefined;
    return found && { name: found.name, photo: found.photo };
  }

  /** One, without looking on. */
  async find(number: string): Promise<Known | undefined> {
    return number ? (await this.book()).of(number) : undefined;
  }

  private readonly read = rereads(async () => {
    const book = await this.book();
    if (this.off) this.set(book);
  });

  private async book(): Promise<AddressBook> {
    const records = await this.sync.query(CONTACTS);
    return new AddressBook(records.map((one) => contactOf(one)).filter((one) => one !== undefined));
  }
}
