/** The phone as an app sees it: promises over the bridge. What was not granted rejects with `not-granted`. */

import { phoneKey } from './keys.ts';
import type { Port } from './port.ts';
import type {
  CardReport,
  Deleted,
  DuplicateGroup,
  Env,
  EventReport,
  Fields,
  FileUsage,
  FileVersion,
  Found,
  FoundFile,
  GivenFile,
  Hello,
  ImportReport,
  Install,
  InstalledApp,
  Kept,
  Outgoing,
  PhoneRecord,
  SearchedWithin,
  Share,
  ShareWish,
  Sim,
  Status,
  Telephony,
  Thread,
  TrashItem,
  Upload,
  VaultEntry,
  VaultState,
} from './protocol.ts';

type Sent = (sent: number, size: number) => void;

export interface PhoneText {
  /** The Yjs v1 state when it was opened; the document's root text has the name "text". */
  state: Uint8Array;
  /** Durable on this device once it resolves. */
  update(update: Uint8Array): Promise<void>;
  onUpdate(listener: (update: Uint8Array) => void): () => void;
  close(): void;
}

export interface Transfer<T> {
  done: Promise<T>;
  pause(): void;
  resume(): void;
  cancel(): void;
}

export class Phone {
  env: Env;
  intent: Fields;
  private steps: (() => boolean)[] = [];
  private farewells = new Set<() => unknown>();
  private handles = 0;

  constructor(
    private readonly port: Port,
    hello: Hello,
  ) {
    this.env = hello.env;
    this.intent = hello.intent;
    port.on('env', (env) => {
      this.env = env;
    });
    port.on('back', ({ step }) => {
      const taken = [...this.steps].reverse().some((handler) => handler());
      void port.call('back.done', { step, taken });
    });
    port.on('leave', async () => {
      await Promise.allSettled([...this.farewells].map(async (farewell) => farewell()));
      // The phone may let go before it answers.
      await port.call('leave.done').catch(() => undefined);
    });
  }

  /** Opens an address of the web outside the phone; right after a press in this app, else `not-pressed`. */
  openLink(url: string): Promise<void> {
    return this.port.call<void>('link.open', { url });
  }

  /** Opens Messages at the conversation with a number or `@account`. */
  writeTo(address: string, name = ''): Promise<void> {
    return this.port.call<void>('link.message', { address, name });
  }

  /** Hands the phone its keys, which this page hears while it has the focus. What an app prevents stays with it. */
  lendKeys(page: Pick<Window, 'addEventListener'>): void {
    page.addEventListener('keydown', (event) => {
      const key = phoneKey(event);
      if (!key || event.defaultPrevented) return;
      event.preventDefault();
      void this.port.call('key', { key });
    });
  }

  /** Calls the listener at each change of theme, language or form. */
  onEnv(listener: (env: Env) => void): () => void {
    return this.port.on('env', listener);
  }

  /** The app was opened again with another wish. */
  onIntent(listener: (intent: Fields) => void): () => void {
    return this.port.on('intent', listener);
  }

  /** The handler that was added last is asked first; true: it took the step. */
  onBack(handler: () => boolean): () => void {
    this.steps.push(handler);
    return () => {
      this.steps = this.steps.filter((one) => one !== handler);
    };
  }

  /**
   * The owner closes the app: what it has kept back is to be sent now. The phone waits for the promise, for
   * about a second; after `pagehide` it hears nothing any more.
   */
  onLeave(handler: () => void | Promise<void>): () => void {
    this.farewells.add(handler);
    return () => this.farewells.delete(handler);
  }

  /** What the cloud does not have yet, now and at each change. */
  onStatus(listener: (status: Status) => void): () => void {
    const off = this.port.on('status', listener);
    void this.port.call<Status>('status').then(listener);
    return off;
  }

  /** Whether the app is in front on a phone that is not locked, now and at each change. */
  onFront(listener: (front: boolean) => void): () => void {
    const off = this.port.on('front', ({ front }) => listener(front));
    void this.port.call<boolean>('front').then(listener);
    return off;
  }

