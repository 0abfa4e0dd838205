/** The signed-in phone: its account's records and this device's state, as stores that the screens watch. */

import { watchBlocks } from '../../../kit/src/calls/blocks.ts';
import { onLocale, t } from '../../../kit/src/i18n/index.ts';
import { rereads } from '../../../kit/src/rereads.ts';
import type { Sync, SyncStatus } from '../../../kit/src/sync/types.ts';
import type { PhoneKey } from '../../../sdk/src/keys.ts';
import { SETTINGS } from '../apps/apps.ts';
import { Apps } from '../apps/installed.ts';
import { AccountCalls } from '../calls/accounts/calls.ts';
import { People } from '../calls/people.ts';
import { Turns } from '../calls/turns.ts';
import type { Api, App, Intent, Notice } from '../deps.ts';
import { Lost } from '../finding/lost.ts';
import type { Handset } from '../handset/handset.ts';
import { HomeScreen } from '../home/screen.ts';
import { watchIdle } from '../lock/idle.ts';
import { PinLock } from '../lock/pin.ts';
import { Arrivals, missedNotice } from '../notices/arrivals.ts';
import { dismiss, press } from '../notices/cloud.ts';
import { hearHandset } from '../notices/handset.ts';
import { Installs } from '../notices/installs.ts';
import { NoticeStore } from '../notices/notices.ts';
import { Reminders } from '../notices/reminders.ts';
import { Told } from '../notices/told.ts';
import { Upkeep } from '../notices/upkeep.ts';
import { VaultAsks } from '../notices/vault-asks.ts';
import { ownCard } from '../outbox/card.ts';
import { keptLetters } from '../outbox/kept.ts';
import { Outbox } from '../outbox/outbox.ts';
import { hearWorker, tellReady } from '../push/heard.ts';
import { refresh, unshow } from '../push/subscription.ts';
import type { Session } from '../session/session.ts';
import type { PreferenceStore } from '../settings/preferences.ts';
import { UsageStore } from '../settings/usage.ts';
import { Store } from '../store.ts';
import { keptUploads } from '../uploads/kept.ts';
import { Uploads } from '../uploads/uploads.ts';
import { deviceKeys } from '../vault/device.ts';
import { Vault } from '../vault/vault.ts';
import type { Bars } from '../windows/edges.ts';
import { type Choice, Following } from '../windows/follow.ts';
import { left, restored } from '../windows/left.ts';
import { Pictures } from '../windows/pictures.ts';
import { Running } from '../windows/running.ts';
import { awake, CLOSED, front, type Step, step, type Windows } from '../windows/windows.ts';
import { readKept } from './kept.ts';
import { Roaming } from './roaming.ts';

const WINDOWS = 'pileus.windows';
const REMINDED = 'pileus.reminded';

export class Phone {
  readonly notices = new NoticeStore();
  readonly windows = new Store<Windows>(CLOSED);
  readonly apps: Apps;
  readonly home: HomeScreen;
  readonly status: Store<SyncStatus>;
  readonly usage: UsageStore;
  readonly running: Running;
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
  private readonly upkeep: Upkeep;
  private readonly installs: Installs;
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
    this.apps = new Apps(api, sync, handset);
    this.home = new HomeScreen(sync, this.apps, this.form);
    this.pictures = new Pictures(api);
    this.running = new Running(api, this.pictures);
    this.uploads = new Uploads(api, keptUploads(session.account), this.notices, () => sync.ring());
    this.vault = new Vault(api, sync, this.uploads, session.device, deviceKeys(session.account));
    const looked = () => awake(this.windows.value);
    const { account } = session;
    const [letters, card] = [keptLetters(account), ownCard(handset, account)];
    this.outbox = new Outbox(api, sync, letters, this.notices, account, looked, undefined, undefined, card);
    this.usage = new UsageStore(api);
    this.upkeep = new Upkeep(sync, this.notices, this.usage);
    this.installs = new Installs(sync, this.notices, () => this.status.value.cursor === 0);
    this.pin = new PinLock(localStorage, session.account);
    this.people = new People(sync);
    this.accountCalls = new AccountCalls(api, sync);
    this.lost = new Lost(api, sync, session, localStorage);
    this.roaming = new Roaming(sync, preferences, this.windows, this.apps);
    const reminded = `${REMINDED}.${session.account}`;
    const told = {
      get: () => readKept<number>(reminded),
      set: (ms: number) => localStorage.setItem(reminded, String(ms)),
    };
    this.reminders = new Reminders(api, this.notices, told, (due) => handset.alarm.set(due));
  }

  /** `fresh`: just signed in, so that the cloud is there and the first snapshot is worth waiting for. */
  async start(fresh = false): Promise<void> {
    const prepared = this.apps.prepare();
    if (fresh) await prepared;
    const named = async (address: string) => (await this.people.find(address))?.name ?? '';
    this.offs = [
      this.apps.start(this.forget),
      this.home.start(),
      this.installs.start(),
      this.sync.subscribe('calendar.event', () => this.reminders.soon()),
      this.upkeep.start(),
      this.sync.onStatus(() => this.look()),
      this.outbox.onChange(() => void this.countLetters()),
      hearWorker(this),
      new Arrivals(this.sync, this.notices, () => awake(this.windows.value), Date.now, named).start(),
      new VaultAsks(this.sync, this.notices, this.session.device, () => this.vault.waiting(), unshow).start(),
      new Told(this.sync, this.notices, this.session.device, unshow).start(fresh),
      this.lost.start(),
      this.accountCalls.start(),
      new Turns(this.handset, this.accountCalls).start(),
      this.hearMissed(),
      hearHandset(this.handset, this.notices, () => this.reminders.woke()),
      onLocale(() => {
        void this.apps.read();
        void this.installs.retell();
        this.reminders.retell();
        void this.upkeep.tell();
      }),
    ];
    this.roaming.start(fresh);
    this.outbox.start();
    void this.countLetters();
    await this.sync.start();
    await Promise.all([this.apps.read(), this.home.read(), this.upkeep.tell()]);
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
    tellReady();
    void this.usage.read();
    void this.uploads.resume();
    this.reminders.soon();
    void refresh(this.api, this.preferences.value.language).catch(() => undefined); // at the next start, then
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
    if (action.type === 'recents') void this.running.read();
    if (action.type === 'home' || action.type === 'unlock') void this.usage.read();
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

  async uninstall(app: string): Promise<void> {
    await this.api.delete(`/apps/${encodeURIComponent(app)}`);
    this.act({ type: 'close', app });
    this.sync.ring();
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

  private readonly forget = (gone: readonly string[]): void => {
    this.notices.clearOf(gone);
    this.act({ type: 'keep', apps: this.apps.value.map((app) => app.id) });
  };

  /** Nothing but the account's password opens it then. */
  private lockFromElsewhere(): void {
    if (this.lost.locked.value) return;
    this.lost.lock();
    this.act({ type: 'lock' });
  }

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
    if (before.unsafe > 0 && status.unsafe === 0) void this.usage.read();
  }
}

function openOutside(url: string): void {
  window.open(url, '_blank', 'noopener,noreferrer');
}
