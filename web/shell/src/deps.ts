/** What the shell hands to its parts: the account's records, the API, notices, other apps. */

import type { Fields, Sync } from '../../kit/src/sync/types.ts';
import type { PhoneKey } from '../../sdk/src/keys.ts';
import type { AccountCalls } from './calls/accounts/calls.ts';
import type { Handset } from './handset/handset.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Uploads } from './uploads/uploads.ts';
import type { Vault } from './vault/vault.ts';

/** The API of the cloud with this device's token. Paths are below `/api/v1` and start with a slash. */
export interface Api {
  /** Absolute address of the API, without a slash at the end. */
  readonly baseUrl: string;
  readonly token: string;
  /** Rejects with a `Problem`: of the server, or with code `offline` when nothing answered. */
  send(method: string, path: string, body?: unknown, init?: RequestInit): Promise<Response>;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  delete(path: string): Promise<void>;
}

export interface Notice {
  /** A later notice with the same app and key takes the place of this one. */
  key: string;
  app: string;
  title: string;
  text: string;
  when: number;
  /** 0..1 while work goes on. */
  progress?: number;
  /** Stays in the shade when everything is cleared. */
  ongoing?: boolean;
  /** The cloud does what a press means; these are its further actions. */
  cloud?: boolean;
  actions?: readonly string[];
  /** A press leaves it in the shade. */
  stays?: boolean;
  /** What a press opens in its app. */
  intent?: Intent;
}

export interface Notices {
  post(notice: Notice): void;
  clear(app: string, key: string): void;
  all(): readonly Notice[];
}

/** A record of the collection `apps.app`, parsed. */
export interface App {
  id: string;
  label: string;
  /** `cloud` runs there, by an engine, and is streamed. */
  kind: 'web' | 'cloud' | 'shell';
  icon: string;
  engine: string;
  package: string;
  version: string;
  /** Origin of a packaged web app, without a slash at the end. */
  origin: string;
  /** It came with Pileus, and a handset has it on its own disk. */
  system?: boolean;
  manifest: Fields;
  installedAt: number;
}

/** What an app is told about the phone; sent with `hello` and again when it changes. */
export interface BridgeEnv {
  theme: 'light' | 'dark';
  locale: 'en' | 'zh';
  /** The BCP 47 tag for dates and numbers. */
  tag: string;
  accent: string;
  form: 'phone' | 'tablet';
}

/** A wish that comes with an opening, for example `{view: 'thread', id: '…'}`. */
export type Intent = Fields;

export interface ShellDeps {
  sync: Sync;
  api: Api;
  notices: Notices;
  uploads: Uploads;
  vault: Vault;
  outbox: Outbox;
  handset: Handset;
  accountCalls: Pick<AccountCalls, 'dial'>;
  openApp(id: string, intent?: Intent): void;
  /** An address of the web, outside the phone; false where the app is not in front, or nobody has pressed anything. */
  openLink(app: string, url: string): boolean;
  /** A key of the phone that was pressed within an app's frame. */
  press(app: string, key: PhoneKey): void;
  /** What is installed now. */
  apps(): readonly App[];
  env(): BridgeEnv;
  /** Called at once when theme, language or form change; gives back how to stop. */
  onEnv(listener: (env: BridgeEnv) => void): () => void;
  /** The app that is in front; undefined where none is, or the phone is locked. */
  front(): string | undefined;
  onFront(listener: (app: string | undefined) => void): () => void;
  /** The wish that the app being mounted was opened with. */
  intent?: Intent;
}

/** What `mountAppFrame` of the bridge gives. */
export interface AppFrame {
  /** Lets the app say what it has kept back; bounded in time. To be asked before `close`. */
  leave(): Promise<void>;
  close(): void;
  focus(): void;
  /** The app was opened again, with a wish. */
  wish(intent: Intent): void;
  /** True when the app has taken the back step for itself. */
  onBack(): Promise<boolean>;
}

export type MountAppFrame = (container: HTMLElement, app: App, deps: ShellDeps) => AppFrame;
