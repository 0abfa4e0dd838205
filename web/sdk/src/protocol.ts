/** The bridge between an app and the phone, version 1. See docs/design/apps.md. */

export const VERSION = 1;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Fields = { [key: string]: Json };

/** App's window → shell: the app listens now (asks for `Hello`), or its files are kept on this device. */
export interface Note {
  pileus: 'ready' | 'kept';
  version: number;
}

/** Shell → app's window, with one MessagePort. */
export interface Hello {
  pileus: 'hello';
  version: number;
  env: Env;
  intent: Fields;
}

export interface Env {
  theme: 'light' | 'dark';
  locale: 'en' | 'zh';
  /** BCP 47 tag for dates and numbers. */
  tag: string;
  accent: string;
  form: 'phone' | 'tablet';
}

export interface Request {
  id: number;
  method: string;
  params: { [name: string]: unknown };
}
export type Answer =
  | { id: number; result: unknown }
  | { id: number; error: { code: string; message: string; data?: Json } };

export interface PhoneRecord {
  collection: string;
  id: string;
  fields: Fields;
  seq: number;
  /** True while the cloud does not have the last change yet. */
  pending: boolean;
}

export interface Status {
  /** Changed items of the phone that the cloud does not have yet. */
  unsafe: number;
  online: boolean;
}

export interface Upload {
  sent: number;
  size: number;
  /** `waiting`: the connection is lost, it goes on by itself. */
  state: 'sending' | 'waiting' | 'paused';
}

/** Bytes. `trash` and `versions` are parts of `used`. */
export interface FileUsage {
  used: number;
  limit: number;
  trash: number;
  versions: number;
}

/** `items`: how many are in a folder. Deleted for good after `until_ms`. */
export interface TrashItem {
  id: string;
  name: string;
  type: string;
  size: number;
  items: number;
  deleted_ms: number;
  until_ms: number;
  /** Not "": it was in the vault, and its name in the clear is none. */
  sealed: string;
}

/** `none`: not made yet; `closed`: this device does not hold its key. */
export interface VaultState {
  state: 'none' | 'closed' | 'open';
  /** Devices that ask to be let in. */
  asks: { device: string; name: string }[];
  /** The code that this device is to show while it asks itself, else "". */
  asking: string;
  /** How many devices hold the key. */
  devices: number;
}

/** What is in the vault, opened. `name` "": it does not open. Bytes are plain ones. */
export interface VaultEntry {
  id: string;
  name: string;
  type: string;
  parent: string;
  size: number;
  modified_ms: number;
  /** Of its content: another one is another version. */
  version: string;
}

/** A content that a file had until `replaced_ms`. */
export interface FileVersion {
  id: string;
  size: number;
  modified_ms: number;
  replaced_ms: number;
  until_ms: number;
}

/** Milliseconds since 1970: from `since` on, and earlier than `before`. */
export interface SearchedWithin {
  thread?: string;
  since?: number;
  before?: number;
}

/** A file that a search found, by its name or its text. */
export interface FoundFile {
  file: string;
  by: 'name' | 'text';
}

/** `account` "": a link, or where `family` is set a share for the whole family. */
export interface Share {
  id: string;
  account: string;
  family: boolean;
  write: boolean;
  password: boolean;
  expires_ms: number | null;
}

/** A link, or with `account` a share for that account, with `family` for the owner's; `days` 0: without an end. */
export interface ShareWish {
  account?: string;
  family?: boolean;
  write?: boolean;
  password?: string;
  days: number;
}

/** A file that came, under the name that it has there. */
export interface Kept {
  file: string;
  name: string;
}

/** A file or folder of another account. */
export interface GivenFile {
  share: string;
  owner: string;
  file: string;
  name: string;
  type: string;
  size: number;
  write: boolean;
  /** Shared with the whole family: not for one of it to leave. */
  family: boolean;
  /** Not "": it is in its owner's vault, and this phone's opens it. */
  sealed: string;
}

