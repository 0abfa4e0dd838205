/** The signed-in phone: its account's records and this device's state, as stores that the screens watch. */

import { watchBlocks } from '../../../kit/src/calls/blocks.ts';
import { locale, localeTag, onLocale, t } from '../../../kit/src/i18n/index.ts';
import { rereads } from '../../../kit/src/rereads.ts';
import type { Sync, SyncRecord, SyncStatus } from '../../../kit/src/sync/types.ts';
import type { PhoneKey } from '../../../sdk/src/keys.ts';
import { parseApp, SETTINGS, settingsApp } from '../apps/apps.ts';
import { Keeping } from '../apps/kept.ts';
import { AccountCalls } from '../calls/accounts/calls.ts';
import { People } from '../calls/people.ts';
import { Turns } from '../calls/turns.ts';
import type { Api, App, BridgeEnv, Intent, Notice, ShellDeps } from '../deps.ts';
import { Lost } from '../finding/lost.ts';
import type { Handset } from '../handset/handset.ts';
import {
  type Grid,
  type Layout,
  PHONE,
  type Place,
  parsePlace,
  arrange as place,
  TABLET,
} from '../home/layout.ts';
import { watchIdle } from '../lock/idle.ts';
import { PinLock } from '../lock/pin.ts';
import { Arrivals, missedNotice } from '../notices/arrivals.ts';
import { dismiss, press } from '../notices/cloud.ts';
import { hasEnded, installNotice, installOf } from '../notices/installs.ts';
import { NoticeStore } from '../notices/notices.ts';
import { Reminders } from '../notices/reminders.ts';
import { isTold, Told } from '../notices/told.ts';
import { isAsk, VaultAsks } from '../notices/vault-asks.ts';
import { ownCard } from '../outbox/card.ts';
import { keptLetters } from '../outbox/kept.ts';
import { Outbox } from '../outbox/outbox.ts';
import { refresh, unshow } from '../push/subscription.ts';
import type { Session } from '../session/session.ts';
import {
  BACKUP,
  backupNotice,
  foldersNotice,
  foldersOf,
  SNAPSHOTS,
  STATE,
} from '../settings/backup-rules.ts';
import type { PreferenceStore } from '../settings/preferences.ts';
import { CARE, DAMAGE, NOTICES, STORAGE, storageNotices } from '../settings/storage-rules.ts';
import { isSky, type SkyName } from '../sky/sky.ts';
import { Store } from '../store.ts';
import { keptUploads } from '../uploads/kept.ts';
import { Uploads } from '../uploads/uploads.ts';
import { deviceKeys } from '../vault/device.ts';
import { Vault } from '../vault/vault.ts';
import type { Bars } from '../windows/edges.ts';
import { type Choice, Following } from '../windows/follow.ts';
import { left, restored } from '../windows/left.ts';
import { Pictures } from '../windows/pictures.ts';
import { awake, CLOSED, front, type Step, step, type Windows } from '../windows/windows.ts';
import { Roaming } from './roaming.ts';

export interface Usage {
  used: number;
  limit: number;
  /** When the account was made, in milliseconds since 1970. */
  since?: number;
}

export interface RunningSession {
  session: string;
  app: string;
  state: string;
}

/** From the service worker, which nobody else can speak for. */
interface Heard {
  pileus?: unknown;
  app?: unknown;
  intent?: Intent;
  notice?: Notice;
}

const HOME = 'shell.home';
const LOOK = 'look';
const USAGE = 'pileus.usage';
const ORIGINS = 'pileus.origins';
const WINDOWS = 'pileus.windows';
const REMINDED = 'pileus.reminded';

