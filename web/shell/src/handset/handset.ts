/** The device that this shell runs on, where that is a handset: what it is like now, and what it is asked to do. */

import { type Ended, endedOf, toldOf } from '../calls/ended.ts';
import type { LockShows } from '../lock/shown.ts';
import { Problem } from '../session/problem.ts';
import type { Session } from '../session/session.ts';
import { Store } from '../store.ts';
import { type Address, originOf } from './address.ts';
import { Alarm } from './alarm.ts';
import { fitting } from './blocked.ts';
import { AGAIN, Gateway, type Line, TIMERS, type Timers } from './gateway.ts';
import { Radios, type Wifi } from './radios.ts';
import {
  type Battery,
  batteryOf,
  brightnessOf,
  canWake,
  type Mobile,
  mobileOf,
  type Sound,
  soundOf,
  type Telephony,
  telephonyOf,
} from './states.ts';

/** Codes of the mobile network that mean something else where apps of the cloud fail. */
const OF_MODEM: ReadonlySet<string> = new Set(['no-network', 'not-allowed', 'not-supported']);

type Connect = (url: string) => Line;
/** The account's capability, as the daemon tells it. */
interface Whose {
  present?: unknown;
  account?: unknown;
  server?: unknown;
}

export class Handset {
  /** Undefined where there is none: no handset, no modem, or a daemon that is away. */
  readonly telephony = new Store<Telephony | undefined>(undefined);
  readonly battery = new Store<Battery | undefined>(undefined);
  /** Of the screen, in percent; undefined where it cannot be set. */
  readonly brightness = new Store<number | undefined>(undefined);
  readonly radios = new Radios(async (of, method, params) => this.gateway?.ask(of, method, params));
  readonly mobile = new Store<Mobile | undefined>(undefined);
  readonly sound = new Store<Sound | undefined>(undefined);
  readonly alarm = new Alarm((at) => this.gateway?.ask('power', 'wake', { at }));
  /** The call that is over, until another one is there or that was looked at. */
  readonly ended = new Store<Ended | undefined>(undefined);
  /** The pad for emergency calls is open. */
  readonly emergency = new Store(false);
  /** The cloud that the gateway hands this page's questions on to; "" for none, undefined where the page is a cloud's
   * own, or the daemon has not said it yet. */
  readonly cloud = new Store<string | undefined>(undefined);
  /** News of calls that nobody took. */
  onMissed: (from: string, when: number) => unknown = () => undefined;
  /** The device slept, and timers with it. */
  onWoke: () => unknown = () => undefined;
  private readonly gateway: Gateway | undefined;
  private session: Session | undefined;
  /** Whether somebody is signed in is known. */
  private told = false;
  private whose: Whose | undefined;
  /** Before anybody is signed in nobody reads anything. */
  private shows: LockShows = 'nothing';
  /** The token that the daemon has from here. */
  private given = '';
  /** Calls that were ended here. */
  private readonly hungUp = new Set<string>();
  /** Whom the account that is signed in blocked; undefined while that is not known. */
  private blocked: readonly string[] | undefined;
  /** Tries to hand that over that failed, and the next one. */
  private refused = 0;
  private again: unknown;

  constructor(
    private readonly address: Address | undefined,
    private readonly server: string,
    connect?: Connect,
    private readonly timers: Timers = TIMERS,
    /** This page came from the daemon's own gateway. */
    readonly serves = false,
  ) {
    const listener = {
      states: (changed: Readonly<Record<string, unknown>>) => this.see(changed),
      event: (of: string, name: string, data: unknown) => this.hear(of, name, data),
      lost: () => this.lose(),
    };
    this.gateway = address && new Gateway(address, listener, connect, timers);
  }

  get wifi(): Store<Wifi | undefined> {
    return this.radios.wifi;
  }

  /** A page that is on no handset does nothing. */
  start(): void {
    this.gateway?.start();
  }

  stop(): void {
    this.timers.clear(this.again as never);
    this.gateway?.stop();
  }