  readonly records = {
    get: (collection: string, id: string) =>
      this.port.call<PhoneRecord | undefined>('records.get', { collection, id }),
    query: (collection: string) => this.port.call<PhoneRecord[]>('records.query', { collection }),
    put: (collection: string, id: string, fields: Fields) =>
      this.port.call<void>('records.put', { collection, id, fields }),
    delete: (collection: string, id: string) => this.port.call<void>('records.delete', { collection, id }),
    subscribe: (collection: string, listener: (ids: string[]) => void): (() => void) => {
      const watch = ++this.handles;
      const off = this.port.on('records', (data) => data.watch === watch && listener(data.ids));
      void this.port.call('records.subscribe', { collection, watch });
      return () => {
        off();
        void this.port.call('records.unsubscribe', { watch });
      };
    },
  };

  /** A long text that merges with the edits of other devices. */
  async text(collection: string, id: string, field: string): Promise<PhoneText> {
    const text = ++this.handles;
    const early: Uint8Array[] = [];
    const listeners = new Set<(update: Uint8Array) => void>();
    const off = this.port.on('text', (data) => {
      if (data.text !== text) return;
      if (listeners.size === 0) early.push(data.update);
      for (const listener of listeners) listener(data.update);
    });
    const state = await this.port.call<Uint8Array>('text.open', { collection, id, field, text });
    return {
      state,
      update: (update) => this.port.call<void>('text.update', { text, update }),
      onUpdate: (listener) => {
        listeners.add(listener);
        for (const update of early.splice(0)) listener(update);
        return () => listeners.delete(listener);
      },
      close: () => {
        off();
        void this.port.call('text.close', { text });
      },
    };
  }

  readonly files = {
    list: () => this.port.call<PhoneRecord[]>('files.list'),
    onChange: (listener: () => void) => this.records.subscribe('files.file', listener),
    /** Goes on by itself after a lost connection. Resolves to the file's record id.
     * `replaces`: the file that gets this content; what it has becomes an earlier version. */
    upload: (
      file: Blob,
      name: string,
      parent: string,
      onProgress: (upload: Upload) => void,
      replaces = '',
    ): Transfer<string> => this.send('files.upload', { file, name, parent, replaces }, onProgress),
    download: (id: string) => this.port.call<Blob>('files.download', { id }),
    /** A small WebP of a picture; rejects with `no-thumbnail` for what has none. Needs the cloud. */
    thumbnail: (id: string) => this.port.call<Blob>('files.thumbnail', { id }),
    folder: (name: string, parent: string) => this.port.call<string>('files.folder', { name, parent }),
    /** Rejects with `file-there` where its folder has another one of this name. */
    rename: (id: string, name: string) => this.port.call<void>('files.rename', { id, name }),
    /** Into the folder `parent`, "" is the root. As above, and with `folder-in-itself`. */
    move: (id: string, parent: string) => this.port.call<void>('files.move', { id, parent }),
    /** Puts a file, or a folder with all in it, into the trash. */
    delete: (id: string) => this.port.call<void>('files.delete', { id }),
    usage: () => this.port.call<FileUsage>('files.usage'),
    trash: () => this.port.call<{ items: TrashItem[]; days: number }>('files.trash'),
    restore: (id: string) => this.port.call<{ name: string }>('files.restore', { id }),
    /** Deletes what is in the trash for good. */
    purge: (id: string) => this.port.call<void>('files.purge', { id }),
    emptyTrash: () => this.port.call<void>('files.emptyTrash'),
    /** Earlier contents, the newest first. */
    versions: (id: string) =>
      this.port.call<{ versions: FileVersion[]; days: number }>('files.versions', { id }),
    version: (id: string, version: string) => this.port.call<Blob>('files.version', { id, version }),
    /** Makes an earlier content the file's again. */
    revert: (id: string, version: string) => this.port.call<void>('files.revert', { id, version }),
    /** By names, and texts of text files; needs the cloud. */
    search: (query: string) =>
      this.port.call<{ files: FoundFile[]; more: boolean; waiting: number }>('files.search', { query }),
    /** Resolves to the link ("" for an account), which is told this once. */
    share: (id: string, wish: ShareWish) => this.port.call<{ url: string }>('files.share', { id, ...wish }),
    shares: (id: string) => this.port.call<Share[]>('files.shares', { id }),
    /** Whether the owner has a family to share with. */
    family: () => this.port.call<boolean>('files.family'),
    endShare: (share: string) => this.port.call<void>('files.endShare', { share }),
    /** What others share with the owner, or what is in such a folder. */
    given: (folder?: GivenFile) =>
      this.port.call<GivenFile[]>('files.given', folder ? { share: folder.share, id: folder.file } : {}),
    givenContent: ({ share, file }: GivenFile) =>
      this.port.call<Blob>('files.givenContent', { share, id: file }),
    /** Gives what is shared for writing another content; its owner keeps the old one as a version. */
    writeGiven: ({ share, file: id }: GivenFile, file: Blob) =>
      this.port.call<void>('files.writeGiven', { share, id, file }),
    /** Puts a new file into a folder that is shared for writing; a name that is taken there gets a number. */
    addGiven: ({ share, file: id }: GivenFile, file: File, onProgress: Sent) =>
      this.bring<Kept>('files.addGiven', file, onProgress, { share, id, name: file.name }),
  };