export class Phone {
  readonly notices = new NoticeStore();
  readonly windows = new Store<Windows>(CLOSED);
  readonly apps = new Store<readonly App[]>([settingsApp(t('settings.title'))]);
  readonly places = new Store<ReadonlyMap<string, Place>>(new Map());
  readonly sky = new Store<SkyName>('noon');
  readonly status: Store<SyncStatus>;
  readonly usage: Store<Usage | undefined>;
  readonly running = new Store<readonly RunningSession[]>([]);
  readonly pictures: Pictures;
  readonly uploads: Uploads;
  readonly vault: Vault;
  readonly outbox: Outbox;
  readonly pin: PinLock;
  readonly lost: Lost;
  readonly people: People;
  /** Calls that need no card: with other accounts of the cloud. */
  readonly accountCalls: AccountCalls;
  private readonly reminders: Reminders;
  private readonly roaming: Roaming;
  /** Messages that wait on this device. */
  private letters = 0;
  readonly form = new Store<'phone' | 'tablet'>('phone');
  readonly theme = new Store<'light' | 'dark'>('light');
  /** What lies under the bars in the windows where that is not the phone's own surface. */
  readonly bars = new Store<ReadonlyMap<string, Bars>>(new Map());
  /** What the glass does at one of the phone's keys. */
  pressed: (key: PhoneKey) => void = () => undefined;
  /** Which app is to do what another asked for. */
  readonly choice = new Store<Choice | undefined>(undefined);
  private readonly following = new Following();
  private offs: (() => void)[] = [];
  private readonly keeping = new Keeping(localStorage);
  /** Where apps are served when their records can't say it: each at a port of the host in use. */
  private origins = readKept<Record<string, string>>(ORIGINS) ?? {};

  constructor(
    readonly session: Session,
    readonly api: Api,
    readonly sync: Sync,
    readonly preferences: PreferenceStore,
    /** Ends the session on this device; what is said to whoever sees the sign-in page then. */
    readonly signOut: (said?: string) => void,
    readonly handset: Handset,
  ) {
    this.status = new Store(sync.status());
    this.pictures = new Pictures(api);
    this.uploads = new Uploads(api, keptUploads(session.account), this.notices, () => sync.ring());
    this.vault = new Vault(api, sync, this.uploads, session.device, deviceKeys(session.account));
    const looked = () => awake(this.windows.value);
    const { account } = session;
    this.outbox = new Outbox(
      api,
      sync,
      keptLetters(account),
      this.notices,
      account,
      looked,
      undefined,
      undefined,
      ownCard(handset, account),
    );
    this.usage = new Store(readKept<Usage>(USAGE));
    this.pin = new PinLock(localStorage, session.account);
    this.people = new People(sync);
    this.accountCalls = new AccountCalls(api, sync);
    this.lost = new Lost(api, sync, session, localStorage);
    this.roaming = new Roaming(sync, preferences, this.windows, this.apps);
    const reminded = `${REMINDED}.${session.account}`;
    this.reminders = new Reminders(api, this.notices, {
      get: () => readKept<number>(reminded),
      set: (ms) => localStorage.setItem(reminded, String(ms)),
    });
  }