export interface Thread {
  /** The normalised address. */
  id: string;
  address: string;
  contact: string;
  lastMs: number;
  lastBody: string;
  lastOut: boolean;
  /** Of one's own last message, else "". */
  lastState: string;
  /** The last message has a picture along. */
  lastPicture: boolean;
  count: number;
  unread: number;
  /** All others of a group; one where it is none. */
  people: string[];
  /** A text that was begun here. */
  draft: string;
  /** An outgoing message of which only its owner can tell whether it went. */
  unsure: boolean;
  /** Put aside, until something newer comes. */
  archived: boolean;
}

/** What was deleted, by id, so that it can be brought back. */
export interface Deleted {
  messages: { [id: string]: Fields };
  drafts: { [id: string]: Fields };
  calls: { [id: string]: Fields };
  /** That its conversations were put aside. */
  archives: { [id: string]: Fields };
  /** Ids of what waited on this phone. */
  letters: string[];
}

export interface Found {
  id: string;
  thread: string;
  address: string;
  contact: string;
  date_ms: number;
  direction: string;
  body: string;
}

/** A card of one of the account's handsets. */
export interface Sim {
  id: string;
  label: string;
  number: string;
  device: string;
  online: boolean;
}

/** People are numbers, or accounts of this cloud written `@name`. */
export interface Outgoing {
  id: string;
  /** The conversation that it is shown in while it waits on this phone. */
  thread?: string;
  people: string[];
  body: string;
  sim: string;
  contact: string;
}

/** What became of a file of vCards; `skipped` names the first hundred. */
export interface CardReport {
  imported: number;
  /** Were there already and gained something. */
  merged: number;
  same: number;
  skipped: { line: number; name: string; code: string; why: string }[];
  skipped_count: number;
}

/** What became of an iCalendar file; `skipped` names the first hundred. */
export interface EventReport {
  imported: number;
  /** Were there in an older version. */
  updated: number;
  same: number;
  skipped: { line: number; name: string; code: string; why: string }[];
  skipped_count: number;
}

/** Contacts that may be one, by id. */
export interface DuplicateGroup {
  contacts: string[];
  reasons: ('number' | 'mail' | 'name')[];
}

export interface ImportReport {
  imported: number;
  repeated: number;
  skipped: { line: number; code: string; why: string }[];
  skipped_count: number;
  calls: number;
  drafts: number;
  attachments: number;
  /** Were deleted here and stay so, unless the import is asked to bring them back. */
  deleted: number;
}

export interface InstalledApp {
  id: string;
  label: string;
  kind: string;
  icon: string;
  version: string;
  package: string;
  permissions: string[];
  size: number;
  installedAt: number;
}

export interface Install {
  phase: string;
  /** 0..1 within the phase. */
  progress: number;
  app?: string;
  code?: string;
  message?: string;
}

/** The device's telephony, as an app that calls sees it. */
export interface Telephony {
  /** False where this device cannot call: no handset, or none with a modem that calls. */
  present: boolean;
  airplane: boolean;
  /** SIM cards that calls can be made with. */
  cards: { card: string; label: string; number: string }[];
}

/** What the shell sends by itself over the port. */
export interface Events {
  env: Env;
  intent: Fields;
  back: { step: number };
  leave: Record<string, never>;
  status: Status;
  front: { front: boolean };
  records: { watch: number; ids: string[] };
  text: { text: number; update: Uint8Array };
  upload: { upload: number } & Upload;
  import: { import: number; sent: number; size: number };
  send: { send: number; brought: number };
  /** Messages that wait on this phone changed. */
  outbox: Record<string, never>;
  telephony: Telephony;
  install: { install: number } & Install;
}

export type Event = { [Name in keyof Events]: { event: Name; data: Events[Name] } }[keyof Events];

/** Why a call was refused. Codes are stable: `not-granted`, `unknown-method`, `bad-params`, or a problem's. */
export class BridgeError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly data?: Json,
  ) {
    super(message || code);
    this.name = 'BridgeError';
  }
}