  readonly messages = {
    threads: () => this.port.call<Thread[]>('messages.threads'),
    /** The messages of one thread, oldest first, at most the newest `limit`. */
    thread: (id: string, limit: number) => this.port.call<PhoneRecord[]>('messages.thread', { id, limit }),
    onChange: (listener: () => void) => {
      const offs = [
        this.records.subscribe('messages.message', listener),
        this.port.on('outbox', () => listener()),
      ];
      return () => {
        for (const off of offs) off();
      };
    },
    /**
     * By words, `within` a conversation or a span of time; without words all of that. `local`: the cloud could not
     * be asked, what this device holds was searched.
     */
    search: (query: string, within: SearchedWithin = {}) =>
      this.port.call<{ messages: Found[]; more: boolean; local: boolean }>('messages.search', {
        query,
        ...within,
      }),
    import: (file: Blob, onProgress: Sent, restoreDeleted = false) =>
      this.bring<ImportReport>('messages.import', file, onProgress, { restoreDeleted }),
    /** All messages and drafts, or calls, as a file of SMS Backup & Restore. Needs the cloud. */
    export: (kind: 'messages' | 'calls') => this.port.call<Blob>('messages.export', { kind }),
    /** On all devices of this account; others keep their copies. Resolves to what `restore` takes. */
    delete: (chosen: { messages?: string[]; threads?: string[]; calls?: string[] }) =>
      this.port.call<Deleted>('messages.delete', { messages: [], threads: [], calls: [], ...chosen }),
    /** Brings back what was deleted; what waited to be sent then is not sent by it. */
    restore: (deleted: Deleted) => this.port.call<void>('messages.restore', { ...deleted }),
    /** Puts conversations aside, on all devices, until something newer comes; or takes them back. */
    archive: (threads: string[], on: boolean) =>
      this.port.call<void>('messages.archive', { messages: [], threads, on }),
    /** Whole conversations; as unread, their last message that came. */
    mark: (threads: string[], read: boolean) =>
      this.port.call<void>('messages.mark', { messages: [], threads, read }),
    /**
     * Asked again with the same id it is the same message. Without the cloud it waits on this phone (`state`
     * "waiting") and goes out by itself. `parts`: pictures that go along, at most ten, 16 MiB together;
     * `onBrought` hears how many of them it has.
     */
    send: (
      wish: Outgoing,
      parts: readonly Blob[] = [],
      onBrought: (count: number) => void = () => undefined,
    ) => {
      const send = ++this.handles;
      const off = this.port.on('send', (data) => data.send === send && onBrought(Number(data.brought)));
      const names = parts.map((one) => (one instanceof File ? one.name : ''));
      return this.port
        .call<{ message: string; state: string }>('messages.send', {
          ...wish,
          send,
          parts: [...parts],
          names,
        })
        .finally(off);
    },
    /**
     * What it was, of one that waits or was refused, and is not sent then; undefined where it may have left already.
     * The phone keeps it as not sent until `tookBack` says that its text is kept elsewhere.
     */
    takeBack: (id: string) =>
      this.port.call<{ body: string; files: File[] } | undefined>('messages.takeBack', { id }),
    tookBack: (id: string) => this.port.call<void>('messages.tookBack', { id }),
    /** One that the cloud refused, or that was deleted and brought back. */
    tryAgain: (id: string) => this.port.call<void>('messages.tryAgain', { id }),
    /** As the account is written; rejects with `no-account`. Needs the cloud, and can be asked only so often. */
    account: (name: string) => this.port.call<{ name: string }>('messages.account', { name }),
    sims: () => this.port.call<Sim[]>('messages.sims'),
    /** The owner's word about a message that may have gone, or did not. */
    decide: (id: string, decision: 'again' | 'sent' | 'cancel') =>
      this.port.call<void>('messages.decide', { id, decision }),
    part: (id: string, number: number) => this.port.call<Blob>('messages.part', { id, number }),
    draft: (thread: string) => this.port.call<string>('messages.draft', { thread }),
    /** Keeps a draft on this device and in the cloud; an empty one goes. */
    keepDraft: (thread: string, people: string[], body: string) =>
      this.port.call<void>('messages.keepDraft', { thread, people, body }),
  };