  /** `fresh`: just signed in, so that the cloud is there and the first snapshot is worth waiting for. */
  async start(fresh = false): Promise<void> {
    const prepared = this.prepare();
    if (fresh) await prepared;
    const named = async (address: string) => (await this.people.find(address))?.name ?? '';
    this.offs = [
      this.sync.subscribe('apps.app', () => void this.readApps()),
      this.sync.subscribe(HOME, () => void this.readHome()),
      this.sync.subscribe('apps.install', (ids) => void this.readInstalls(ids)),
      this.sync.subscribe('calendar.event', () => this.reminders.soon()),
      this.sync.subscribe(BACKUP, () => void this.tellBackup()),
      this.sync.subscribe(STORAGE, () => void this.tellStorage()),
      this.sync.subscribe(SNAPSHOTS, () => void this.tellBackup()),
      this.sync.onStatus(() => this.look()),
      this.outbox.onChange(() => void this.countLetters()),
      this.hearWorker(),
      new Arrivals(this.sync, this.notices, () => awake(this.windows.value), Date.now, named).start(),
      new VaultAsks(this.sync, this.notices, this.session.device, () => this.vault.waiting(), unshow).start(),
      new Told(this.sync, this.notices, this.session.device, unshow).start(fresh),
      this.lost.start(),
      this.accountCalls.start(),
      new Turns(this.handset, this.accountCalls).start(),
      this.hearMissed(),
      onLocale(() => {
        void this.readApps();
        void this.retell();
        this.reminders.retell();
        void this.tellBackup();
        void this.tellStorage();
      }),
    ];
    this.roaming.start(fresh);
    this.outbox.start();
    void this.countLetters();
    await this.sync.start();
    await Promise.all([this.readApps(), this.readHome(), this.tellBackup(), this.tellStorage()]);
    if (!fresh) {
      this.windows.set(restored(readKept(WINDOWS), this.apps.value));
      this.roaming.settle();
    }
    this.tellHandset();
    this.offs.push(
      watchBlocks(this.sync, ({ blocks }) => this.handset.block(blocks.map(({ address }) => address))),
      this.windows.watch(() => this.tellHandset()),
      this.preferences.watch(() => this.tellHandset()),
      () => this.handset.show('nothing'),
      this.windows.watch(() => this.keepWindows()),
      watchIdle({ after: () => this.lockAfter(), lock: () => this.act({ type: 'lock' }) }),
    );
    this.keepWindows();
    // A pressed notification may have opened this page; its worker keeps what is to be shown until now.
    (navigator.serviceWorker as ServiceWorkerContainer | undefined)?.controller?.postMessage({
      pileus: 'ready',
    });
    void this.readUsage();
    void this.uploads.resume();
    this.reminders.soon();
    void refresh(this.api, this.preferences.value.language).catch(() => undefined); // at the next start, then
  }

  /** A notification that was pressed leads to its app; what came while the phone is looked at is in the shade. */
  private hearWorker(): () => void {
    const worker = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    const hear = ({ data }: MessageEvent<Heard | null>) => {
      if (data?.pileus === 'notice' && data.notice) {
        if (isAsk(data.notice) || isTold(data.notice)) this.sync.ring();
        else this.notices.post(data.notice);
      }
      if (data?.pileus !== 'open' || typeof data.app !== 'string') return;
      this.open(data.app, data.intent);
      worker?.controller?.postMessage({ pileus: 'shown' });
    };
    worker?.addEventListener('message', hear);
    return () => worker?.removeEventListener('message', hear);
  }

  private tellHandset(): void {
    this.handset.show(this.windows.value.locked ? this.preferences.value.lockShows : 'all');
  }

  /** A missed call is told by its record, which comes by the cloud; without one the handset's own word has to do. */
  private hearMissed(): () => void {
    this.handset.onMissed = async (from, when) => {
      if (this.status.value.online) return;
      const known = await this.people.find(from);
      this.notices.post(missedNotice(`missed-${from}`, known?.name || from, when));
    };
    return () => {
      this.handset.onMissed = () => undefined;
    };
  }

  async stop(): Promise<void> {
    for (const off of this.offs) off();
    this.roaming.stop();
    this.reminders.stop();
    this.outbox.stop();
    this.pictures.forget();
    await this.sync.stop();
  }

  act(action: Step): void {
    this.windows.set(step(this.windows.value, action));
    if (action.type === 'recents') void this.readRunning();
    if (action.type === 'home' || action.type === 'unlock') void this.readUsage();
  }

  /** `by`: the app that wants it. */
  open(app: string, intent?: Intent, by?: string): void {
    if (!this.apps.value.some((one) => one.id === app)) return;
    this.act({
      type: 'open',
      app,
      ...(intent && { intent: { ...intent } }),
      ...(by !== undefined && { by }),
    });
  }

