/** Calls with other accounts of this cloud: made and taken here, one at a time. The cloud carries what the two
 * devices tell each other; see docs/design/calls.md. */

import type { Sync } from '../../../../kit/src/sync/types.ts';
import type { Api } from '../../deps.ts';
import { Problem } from '../../session/problem.ts';
import { Store } from '../../store.ts';
import { Asks, isOver, isRefused, type Later } from './asks.ts';
import { browserPeer, type MakePeer, type Peer, type Servers } from './peer.ts';
import { Saying } from './saying.ts';
import { type AccountCall, after, begun, coming, idOf, overWith, type Told } from './states.ts';
import { Tab } from './tab.ts';

const LINE = 'calls.line';
const LINE_ID = 'line';
/** For so long two devices look for a way, at the beginning and after one broke. */
const WAY_MS = 20_000;

export class AccountCalls extends Store<AccountCall | undefined> {
  private readonly asks: Asks;
  private readonly saying: Saying;
  private peer: Peer | undefined;
  private offer = '';
  /** The number of the last thing that the other side said. */
  private last = 0;
  private started = false;
  private looking = false;
  /** Counts what may have changed who rings. */
  private looks = 0;
  /** The last call that this page was done with: the record may still say that it rings. */
  private through = '';
  /** The call that is being answered here, until the cloud has said so. */
  private taking = '';
  /** The call that this page gave its answer to, whether the cloud heard it or not. */
  private given = '';
  /** Counts the times at which a way was lost or found: what waits for an older one is void. */
  private ways = 0;

  constructor(
    private readonly api: Pick<Api, 'get' | 'post' | 'send'>,
    private readonly sync: Pick<Sync, 'get' | 'subscribe'>,
    private readonly makePeer: MakePeer = browserPeer,
    private readonly later: Later = (act, ms) => setTimeout(act, ms),
    private readonly tab = new Tab(),
  ) {
    super(undefined);
    this.asks = new Asks(api, later);
    this.saying = new Saying(api, this.asks, () => this.value);
  }

  start(): () => void {
    this.started = true;
    const off = this.sync.subscribe(LINE, () => void this.look());
    void this.look();
    const leave = () => this.leave();
    window.addEventListener('pagehide', leave);
    return () => {
      off();
      this.started = false;
      window.removeEventListener('pagehide', leave);
      this.leave();
      this.drop();
    };
  }

  /** Calls an account; rejects with a `Problem`, of the cloud, of the microphone, or `call-in-tab` where another page
   * of this browser is in a call. */
  async dial(other: string): Promise<{ call: string }> {
    if (this.isTaken()) throw new Problem('call-under-way', '');
    this.drop();
    const chosen = crypto.randomUUID();
    const call = begun(chosen, other, Date.now());
    this.set(call);
    try {
      if (!(await this.tab.take())) throw new Problem('call-in-tab', '');
      const offer = await (await this.open(call.key)).offer();
      if (!this.isNow(call.key)) return { call: call.key };
      const wish = { id: chosen, to: other, offer };
      const told = await this.asks.insist<Told>('/calls', wish, () => this.isNow(call.key));
      // Where it was hung up meanwhile the cloud has heard it, of the call that had no id yet.
      if (!this.isNow(call.key)) await this.asks.end(told.call, 'hung-up');
      else this.begin({ ...this.value!, id: told.call, other: told.other }, told);
    } catch (error) {
      // Hung up meanwhile: nothing went wrong.
      if (!this.isNow(call.key)) return { call: call.key };
      this.drop();
      throw error;
    }
    return { call: call.key };
  }