  /** Of the list of calls; for the calls that go on see `telephony`. */
  readonly calls = {
    /** On all devices. Resolves to what `restore` takes. */
    delete: (calls: string[]) => this.port.call<{ [id: string]: Fields }>('calls.delete', { calls }),
    restore: (calls: { [id: string]: Fields }) => this.port.call<void>('calls.restore', { calls }),
  };

  readonly contacts = {
    import: (file: Blob, onProgress: Sent) => this.bring<CardReport>('contacts.import', file, onProgress),
    /** vCards of all contacts, or of one. */
    export: (version: '3.0' | '4.0', contact?: string) =>
      this.port.call<Blob>('contacts.export', { version, contact }),
    /** `region` (as CN): that of numbers without a country. */
    duplicates: (region?: string) => this.port.call<DuplicateGroup[]>('contacts.duplicates', { region }),
    /** `merge` takes it back; `contact` is the one that stays. */
    merge: (contacts: string[]) =>
      this.port.call<{ merge: string; contact: string }>('contacts.merge', { contacts }),
    unmerge: (merge: string) => this.port.call<void>('contacts.unmerge', { merge }),
  };

  readonly apps = {
    list: () => this.port.call<InstalledApp[]>('apps.list'),
    onChange: (listener: () => void) => this.records.subscribe('apps.app', listener),
    /** Installs an APK. Resolves to the app's id once it is on the phone. */
    install: (file: Blob, onProgress: (install: Install) => void): Promise<string> => {
      const install = ++this.handles;
      const off = this.port.on('install', (data) => data.install === install && onProgress(data));
      return this.port.call<string>('apps.install', { file, install }).finally(off);
    },
    uninstall: (id: string) => this.port.call<void>('apps.uninstall', { id }),
    open: (id: string) => this.port.call<void>('apps.open', { id }),
  };

  /** Calls of the handset that this is, and with accounts; the phone itself shows them and what can be done in them. */
  readonly telephony = {
    /** Now and at each change. */
    onState: (listener: (state: Telephony) => void): (() => void) => {
      const off = this.port.on('telephony', listener);
      void this.port.call<Telephony>('telephony.state').then(listener);
      return off;
    },
    /** Rejects with `no-handset`, `not-in-front`, and as the network refuses. `card` "": any. `@name` is an account
     * of this cloud, which needs neither. */
    dial: (number: string, card = '') => this.port.call<{ call: string }>('telephony.dial', { number, card }),
    /** Sends a code such as *100#, or an answer where the last one `asks`. */
    ussd: (code: string, card = '') =>
      this.port.call<{ text: string; asks: boolean }>('telephony.ussd', { code, card }),
    cancelUssd: () => this.port.call<void>('telephony.ussdCancel'),
  };