  /** A key that an app's frame heard; one that is not in front has none to give. */
  press(app: string, key: PhoneKey): void {
    const windows = this.windows.value;
    if (!windows.locked && front(windows) === app) this.pressed(key);
  }

  /** What a web app wants to show outside: right after a press in it, one for each. */
  openLink(app: string, url: string): boolean {
    const windows = this.windows.value;
    // A press in an app's frame counts for the page around it (HTML, user activation); `open` uses it up.
    if (windows.locked || front(windows) !== app || !navigator.userActivation?.isActive) return false;
    openOutside(url);
    return true;
  }

  /** A running app has the phone show something. */
  follow(info: Readonly<Record<string, unknown>>, app: string): void {
    const show = this.following.next(info, app);
    if (show?.kind === 'link') openOutside(show.url);
    if (show?.kind === 'choose') this.choice.set(show.choice);
    if (show?.kind === 'home') this.act({ type: 'home' });
    if (show?.kind !== 'app') return;
    this.open(show.app, undefined, show.by);
    if (show.over) this.act({ type: 'close', app: show.over });
  }

  choose({ asker, number }: Choice, component: string | undefined): void {
    this.choice.set(undefined);
    void this.api
      .post('/apps/choices', { app: asker, number, component: component ?? null })
      .catch(() => undefined);
  }

  /** A notice (-1), or one of its actions, was pressed. */
  async pressNotice(notice: Notice, action = -1): Promise<void> {
    if (action < 0 && !notice.ongoing && !notice.stays) this.notices.clear(notice.app, notice.key);
    if (!notice.cloud) return this.open(notice.app, notice.intent);
    const app = await press(this.api, notice, action).catch(() => (action < 0 ? notice.app : undefined));
    if (app) this.open(app);
  }

  dismiss(notice: Notice): void {
    this.notices.clear(notice.app, notice.key);
    if (notice.cloud) void dismiss(this.api, notice).catch(() => undefined);
  }

  /** The account was to be erased, and this sign-in kept it. */
  tellKept(): void {
    const words = { title: t('delete.kept'), text: t('delete.kept-text') };
    this.notices.post({ key: 'kept', app: SETTINGS, when: Date.now(), ...words });
  }

  dismissAll(): void {
    for (const notice of this.notices.all()) if (!notice.ongoing) this.dismiss(notice);
  }

  /** Under the bars an app's window has these colours, or those of the phone. */
  mark(app: string, bars: Bars | undefined): void {
    const before = this.bars.value.get(app);
    if (before?.top === bars?.top && before?.bottom === bars?.bottom) return;
    const now = new Map(this.bars.value);
    if (bars) now.set(app, bars);
    else now.delete(app);
    this.bars.set(now);
  }

  app(id: string): App | undefined {
    return this.apps.value.find((app) => app.id === id);
  }

  grid(): Grid {
    return this.form.value === 'phone' ? PHONE : TABLET;
  }

  layout(): Layout {
    return place(
      this.apps.value.map((app) => app.id),
      this.places.value,
      this.grid(),
    );
  }

  /** Keeps the places that changed; each is one record, so that two devices merge icon by icon. */
  async keep(places: ReadonlyMap<string, Place>): Promise<void> {
    const before = this.places.value;
    this.places.set(places);
    for (const [app, to] of places) {
      const was = before.get(app);
      if (was && was.area === to.area && was.page === to.page && was.cell === to.cell) continue;
      await this.sync.put(HOME, app, { area: to.area, page: to.page, cell: to.cell });
    }
  }

  async chooseSky(name: SkyName): Promise<void> {
    this.sky.set(name);
    await this.sync.put(HOME, LOOK, { wallpaper: name });
  }

  async uninstall(app: string): Promise<void> {
    await this.api.delete(`/apps/${encodeURIComponent(app)}`);
    this.act({ type: 'close', app });
    this.sync.ring();
  }

