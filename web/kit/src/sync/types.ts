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
  /** Set while the last exchange failed: a problem `type`/code, or "offline". */
  problem?: string;
}

/** A long text merged by Yjs. Updates are Yjs v1 updates. */
export interface SyncText {
  state(): Promise<Uint8Array>;
  /** Durable in the ledger once it resolves. */
  update(update: Uint8Array): Promise<void>;
  onUpdate(listener: (update: Uint8Array) => void): () => void;
}

export interface Sync {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Wakes the loop (the doorbell rang, the network is back). Never blocks. */
  ring(): void;
  get(collection: string, id: string): Promise<SyncRecord | undefined>;
  query(collection: string, where?: (record: SyncRecord) => boolean): Promise<SyncRecord[]>;
  /** Sets the named fields. Resolves when the mutation is durable in the ledger. */
  put(collection: string, id: string, fields: Fields): Promise<void>;
  delete(collection: string, id: string): Promise<void>;
  text(collection: string, id: string, field: string): SyncText;
  subscribe(collection: string, listener: (changed: string[]) => void): () => void;
  status(): SyncStatus;
  onStatus(listener: (status: SyncStatus) => void): () => void;
}