  readonly calendar = {
    import: (file: Blob, onProgress: Sent) => this.bring<EventReport>('calendar.import', file, onProgress),
    /** All events as iCalendar. */
    export: () => this.port.call<Blob>('calendar.export'),
    /** An account of this cloud as it is written. Rejects with "no-account". */
    guest: (name: string) => this.port.call<{ name: string }>('calendar.guest', { name }),
  };

  /** What only the account's own devices read; the key stays with the phone. */
  readonly vault = {
    state: () => this.port.call<VaultState>('vault.state'),
    /** A recovery code to show, which holds once its end was typed. */
    begin: () => this.port.call<string>('vault.begin'),
    confirm: (end: string) => this.port.call<void>('vault.confirm', { end }),
    recover: (code: string) => this.port.call<void>('vault.recover', { code }),
    /** Asks other devices to let this one in; the code that it is to show. */
    ask: () => this.port.call<string>('vault.ask'),
    askNoMore: () => this.port.call<void>('vault.askNoMore'),
    admit: (device: string, code: string) => this.port.call<void>('vault.admit', { device, code }),
    deny: (device: string) => this.port.call<void>('vault.deny', { device }),
    close: () => this.port.call<void>('vault.close'),
    list: () => this.port.call<VaultEntry[]>('vault.list'),
    /** What in the trash was in the vault, by id. */
    trash: () => this.port.call<Record<string, { name: string; type: string; size: number }>>('vault.trash'),
    /** As `files.upload`; sealed before it leaves the device. */
    upload: (
      file: Blob,
      name: string,
      parent: string,
      onProgress: (upload: Upload) => void,
      replaces = '',
    ): Transfer<string> => this.send('vault.upload', { file, name, parent, replaces }, onProgress),
    /** What another account has to type to share with this one. */
    number: () => this.port.call<string>('vault.number'),
    /** Shares one file with an account, for reading; `days` 0: without an end. */
    share: (id: string, account: string, number: string, days: number) =>
      this.port.call<void>('vault.share', { id, account, number, days }),
    /** What others share of their vaults, by share. */
    given: () => this.port.call<Record<string, { name: string; type: string; size: number }>>('vault.given'),
    givenContent: ({ share }: GivenFile) => this.port.call<Blob>('vault.givenContent', { share }),
    download: (id: string) => this.port.call<Blob>('vault.download', { id }),
    versions: (id: string) =>
      this.port.call<{ versions: FileVersion[]; days: number }>('vault.versions', { id }),
    version: (id: string, version: string) => this.port.call<Blob>('vault.version', { id, version }),
    folder: (name: string, parent: string) => this.port.call<string>('vault.folder', { name, parent }),
    rename: (id: string, name: string) => this.port.call<void>('vault.rename', { id, name }),
  };

  private send(method: string, wish: object, onProgress: (upload: Upload) => void): Transfer<string> {
    const upload = ++this.handles;
    const off = this.port.on('upload', (data) => data.upload === upload && onProgress(data));
    const done = this.port.call<string>(method, { ...wish, upload }).finally(off);
    const steer = (act: string) => void this.port.call('files.steer', { upload, act });
    return {
      done,
      pause: () => steer('pause'),
      resume: () => steer('resume'),
      cancel: () => steer('cancel'),
    };
  }

  private bring<Report>(
    method: string,
    file: Blob,
    onProgress: Sent,
    wish: { [name: string]: boolean | string } = {},
  ): Promise<Report> {
    const handle = ++this.handles;
    const off = this.port.on('import', (data) => data.import === handle && onProgress(data.sent, data.size));
    return this.port.call<Report>(method, { ...wish, file, import: handle }).finally(off);
  }
}