  async answer(key: string): Promise<void> {
    const call = this.value;
    if (call?.key !== key || call.state !== 'ringing-in' || call.over || this.taking === key) return;
    this.taking = key;
    // Whether another page answers, too, the cloud tells: the first one has it.
    void this.tab.take();
    let peer: Peer | undefined;
    try {
      peer = await this.open(key);
      const answer = await peer.answer(this.offer);
      if (!this.isNow(key)) return;
      this.given = key;
      const told = await this.asks.insist<Told>(`/calls/${call.id}/answer`, { answer }, () =>
        this.isNow(key),
      );
      if (!this.isNow(key)) return;
      this.change(key, { state: 'active', answered: Date.now() });
      await this.hear(told);
      void this.saying.say();
      this.waitForWay();
    } catch (error) {
      // Another call's may be there by now.
      if (this.peer === peer) this.shut();
      if (!this.isNow(key)) return;
      this.tab.free();
      // It rings on where the microphone is what is missing.
      if (isOver(error)) this.drop();
      throw error;
    } finally {
      if (this.taking === key) this.taking = '';
    }
  }

  /** Hangs up, declines or cancels; of one that is over: its end was looked at. */
  async hangUp(key: string): Promise<void> {
    const call = this.value;
    if (call?.key !== key) return;
    if (call.over || call.state === 'ringing-in') this.drop();
    else this.show(overWith(call, 'hung-up', Date.now()));
    if (!call.over) await this.asks.end(idOf(call), 'hung-up');
  }

  /** Holds, or takes up again. */
  async swap(key: string): Promise<void> {
    const held = this.value?.state === 'held';
    if (this.value?.key !== key || this.value.over || !this.value.answered) return;
    this.change(key, { state: held ? 'active' : 'held' });
    this.sound();
    this.saying.tell({ kind: 'hold', body: held ? 'off' : 'on' });
  }

  mute(muted: boolean): void {
    if (!this.value) return;
    this.change(this.value.key, { muted });
    this.sound();
  }

  /** The loudspeaker's name that comes next; "" where there is no choice. */
  async nextOutput(): Promise<string> {
    return (await this.peer?.nextOutput()) ?? '';
  }

  private sound(): void {
    const { state, muted } = this.value ?? {};
    this.peer?.speak(state !== 'held' && !muted);
    this.peer?.listen(state !== 'held');
  }

  /** Who rings, as often as that may be another one. */
  private async look(): Promise<void> {
    this.looks += 1;
    if (this.looking) return;
    this.looking = true;
    try {
      for (let seen = 0; seen !== this.looks; ) {
        seen = this.looks;
        await this.see();
      }
    } finally {
      this.looking = false;
    }
  }

  private async see(): Promise<void> {
    const fields = (await this.sync.get(LINE, LINE_ID))?.fields;
    const id = typeof fields?.call === 'string' ? fields.call : '';
    const { value } = this;
    if (value?.state === 'ringing-in' && value.id !== id && !this.taking) this.drop();
    if (!id || id === this.through || this.isTaken()) return;
    try {
      const told = await this.api.get<Told>(`/calls/${id}`);
      if (this.isTaken() || told.state === 'ended' || told.state === 'active') return;
      this.offer = told.offer;
      this.begin(coming(told, Date.now()), told);
    } catch (error) {
      // Over, or taken by another device: the record changes then, too.
      if (isOver(error) || isRefused(error)) return;
      await this.asks.pause();
      if (this.started) this.looks += 1;
    }
  }

  /** With a call that goes on; one that is over gives way to the next. */
  private isTaken(): boolean {
    return this.value !== undefined && !this.value.over;
  }

  private begin(call: AccountCall, told: Told): void {
    this.last = 0;
    this.set(call);
    this.show(after(call, told, Date.now()));
    void this.saying.say();
    void this.follow(call.key, call.id, told.state);
  }

  /** Asks for news until it is over. Each question waits for some; an answer without any was given at once maybe. */
  private async follow(key: string, id: string, state: string): Promise<void> {
    let known = state;
    while (this.isNow(key)) {
      try {
        const before = this.last;
        const told = await this.asks.news<Told>(`/calls/${id}?after=${before}&state=${known}`);
        if (!this.isNow(key)) return;
        await this.hear(told);
        const call = this.value;
        if (!call || !this.isNow(key)) return;
        const news = known !== told.state;
        known = told.state;
        const active = told.state === 'active';
        if (!active || this.taking !== key) {
          // Answered here, and there is nothing to speak by.
          if (active && !this.peer && (this.given === key || call.answered)) return this.fail();
          this.show(after(call, told, Date.now()));
          if (news && active && this.value?.incoming === false) this.waitForWay();
        }
        if (!news && this.last === before) await this.asks.pause();
      } catch (error) {
        if (!this.isNow(key)) return;
        if (isOver(error)) return this.drop();
        await this.asks.pause();
      }
    }
  }

