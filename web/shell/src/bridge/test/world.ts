/** A shell around the bridge: real ports, real checks; only what lies behind the shell is held in memory. */

import type { Fields, SyncRecord, SyncStatus } from '../../../../kit/src/sync/types.ts';
import { Phone, Port } from '../../../../sdk/src/index.ts';
import type { Env, Hello } from '../../../../sdk/src/protocol.ts';
import type { App, ShellDeps } from '../../deps.ts';
import { Handset } from '../../handset/handset.ts';
import { World as Wires } from '../../handset/test/line.ts';
import { NoticeStore } from '../../notices/notices.ts';
import { Outbox } from '../../outbox/outbox.ts';
import { letterBox, turns } from '../../outbox/test/box.ts';
import { BridgeHost } from '../host.ts';

export const ENV: Env = { theme: 'light', locale: 'en', tag: 'en-GB', accent: '', form: 'phone' };

export function appWith(permissions: unknown, system: unknown = true): App {
  return {
    id: 'notes',
    label: 'Notes',
    kind: 'web',
    icon: '',
    engine: '',
    package: '',
    version: '',
    origin: 'http://notes.apps.pileus.localhost:8080',
    manifest: { pileus: { id: 'notes', system, permissions } as Fields },
    installedAt: 0,
  };
}

export class World {
  records = new Map<string, SyncRecord>();
  private seq = 0;
  /** The app was pressed just now. */
  touched = true;
  /** Of the status. */
  problem = '';
  updates: Uint8Array[] = [];
  state = new Uint8Array([1, 2]);
  opened: string[] = [];
  pressed: [app: string, key: string][] = [];
  sent: [string, string][] = [];
  answer: (path: string, body?: unknown) => unknown = () => ({});
  letters = letterBox();
  /** Accounts that were called. */
  called: string[] = [];
  wires = new Wires();
  handset = new Handset(
    { port: 1, token: 'of-the-test-of-bridges' },
    '',
    this.wires.connect,
    this.wires.timers,
  );
  private outbox: Outbox | undefined;
  private watchers = new Map<string, Set<(ids: string[]) => void>>();
  private textWatchers = new Set<(update: Uint8Array) => void>();
  private front: string | undefined = 'notes';
  private frontWatchers = new Set<(app: string | undefined) => void>();
  private envWatchers = new Set<(env: Env) => void>();
  private hosts: BridgeHost[] = [];
  private ports: Port[] = [];

  get watching(): number {
    return [...this.watchers.values()].reduce((sum, one) => sum + one.size, 0) + this.textWatchers.size;
  }

  open(app: App): { phone: Phone; port: Port; host: BridgeHost; raw: MessagePort } {
    const { port1, port2 } = new MessageChannel();
    const host = new BridgeHost(port1, app, this.deps());
    const port = new Port(port2);
    this.hosts.push(host);
    this.ports.push(port);
    return { phone: new Phone(port, host.hello() as Hello), port, host, raw: port2 };
  }

  close(): void {
    for (const host of this.hosts) host.close();
    for (const port of this.ports) port.close();
  }

  put(collection: string, id: string, fields: Fields): void {
    this.records.set(`${collection}/${id}`, { collection, id, fields, seq: ++this.seq, pending: false });
    for (const watcher of this.watchers.get(collection) ?? []) watcher([id]);
  }

  show(env: Env): void {
    for (const watcher of this.envWatchers) watcher(env);
  }

  turn(front: string | undefined): void {
    this.front = front;
    for (const watcher of this.frontWatchers) watcher(front);
  }

  write(update: Uint8Array): void {
    for (const watcher of this.textWatchers) watcher(update);
  }

  private deps(): ShellDeps {
    const status = (): SyncStatus => {
      const { problem } = this;
      return { unsafe: 2, online: !problem, cursor: 9, ...(problem ? { problem } : {}) };
    };
    const sync = {
      get: async (collection: string, id: string) => this.records.get(`${collection}/${id}`),
      query: async (collection: string, where?: (record: SyncRecord) => boolean) =>
        [...this.records.values()].filter((one) => one.collection === collection && (!where || where(one))),
      put: async (collection: string, id: string, fields: Fields) =>
        this.put(collection, id, { ...this.records.get(`${collection}/${id}`)?.fields, ...fields }),
      delete: async (collection: string, id: string) => void this.records.delete(`${collection}/${id}`),
      change: async (collections: Readonly<Record<string, ReadonlyMap<string, Fields | null>>>) => {
        for (const [collection, records] of Object.entries(collections))
          for (const [id, fields] of records)
            if (fields)
              this.put(collection, id, { ...this.records.get(`${collection}/${id}`)?.fields, ...fields });
            else this.records.delete(`${collection}/${id}`);
      },
      text: () => ({
        state: async () => this.state,
        update: async (update: Uint8Array) => void this.updates.push(update),
        onUpdate: (listener: (update: Uint8Array) => void) => {
          this.textWatchers.add(listener);
          return () => this.textWatchers.delete(listener);
        },
      }),
      subscribe: (collection: string, listener: (ids: string[]) => void) => {
        const all = this.watchers.get(collection) ?? new Set();
        this.watchers.set(collection, all.add(listener));
        return () => all.delete(listener);
      },
      status,
      onStatus: () => () => undefined,
      ring: () => undefined,
    };
    const api = {
      baseUrl: 'http://pileus.localhost/api/v1',
      token: 'secret-token',
      get: async (path: string) => this.answer(path),
      post: async (path: string, body?: unknown) => this.answer(path, body),
      delete: async (path: string) => void this.sent.push(['DELETE', path]),
      send: async (method: string, path: string, body?: unknown, init?: RequestInit) => {
        this.sent.push([method, path]);
        const told = this.answer(path, init?.body ?? body);
        const plain =
          typeof told === 'object' && told !== null && Object.getPrototypeOf(told) === Object.prototype;
        return new Response(plain ? JSON.stringify(told) : (told as BodyInit));
      },
    };
    this.outbox ??= new Outbox(
      api as unknown as ShellDeps['api'],
      sync as unknown as ShellDeps['sync'],
      this.letters,
      new NoticeStore(),
      'mei',
      undefined,
      turns(),
    );
    return {
      sync,
      api,
      outbox: this.outbox,
      accountCalls: {
        dial: async (other: string) => {
          this.called.push(other);
          return { call: 'account:1' };
        },
      },
      handset: this.handset,
      uploads: {
        begin: () => {
          this.sent.push(['POST', '/files/uploads']);
          return { done: Promise.resolve('file'), steer: () => undefined, leave: () => undefined };
        },
      },
      notices: {},
      openApp: (id: string) => void this.opened.push(id),
      openLink: (app: string, url: string) => {
        if (this.touched) this.opened.push(`${app} ${url}`);
        return this.touched;
      },
      press: (app: string, key: string) => void this.pressed.push([app, key]),
      apps: () => [],
      env: () => ENV,
      onEnv: (listener: (env: Env) => void) => {
        this.envWatchers.add(listener);
        return () => this.envWatchers.delete(listener);
      },
      front: () => this.front,
      onFront: (listener: (app: string | undefined) => void) => {
        this.frontWatchers.add(listener);
        return () => this.frontWatchers.delete(listener);
      },
      intent: { view: 'new' },
    } as unknown as ShellDeps;
  }
}