  /** Who is signed in now; the daemon is given the same session, so that both are one device of the account. */
  signedIn(session: Session | undefined): void {
    if (session?.account !== this.session?.account) this.blocked = undefined; // it is somebody else's
    this.session = session;
    this.told = true;
    this.handOver();
  }

  /** The account's whole block list, the newest first: the daemon keeps it, and needs no cloud to hold to it. Of a
   * list that is too long for it the oldest are left out. */
  block(addresses: readonly string[]): void {
    this.blocked = fitting(addresses);
    this.handBlocks();
  }

  /** Where this page's gateway serves a built-in app; "" where it is not the gateway that serves. */
  appOrigin(app: string): string {
    return this.serves && this.address ? originOf(app, this.address) : '';
  }

  /** What of messages that come the daemon tells this page, by what whoever looks at it may read. */
  show(what: LockShows): void {
    this.shows = what;
    this.tellShows();
  }

  private tellShows(): void {
    const has = this.telephony.value?.shows;
    if (!has || has === this.shows) return;
    void this.gateway?.ask('telephony', 'shows', { what: this.shows }).catch(() => undefined);
  }

  /** Names the cloud that the gateway hands questions on to, while nobody is signed in. */
  async useCloud(server: string): Promise<void> {
    await this.gateway?.ask('account', 'use-server', { server });
  }

  /** The account that the daemon is signed in to; "" for none, or while it is away. */
  get account(): string {
    return this.whose?.present === true && typeof this.whose.account === 'string' ? this.whose.account : '';
  }

  /** Has the daemon send a text by its own card; asked again with the same id it is the same message. */
  sendLetter(letter: object): Promise<{ state: string }> {
    return this.ask('send-letter', letter);
  }

  decide(id: string, decision: string): Promise<void> {
    return this.ask('decide', { id, decision });
  }

  dial(number: string, card = ''): Promise<{ call: string }> {
    return this.ask('dial', { number, card });
  }

  answer(call: string): Promise<void> {
    return this.ask('answer', { call });
  }

  hangUp(call: string): Promise<void> {
    this.hungUp.add(call);
    return this.ask('hang-up', { call });
  }

  /** Holds what is under way and takes up the other one; a single one is held, or taken up. */
  swap(call: string): Promise<void> {
    return this.ask('swap', { call });
  }

  tones(call: string, keys: string): Promise<void> {
    return this.ask('tones', { call, keys });
  }

  unlock(modem: string, pin: string, puk = ''): Promise<void> {
    return this.ask('unlock', { modem, pin, puk });
  }

  ussd(code: string, card = ''): Promise<{ text: string; asks: boolean }> {
    return this.ask('ussd', { code, card });
  }

  ussdCancel(): Promise<void> {
    return this.ask('ussd-cancel');
  }

  /** All radios; what was on before is on again after it. */
  async airplane(on: boolean): Promise<void> {
    const wifi = this.wifi.value && this.gateway?.ask('network', 'airplane', { on });
    const telephony = this.telephony.value && this.ask('airplane', { on });
    await Promise.all([wifi, telephony]);
  }

  /** In percent. */
  async setBrightness(percent: number): Promise<void> {
    await this.gateway?.ask('power', 'brightness', { percent });
  }

  /** In percent, of the output that is active. */
  async setVolume(percent: number): Promise<void> {
    await this.gateway?.ask('audio', 'volume', { percent });
  }

  async switchMobileData(on: boolean): Promise<void> {
    await this.gateway?.ask('network', 'mobile-data', { on });
  }

  /** Mobile data in other operators' networks. */
  async switchRoaming(on: boolean): Promise<void> {
    await this.gateway?.ask('network', 'roaming', { on });
  }

  /** The access point of the card that is in; a password of null is the one that the device has. */
  async chooseApn(wish: {
    name: string;
    user: string;
    password: string | null;
    ip: Mobile['ip'];
  }): Promise<void> {
    await this.gateway?.ask('network', 'apn', wish);
  }

  /** Whether the others hear nothing, and where a call comes out: of this call, not of other programs. */
  async soundOfCall(call: string, wish: { muted: boolean } | { output: string }): Promise<void> {
    await this.gateway?.ask('audio', 'of-call', { call, ...wish });
  }

