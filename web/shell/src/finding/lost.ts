/** What this device does when its owner looks for it from another one. */

import type { Sync } from '../../../kit/src/sync/types.ts';
import type { Api } from '../deps.ts';
import { Problem } from '../session/problem.ts';
import type { Keeper, Session } from '../session/session.ts';
import { Store } from '../store.ts';
import { type PlaceKey, sealPlace } from './place.ts';

/** The record `finding.device` of a device. */
export interface Asked {
  ring_ms?: number;
  ring_by?: string;
  ring_end_ms?: number | null;
  locate_ms?: number;
  place?: string | null;
  place_ms?: number | null;
}

export const DEVICES = 'finding.device';
export const KEYS = 'finding.key';
const LOCKED = 'pileus.locked';
const LOCATABLE = 'pileus.locatable';
/** A ring that is heard of later is not rung. */
const RING_MS = 600_000;
const FIX_MS = 30_000;

export class Lost {
  /** The device that has this one ring, by its name. */
  readonly ringing = new Store<string | undefined>(undefined);
  /** From elsewhere: the account's password opens it, nothing else. */
  readonly locked: Store<boolean>;
  private located = 0;

  constructor(
    private readonly api: Pick<Api, 'post' | 'send'>,
    private readonly sync: Pick<Sync, 'get' | 'subscribe' | 'ring'>,
    private readonly session: Pick<Session, 'device'>,
    private readonly keeper: Keeper,
    private readonly now: () => number = Date.now,
  ) {
    this.locked = new Store(keeper.getItem(LOCKED) === session.device);
  }

  start(): () => void {
    void this.read();
    return this.sync.subscribe(DEVICES, () => void this.read());
  }

  /** The cloud answers this device nothing any more but to the password. */
  lock(): void {
    this.keeper.setItem(LOCKED, this.session.device);
    this.locked.set(true);
  }

  /** The password was shown. */
  unlock(): void {
    this.keeper.removeItem(LOCKED);
    this.locked.set(false);
    this.sync.ring();
  }

  async stopRinging(): Promise<void> {
    this.ringing.set(undefined);
    await this.api.post('/finding/ring-ended').catch(() => undefined); // it is silent here all the same
  }

  /** For what key this device seals its place; undefined where its owner did not allow that on it. */
  get locatable(): string | undefined {
    const kept = JSON.parse(this.keeper.getItem(LOCATABLE) ?? 'null') as {
      device: string;
      key: string;
    } | null;
    return kept?.device === this.session.device ? kept.key : undefined;
  }

  /** Asks whoever holds the device, too. Rejects with a `Problem`. */
  async allow(): Promise<void> {
    const key = await this.key();
    if (!key) throw new Problem('no-place-key', '');
    await fix();
    this.keeper.setItem(LOCATABLE, JSON.stringify({ device: this.session.device, key: key.public }));
  }

  forbid(): void {
    this.keeper.removeItem(LOCATABLE);
  }

  async key(): Promise<PlaceKey | undefined> {
    return (await this.sync.get(KEYS, 'places'))?.fields as PlaceKey | undefined;
  }

  private async read(): Promise<void> {
    const asked = (await this.sync.get(DEVICES, this.session.device))?.fields as Asked | undefined;
    if (!asked) return;
    const { ring_ms = 0, ring_end_ms, locate_ms = 0, place_ms } = asked;
    const rings = ring_ms > (ring_end_ms ?? 0) && this.now() - ring_ms < RING_MS;
    this.ringing.set(rings ? (asked.ring_by ?? '') : undefined);
    if (locate_ms > Math.max(this.located, place_ms ?? 0)) {
      this.located = locate_ms;
      await this.tellPlace().catch(() => undefined); // its owner sees that no place came
    }
  }

  private async tellPlace(): Promise<void> {
    const pinned = this.locatable;
    // Another key than the one that its owner allowed may be anybody's.
    if (!pinned || (await this.key())?.public !== pinned) return;
    const { coords } = await fix();
    const { latitude: lat, longitude: lon, accuracy } = coords;
    const sealed = await sealPlace({ lat, lon, accuracy, at_ms: this.now() }, pinned);
    await this.api.send('PUT', '/finding/place', { sealed });
  }
}

function fix(): Promise<GeolocationPosition> {
  return new Promise((resolve, reject) => {
    const failed = () => reject(new Problem('no-fix', ''));
    if (!('geolocation' in navigator)) return failed();
    const how = { enableHighAccuracy: true, timeout: FIX_MS, maximumAge: 60_000 };
    navigator.geolocation.getCurrentPosition(resolve, failed, how);
  });
}
