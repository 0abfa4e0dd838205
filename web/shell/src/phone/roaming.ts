/** What follows its owner from device to device beside the home screen: settings, and what was left open. */

import type { Sync } from '../../../kit/src/sync/types.ts';
import type { App } from '../deps.ts';
import {
  changed,
  DEFAULTS,
  type PreferenceStore,
  parseRoamed,
  type Roamed,
} from '../settings/preferences.ts';
import type { Store } from '../store.ts';
import { restored, roaming } from '../windows/left.ts';
import type { Windows } from '../windows/windows.ts';

const SETTING = 'shell.setting';
const LEFT = 'shell.left';
const PREFERENCES = 'preferences';
const WINDOWS = 'windows';
/** Milliseconds that the windows are left alone before the account hears of them: not each tap is worth a record. */
const SETTLED = 1500;

export class Roaming {
  /** The settings as the account has them; undefined until this device knows. */
  private known: Roamed | undefined;
  /** Settings that are on their way into the ledger. */
  private telling = 0;
  private fresh = false;
  /** What was left open elsewhere is wanted still: nothing was opened here. */
  private awaited = false;
  /** The windows that the account knows of, or that lie here from before. */
  private order = '[]';
  private timer: ReturnType<typeof setTimeout> | undefined;
  private offs: (() => void)[] = [];

  constructor(
    private readonly sync: Sync,
    private readonly preferences: PreferenceStore,
    private readonly windows: Store<Windows>,
    private readonly apps: Store<readonly App[]>,
    private readonly settled = SETTLED,
  ) {}

  /** Before the sync starts. `fresh`: just signed in on this device. */
  start(fresh: boolean): void {
    this.awaited = this.fresh = fresh;
    this.offs = [
      this.sync.subscribe(SETTING, () => void this.readSettings()),
      this.sync.subscribe(LEFT, () => void this.takeUp()),
      this.sync.onStatus(() => void Promise.all([this.readSettings(), this.takeUp()])),
      this.preferences.watch(() => void this.tellSettings()),
      this.apps.watch(() => void this.takeUp()),
      this.windows.watch(() => this.moved()),
    ];
  }

  stop(): void {
    for (const off of this.offs.splice(0)) off();
    clearTimeout(this.timer);
  }

  /** The account's settings are this device's; what it has none of, this device's become. */
  private async readSettings(): Promise<void> {
    const record = await this.sync.get(SETTING, PREFERENCES);
    if (this.telling > 0 || (!record && !this.complete)) return;
    const found = parseRoamed(record?.fields ?? {});
    // Whoever just signed in finds their own settings, and nothing of who used this device before.
    if (this.known === undefined && this.fresh)
      this.preferences.change({ ...parseRoamed({ ...DEFAULTS }), ...found });
    // What was changed here and could not be told yet is newer than what the account has.
    const untold = this.known ? changed(this.known, this.preferences.value) : {};
    this.known = { ...DEFAULTS, ...found };
    const wanted = { ...found, ...untold };
    if (Object.keys(changed(this.preferences.value, wanted)).length > 0) this.preferences.change(wanted);
    await this.tellSettings();
  }

  private async tellSettings(): Promise<void> {
    const news = this.known && changed(this.known, this.preferences.value);
    if (!this.known || !news || Object.keys(news).length === 0) return;
    const before = this.known;
    this.known = { ...before, ...news };
    this.telling += 1;
    try {
      await this.sync.put(SETTING, PREFERENCES, { ...news });
    } catch {
      // This device could not keep it: the next change or round tells it again.
      this.known = before;
    } finally {
      this.telling -= 1;
    }
  }

  /** Lays what was left open on another device into recents, as soon as its apps are known here. */
  private async takeUp(): Promise<void> {
    if (!this.awaited) return;
    const record = await this.sync.get(LEFT, WINDOWS);
    if (!this.awaited || (!record && !this.complete)) return;
    const { order } = restored({ ...record?.fields, inFront: false }, this.apps.value);
    const all = Array.isArray(record?.fields.order) ? record.fields.order.length : 0;
    if (order.length < all && !this.complete) return;
    this.awaited = false;
    const opened = this.windows.value.order;
    this.windows.set({
      ...this.windows.value,
      order: [...opened, ...order.filter((id) => !opened.includes(id))],
    });
  }

  /** What is open now was so before: only what its owner does from now on is told to the account. */
  settle(): void {
    this.order = this.opened();
    clearTimeout(this.timer);
  }

  private opened(): string {
    return JSON.stringify(roaming(this.windows.value, this.apps.value));
  }

  private moved(): void {
    if (this.awaited || this.opened() === this.order) return;
    this.order = this.opened();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.tellWindows(), this.settled);
  }

  private async tellWindows(): Promise<void> {
    const order = [...roaming(this.windows.value, this.apps.value)];
    const record = await this.sync.get(LEFT, WINDOWS);
    if (JSON.stringify(record?.fields.order ?? []) !== JSON.stringify(order))
      await this.sync.put(LEFT, WINDOWS, { order });
  }

  /** Whether this device has all that the account had when it signed in. */
  private get complete(): boolean {
    return this.sync.status().cursor > 0;
  }
}