  private async ask<T>(method: string, params: object = {}): Promise<T> {
    try {
      // Whoever asks saw telephony, which nobody sees without a gateway.
      return await this.gateway!.ask<T>('telephony', method, params);
    } catch (error) {
      const { code, detail } = error as Problem;
      throw OF_MODEM.has(code) ? new Problem(`modem-${code}`, detail) : error;
    }
  }

  private see(changed: Readonly<Record<string, unknown>>): void {
    if ('account' in changed) this.whose = (changed.account ?? {}) as Whose;
    if ('telephony' in changed) this.seeCalls(telephonyOf(changed.telephony));
    this.tellShows();
    if ('power' in changed) {
      this.battery.set(batteryOf(changed.power));
      this.brightness.set(brightnessOf(changed.power));
      this.alarm.see(canWake(changed.power));
    }
    if ('audio' in changed) this.sound.set(soundOf(changed.audio));
    this.radios.see(changed);
    if ('network' in changed) this.mobile.set(mobileOf(changed.network));
    if (!('account' in changed)) return;
    const { server } = this.whose ?? {};
    if (this.serves && typeof server === 'string') this.cloud.set(server);
    this.handOver();
  }

  private seeCalls(now: Telephony | undefined): void {
    const before = this.telephony.value?.calls ?? [];
    const after = now?.calls ?? [];
    const ended = endedOf(before, after, this.hungUp, Date.now());
    if (ended || after.length > 0) this.ended.set(ended);
    if (after.length === 0) this.hungUp.clear();
    this.telephony.set(now);
  }

  private handOver(): void {
    if (!this.told || !this.whose) return;
    const { session, server } = this;
    const { present } = this.whose;
    if (!session) {
      this.given = '';
      this.blocked = undefined;
      if (present === true) void this.gateway?.ask('account', 'sign-out').catch(() => undefined);
      return;
    }
    const { token, account } = session;
    if (present === true && this.given === token) return;
    // Asked twice it is one; one that fails is asked again when the daemon is back.
    const done = this.gateway?.ask('account', 'sign-in', { server, token, account });
    void done?.then(
      () => {
        if (this.session !== session) return;
        this.given = token;
        this.handBlocks();
      },
      () => undefined,
    );
  }

  /** After the sign-in, since what is handed over before it is nobody's. */
  private handBlocks(): void {
    this.refused = 0;
    this.tryBlocks();
  }

  /** One that fails is tried again, since somebody who is blocked rings until then. */
  private tryBlocks(): void {
    this.timers.clear(this.again as never);
    const { blocked } = this;
    if (!blocked || !this.session || this.given !== this.session.token) return;
    void this.gateway?.ask('telephony', 'block', { addresses: blocked }).catch(() => {
      if (this.blocked !== blocked) return; // another one is on its way
      const wait = AGAIN[Math.min(this.refused++, AGAIN.length - 1)]!;
      this.timers.clear(this.again as never);
      this.again = this.timers.set(() => this.tryBlocks(), wait);
    });
  }

  private hear(of: string, name: string, data: unknown): void {
    if (of === 'power' && name === 'woke') this.onWoke();
    if (of !== 'telephony') return;
    if (name === 'ended') this.hearEnd(data);
    if (name !== 'missed') return;
    const { address, date_ms: when } = (data ?? {}) as { address?: unknown; date_ms?: unknown };
    if (typeof address === 'string' && typeof when === 'number') this.onMissed(address, when);
  }

  /** It may come after the call is gone from the state. */
  private hearEnd(data: unknown): void {
    const { id, why } = (data ?? {}) as { id?: unknown; why?: unknown };
    const ended = this.ended.value;
    if (ended?.call.id === id && typeof why === 'string') this.ended.set(toldOf(ended!, why));
  }

  private lose(): void {
    this.whose = undefined;
    this.given = '';
    this.telephony.set(undefined);
    this.battery.set(undefined);
    this.brightness.set(undefined);
    this.alarm.see(false, true);
    this.radios.lose();
    this.mobile.set(undefined);
    this.sound.set(undefined);
  }
}