  private async hear({ signals }: Told): Promise<void> {
    for (const { number, kind, body } of signals) {
      const { peer } = this;
      if (number <= this.last || !peer) continue;
      this.last = number;
      if (kind === 'answer') await peer.answered(body).catch(() => this.fail());
      else if (kind === 'candidate') await peer.candidate(body);
      else if (kind === 'hold' && this.value) this.change(this.value.key, { waits: body === 'on' });
      else if (kind === 'offer')
        await peer.answer(body).then(
          (answer) => this.saying.tell({ kind: 'answer', body: answer }),
          () => this.fail(),
        );
    }
  }

  /** For this call; raises `call-over` where it was hung up before there was one, so that no microphone is opened. */
  private async open(key: string): Promise<Peer> {
    this.shut();
    const servers = await this.api.get<Servers>('/calls/servers');
    if (!this.isNow(key)) throw new Problem('call-over', '');
    const peer: Peer = this.makePeer(servers, {
      candidate: (body) => this.peer === peer && this.saying.tell({ kind: 'candidate', body }),
      way: (state) => this.peer === peer && this.seeWay(state),
    });
    this.peer = peer;
    return peer;
  }

  private seeWay(state: 'open' | 'closed' | 'broken'): void {
    const call = this.value;
    if (!call) return;
    const was = call.connected;
    this.change(call.key, { connected: state === 'open' });
    if (state === 'open') this.ways += 1;
    else if (was) this.waitForWay();
    // One side looks for another way, so that they do not both at once.
    if (state === 'broken' && !call.incoming) void this.restart();
  }

  private async restart(): Promise<void> {
    const offer = await this.peer?.offer(true).catch(() => undefined);
    if (offer) this.saying.tell({ kind: 'offer', body: offer });
  }

  private waitForWay(): void {
    this.ways += 1;
    const { ways, value } = this;
    if (value?.connected) return;
    this.later(() => {
      if (ways === this.ways && value && this.value?.key === value.key) this.fail('lost');
    }, WAY_MS);
  }

  /** This side cannot go on. */
  private fail(reason: 'lost' | 'failed' = 'failed'): void {
    const call = this.value;
    if (!call || call.over) return;
    this.show(overWith(call, reason, Date.now()));
    void this.asks.end(call.id, reason).catch(() => undefined);
  }

  private isNow(key: string): boolean {
    return this.value?.key === key && !this.value.over;
  }

  private change(key: string, some: Partial<AccountCall>): void {
    if (this.value?.key === key) this.set({ ...this.value, ...some });
  }

  private show(call: AccountCall | undefined): void {
    if (!call) return this.drop();
    this.set(call);
    if (call.over) this.leaveOff(call);
  }

  private shut(): void {
    this.peer?.close();
    this.peer = undefined;
    this.saying.forget();
  }

  private drop(): void {
    const { value } = this;
    this.set(undefined);
    this.leaveOff(value);
  }

  private leaveOff(call: AccountCall | undefined): void {
    this.shut();
    this.tab.free();
    this.offer = '';
    this.through = call?.id || this.through;
    // Somebody else may have begun to ring meanwhile.
    if (this.started) void this.look();
  }

  /** The page goes: the other side hears it now and not after a while. */
  private leave(): void {
    const { value: call } = this;
    if (!call || call.over || call.state === 'ringing-in') return;
    void this.api.send('POST', `/calls/${idOf(call)}/end`, {}, { keepalive: true }).catch(() => undefined);
  }
}