  env(): BridgeEnv {
    return {
      theme: this.theme.value,
      locale: locale(),
      tag: localeTag(),
      accent: getComputedStyle(document.documentElement).getPropertyValue('--pl-accent').trim(),
      form: this.form.value,
    };
  }

  deps(intent?: Intent): ShellDeps {
    const deps: ShellDeps = {
      sync: this.sync,
      api: this.api,
      notices: this.notices,
      uploads: this.uploads,
      vault: this.vault,
      outbox: this.outbox,
      handset: this.handset,
      accountCalls: this.accountCalls,
      openApp: (id, wish) => this.open(id, wish),
      openLink: (app, url) => this.openLink(app, url),
      press: (app, key) => this.press(app, key),
      apps: () => this.apps.value,
      env: () => this.env(),
      onEnv: (listener) => {
        const tell = () => listener(this.env());
        const offs = [onLocale(tell), this.theme.watch(tell), this.form.watch(tell)];
        return () => {
          for (const off of offs) off();
        };
      },
      front: () => awake(this.windows.value),
      onFront: (listener) => this.windows.watch((windows) => listener(awake(windows))),
    };
    if (intent) deps.intent = intent;
    return deps;
  }

  /** Milliseconds without a touch; undefined where the phone does not lock by itself, or is locked. */
  private lockAfter(): number | undefined {
    const minutes = Number(this.preferences.value.lockAfter);
    const wanted = this.pin.value.set && !this.windows.value.locked && minutes > 0;
    return wanted ? minutes * 60_000 : undefined;
  }

  private keepWindows(): void {
    localStorage.setItem(WINDOWS, JSON.stringify(left(this.windows.value, this.apps.value)));
  }

  async readRunning(): Promise<void> {
    const answer = await this.api.get<unknown>('/sessions').catch(() => undefined);
    if (answer === undefined) return;
    this.running.set(parseSessions(answer));
    await this.pictures.read(this.running.value);
  }

  async readUsage(): Promise<void> {
    type Answer = { quota_bytes?: number; used_bytes?: number; created_ms?: number };
    const answer = await this.api.get<Answer>('/account').catch(() => undefined);
    if (typeof answer?.used_bytes !== 'number' || typeof answer.quota_bytes !== 'number') return;
    const usage = { used: answer.used_bytes, limit: answer.quota_bytes, since: answer.created_ms };
    this.usage.set(usage);
    localStorage.setItem(USAGE, JSON.stringify(usage));
    await this.tellBackup();
  }

  /** Has the cloud give this account the apps that it lacks, and asks where apps are served. */
  private async prepare(): Promise<void> {
    type Server = { app_origins?: Record<string, string> };
    const server = this.api.get<Server>('/server').catch(() => undefined);
    await this.api.get('/apps/catalog').catch(() => undefined);
    const origins = (await server)?.app_origins;
    if (!origins) return;
    this.origins = origins;
    localStorage.setItem(ORIGINS, JSON.stringify(origins));
    await this.readApps();
  }

  private readonly readApps = rereads(async () => {
    const records = await this.sync.query('apps.app');
    const apps = records
      .map(parseApp)
      .map((app) =>
        app.kind === 'web'
          ? {
              ...app,
              origin:
                (app.system && this.handset.appOrigin(app.id)) || app.origin || (this.origins[app.id] ?? ''),
            }
          : app,
      )
      .sort((a, b) => a.installedAt - b.installedAt || (a.id < b.id ? -1 : 1));
    const own = apps.filter((app) => app.id !== SETTINGS);
    const gone = this.apps.value.filter(
      (app) => app.id !== SETTINGS && !own.some((one) => one.id === app.id),
    );
    this.apps.set([settingsApp(t('settings.title')), ...own]);
    this.notices.clearOf(gone.map((app) => app.id));
    this.act({ type: 'keep', apps: this.apps.value.map((app) => app.id) });
    void this.keeping.see(own);
  });

