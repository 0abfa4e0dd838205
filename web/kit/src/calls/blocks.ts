/** Whom the owner does not want to hear of: records `messages.block`. See docs/design/messages.md. */

import { digitsOf, sameNumber } from '../people/contact.ts';
import { rereads } from '../rereads.ts';
import { isEmergency, plainNumber, shownOf } from './emergency.ts';

export const BLOCKS = 'messages.block';
/** An id has 200 letters at most. */
const LONGEST = 150;
const NUMBER = /^\+?[0-9*#]+$/;
/** Numbers that may be one have these last digits in common. */
const END = 7;

export interface Block {
  id: string;
  address: string;
  since: number;
}

/** A record as it is read. */
interface BlockRecord {
  id: string;
  fields: { [name: string]: unknown };
}

/** What holds the records: the phone's own store, or an app's phone. */
export interface BlockRecords {
  put(collection: string, id: string, fields: { address: string; since_ms: number }): Promise<void>;
  delete(collection: string, id: string): Promise<void>;
}

interface Watched {
  query(collection: string): Promise<BlockRecord[]>;
  subscribe(collection: string, listener: () => void): () => void;
}

/** Whether two addresses are likely one: names by their letters, numbers also where one lacks the country. */
export function sameAddress(one: string, other: string): boolean {
  if (isNumber(one) && isNumber(other)) return sameNumber(plainNumber(one), plainNumber(other));
  return folded(one) !== '' && folded(one) === folded(other);
}

/** Numbers, names of senders, and accounts written `@name`. Looked up by their ends: a long list costs no more. */
export class BlockList {
  private readonly ends = new Map<string, Block[]>();

  constructor(readonly blocks: readonly Block[] = []) {
    for (const block of blocks)
      this.ends.set(endOf(block.address), [...(this.ends.get(endOf(block.address)) ?? []), block]);
  }

  has(address: string): boolean {
    return this.of(address).length > 0;
  }

  /** All that are of this address: it may have been blocked in several spellings. */
  of(address: string): Block[] {
    if (isEmergency(address)) return [];
    return (this.ends.get(endOf(address)) ?? []).filter((block) => sameAddress(block.address, address));
  }
}

/** The newest first; what another version may have written otherwise is left out. */
export function blocksOf(records: readonly BlockRecord[]): BlockList {
  const found = records.flatMap(({ id, fields }) => {
    const { address } = fields;
    return typeof address === 'string' && address.trim()
      ? [{ id, address, since: Number(fields.since_ms) || 0 }]
      : [];
  });
  return new BlockList(found.sort((one, other) => other.since - one.since || (one.id < other.id ? -1 : 1)));
}

/** Nobody blocks who helps in need, or a number that is withheld. */
export function mayBlock(address: string): boolean {
  return shownOf(address).trim() !== '' && !isEmergency(address);
}

/** The same for all spellings that differ in signs alone, so that two devices make one record. */
export function blockId(address: string): string {
  const plain = [...normal(address)].map((one) => (/[a-z0-9+@._-]/.test(one) ? one : `:${hex(one)}`));
  return `block-${plain.join('').slice(0, LONGEST)}`;
}

export async function block(records: BlockRecords, address: string): Promise<void> {
  if (mayBlock(address))
    await records.put(BLOCKS, blockId(address), { address: normal(address), since_ms: Date.now() });
}

export async function unblock(records: BlockRecords, list: BlockList, address: string): Promise<void> {
  for (const { id } of list.of(address)) await records.delete(BLOCKS, id);
}

/** Blocks addresses that are not, or ends the blocks of those that are; what is given puts back just what was. */
export async function setBlocked(
  records: BlockRecords,
  list: BlockList,
  addresses: readonly string[],
  on: boolean,
): Promise<() => Promise<void>> {
  const fresh = new Map(
    addresses.filter((one) => mayBlock(one) && !list.has(one)).map((one) => [blockId(one), one]),
  );
  const gone = new Map(addresses.flatMap((one) => list.of(one)).map((one) => [one.id, one]));
  if (on) for (const one of fresh.values()) await block(records, one);
  else for (const id of gone.keys()) await records.delete(BLOCKS, id);
  return async () => {
    if (on) for (const id of fresh.keys()) await records.delete(BLOCKS, id);
    else
      for (const { id, address, since } of gone.values())
        await records.put(BLOCKS, id, { address, since_ms: since });
  };
}

/** Who is blocked, now and at each change. */
export function watchBlocks(records: Watched, listener: (blocks: BlockList) => void): () => void {
  let off = false;
  const read = rereads(async () => {
    const found = await records.query(BLOCKS);
    if (!off) listener(blocksOf(found)); // what is read may be of an account that is gone meanwhile
  });
  void read();
  const end = records.subscribe(BLOCKS, () => void read());
  return () => {
    off = true;
    end();
  };
}

function isNumber(address: string): boolean {
  return NUMBER.test(plainNumber(address));
}

function normal(address: string): string {
  return isNumber(address) ? plainNumber(address) : folded(address);
}

function folded(name: string): string {
  return shownOf(name).normalize('NFKC').trim().toLowerCase();
}

function endOf(address: string): string {
  return isNumber(address) ? digitsOf(plainNumber(address)).replace(/^0+/, '').slice(-END) : folded(address);
}

function hex(letter: string): string {
  return letter.codePointAt(0)!.toString(16);
}
