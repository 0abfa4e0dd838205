/** The border of the device's sync: what the shell (and, through the bridge, apps) may ask of it. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Fields = { [key: string]: Json };

/** A record as this device sees it now: the cloud's state with the pending mutations on top. */
export interface SyncRecord {
  collection: string;
  id: string;
  fields: Fields;
  /** Journal number of its last change in the cloud; 0 while the cloud has not seen it. */
  seq: number;
  /** True while a mutation of this record waits in the ledger. */
  pending: boolean;
}

export interface SyncStatus {
  /** Mutations that the cloud has not acknowledged: "N items not yet safe" counts distinct records. */
  unsafe: number;
  online: boolean;
  cursor: number;
  /**
   * Set while something is wrong: "offline", "signed-out", the problem code of the last failed
   * exchange, or "refused" while the cloud's refusals wait in `refused()`.
   */
  problem?: string;
}

/** A mutation that the cloud refused for good. It stays here, and is counted as unsafe, until it is dismissed. */
export interface Refusal {
  /** The mutation's id. */
  id: string;
  collection: string;
  record: string;
  op: 'put' | 'delete';
  fields: Fields;
  /** The Yjs updates by field name. */
  texts: { [field: string]: Uint8Array };
  code: string;
  detail: string;
}

/** A long text merged by Yjs. Updates are Yjs v1 updates; the document's root text is `TEXT_ROOT`. */
export interface SyncText {
  state(): Promise<Uint8Array>;
  /** Durable in the ledger once it resolves. */
  update(update: Uint8Array): Promise<void>;
  /** Hears what came from the cloud or another tab; an update may be heard more than once. */
  onUpdate(listener: (update: Uint8Array) => void): () => void;
}

export interface Sync {
  start(): Promise<void>;
  /** Ends the loop; an exchange under way is abandoned (and repeated with the same ids by the next start). */
  stop(): Promise<void>;
  /** Wakes the loop (the doorbell rang, the network is back). Never blocks. */
  ring(): void;
  get(collection: string, id: string): Promise<SyncRecord | undefined>;
  query(collection: string, where?: (record: SyncRecord) => boolean): Promise<SyncRecord[]>;
  /** Sets the named fields. Resolves when the mutation is durable in the ledger. */
  put(collection: string, id: string, fields: Fields): Promise<void>;
  delete(collection: string, id: string): Promise<void>;
  /** Sets the fields of many records, by id, or deletes them (null): all of them are durable, or none. */
  change(collections: Readonly<Record<string, ReadonlyMap<string, Fields | null>>>): Promise<void>;
  text(collection: string, id: string, field: string): SyncText;
  subscribe(collection: string, listener: (changed: string[]) => void): () => void;
  status(): SyncStatus;
  onStatus(listener: (status: SyncStatus) => void): () => void;
  /** What the cloud refused, oldest first. */
  refused(): Promise<Refusal[]>;
  /** The owner has seen a refusal and lets it go. */
  dismiss(id: string): Promise<void>;
}