  private readonly readHome = rereads(async () => {
    const records = await this.sync.query(HOME);
    const places = new Map<string, Place>();
    for (const record of records) {
      const found = parsePlace(record);
      if (found) places.set(record.id, found);
      if (record.id === LOOK && isSky(record.fields.wallpaper)) this.sky.set(record.fields.wallpaper);
    }
    this.places.set(places);
  });

  private async readInstalls(ids: readonly string[]): Promise<void> {
    // Without a cursor these are of the first snapshot: what was before this device came.
    const first = this.status.value.cursor === 0;
    for (const id of ids) {
      const record: SyncRecord | undefined = await this.sync.get('apps.install', id);
      if (record && !(first && hasEnded(record.fields)))
        this.notices.post(installNotice(id, record.fields, Date.now()));
    }
  }

  /** The notices of installs in the language of now. */
  private async retell(): Promise<void> {
    for (const notice of this.notices.value) {
      const id = installOf(notice);
      const record = id === undefined ? undefined : await this.sync.get('apps.install', id);
      if (id !== undefined && record && this.notices.value.includes(notice))
        this.notices.post(installNotice(id, record.fields, notice.when));
    }
  }

  /** Nothing but the account's password opens it then. */
  private lockFromElsewhere(): void {
    if (this.lost.locked.value) return;
    this.lost.lock();
    this.act({ type: 'lock' });
  }

  /** A phone whose last backup is old, or failed, or never was, says so until there is a new one; so do computers. */
  private readonly tellBackup = rereads(async () => {
    const now = Date.now();
    const phones = backupNotice((await this.sync.get(BACKUP, STATE))?.fields, now, this.usage.value?.since);
    const folders = foldersNotice(foldersOf(await this.sync.query(SNAPSHOTS), now), now);
    if (phones) this.notices.post(phones);
    else this.notices.clear(SETTINGS, 'backup');
    if (folders) this.notices.post(folders);
    else this.notices.clear(SETTINGS, 'backup-folders');
  });

  /** What of the stored data is damaged, unchecked or not copied, until that is mended. */
  private readonly tellStorage = rereads(async () => {
    const care = (await this.sync.get(STORAGE, CARE))?.fields;
    const damage = (await this.sync.get(STORAGE, DAMAGE))?.fields;
    const notices = storageNotices(care, damage, Date.now());
    for (const notice of notices) this.notices.post(notice);
    for (const key of NOTICES) if (!notices.some((one) => one.key === key)) this.notices.clear(SETTINGS, key);
  });

  private look(): void {
    const status = this.sync.status();
    // What waits to be sent is in the cloud as little as what waits to be kept.
    this.see({ ...status, unsafe: status.unsafe + this.letters });
  }

  private readonly countLetters = rereads(async () => {
    this.letters = await this.outbox.waiting();
    this.look();
  });

  private see(status: SyncStatus): void {
    const before = this.status.value;
    this.status.set(status);
    if (status.problem === 'signed-out') return this.signOut();
    if (status.problem === 'device-locked') this.lockFromElsewhere();
    if (status.online && !before.online) this.reminders.soon();
    if (before.unsafe > 0 && status.unsafe === 0) void this.readUsage();
  }
}

function openOutside(url: string): void {
  window.open(url, '_blank', 'noopener,noreferrer');
}

export function parseSessions(answer: unknown): RunningSession[] {
  const list = Array.isArray(answer) ? answer : ((answer as { sessions?: unknown }).sessions ?? []);
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    const item = one as Record<string, unknown>;
    const session = item.session ?? item.session_id ?? item.id;
    const app = item.app ?? item.app_id;
    if (typeof session !== 'string' || typeof app !== 'string') return [];
    return [{ session, app, state: String(item.state ?? '') }];
  });
}

function readKept<T>(key: string): T | undefined {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? 'null') as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}
