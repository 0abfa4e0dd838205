import { html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/avatar.ts';
import '../../../kit/src/elements/dial-pad.ts';
import '../../../kit/src/elements/icon.ts';
import type { GlyphName } from '../../../kit/src/icons/glyphs.ts';
import type { Handset } from '../handset/handset.ts';
import type { HandsetCall } from '../handset/states.ts';
import type { Phone } from '../phone/model.ts';
import { words } from '../session/problem.ts';
import '../status/bar.ts';
import { Watch } from '../store.ts';
import { isAccountCall, shown, wordOf } from './accounts/states.ts';
import { callStyles, overStyles } from './calls.css.ts';
import { PageKeys } from './keys.ts';
import { nextOutput, type OutputKind, outputKind, shownOf, timerText } from './rules.ts';
import { RingTone } from './tone.ts';

const KEY = /^[0-9*#]$/;
const TICK_MS = 1000;
const MOST_KEYS = 64;
const OUTPUTS: Readonly<Record<OutputKind, string>> = {
  handset: 'calls.output-handset',
  speaker: 'calls.output-speaker',
  headset: 'calls.output-headset',
  headphone: 'calls.output-headphone',
};

/** Over everything, the lock screen too: who calls, the call that is spoken in, or a pill that leads back to it. */
export class PlCalls extends LitElement {
  static override styles = [overStyles, callStyles];
  @property({ attribute: false }) handset!: Handset;
  /** Who is signed in, if anybody is. */
  @property({ attribute: false }) phone?: Phone;
  /** The call whose screen was put aside. */
  @state() private aside = '';
  @state() private keypad = false;
  @state() private typed = '';
  @state() private problem = '';
  /** The loudspeaker that was chosen for a call with an account. */
  @state() private output = '';
  private readonly tone = new RingTone();
  private timer: ReturnType<typeof setInterval> | undefined;
  private shownNow = '';
  private watching?: Watch;
  private offs: (() => void)[] = [];

  constructor() {
    super();
    new PageKeys(this, (event) => this.key(event));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    this.watching ??= new Watch(this, [this.handset.telephony, this.handset.sound]);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.tone.stop();
    clearInterval(this.timer);
    this.phone?.people.forget();
    this.follow(undefined);
  }

  /** Who is signed in may be another one. */
  private follow(phone: Phone | undefined): void {
    for (const off of this.offs) off();
    const draw = () => this.requestUpdate();
    const stores = phone ? [phone.people, phone.windows, phone.accountCalls] : [];
    this.offs = stores.map((store) => store.watch(draw));
  }

  private get calls() {
    const { account } = this;
    return shownOf([...(this.handset.telephony.value?.calls ?? []), ...(account ? [shown(account)] : [])]);
  }

  /** The call with another account of the cloud, which needs no card. */
  private get account() {
    const call = this.phone?.accountCalls.value;
    return call?.over ? undefined : call;
  }

  private line(call: HandsetCall) {
    return isAccountCall(call) && this.phone ? this.phone.accountCalls : this.handset;
  }

  private get locked(): boolean {
    return this.phone?.windows.value.locked ?? true;
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const { ringing, current, other } = this.calls;
    const now = `${ringing?.id} ${current?.id} ${other?.id}`;
    if (changed.has('phone')) {
      this.follow(this.phone);
      this.phone?.people.look();
    }
    if (now === this.shownNow) return;
    this.shownNow = now;
    this.problem = this.typed = this.output = '';
    this.keypad &&= !ringing && current !== undefined;
    if (current?.id !== this.aside) this.aside = '';
    if (ringing && !current) this.tone.start();
    else this.tone.stop();
    clearInterval(this.timer);
    this.timer = current ? setInterval(() => this.requestUpdate(), TICK_MS) : undefined;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.over')?.focus());
  }

  override render() {
    const { ringing, current, other } = this.calls;
    if (ringing) return this.incoming(ringing, current);
    if (!current) return nothing;
    return this.aside === current.id ? this.pill(current) : this.during(current, other);
  }

  private incoming(call: HandsetCall, current: HandsetCall | undefined) {
    return html`<div class="over call" role="alertdialog" aria-modal="true" aria-label=${t('calls.incoming')} tabindex="-1">
      ${this.bar()}<div class="top"></div>${this.who(call, t(current ? 'calls.waiting' : 'calls.incoming'))}<span></span>
      <div class="hand">${this.said()}<div class="choice">
        ${this.act('phone', t('calls.decline'), () => this.line(call).hangUp(call.id), 'no')}
        ${this.act('phone', t('calls.answer'), () => this.line(call).answer(call.id), 'yes')}</div></div></div>`;
  }

  private during(call: HandsetCall, other: HandsetCall | undefined) {
    return html`<div class="over call" role="dialog" aria-modal="true" aria-label=${t('calls.call')} tabindex="-1">
      ${this.bar()}<div class="top"><button aria-label=${t('calls.aside')} @click=${() => (this.aside = call.id)}><pl-icon name="chevron-down"></pl-icon></button></div>
      <div class="who">${this.keypad ? nothing : this.avatar(call)}<h1>${this.nameOf(call)}</h1>
        ${this.keypad ? nothing : this.number(call)}<p class="state" role="timer">${this.stateOf(call)}</p>
        ${other ? html`<div class="other"><pl-icon name="pause"></pl-icon><span>${this.nameOf(other)}</span><small>${t('calls.held')}</small></div>` : nothing}</div>
      <span></span>
      <div class="hand">${this.said()}${this.keypad ? this.keys(call) : this.acts(call, other)}
        ${this.act('phone', t('calls.end'), () => this.line(call).hangUp(call.id), 'no end')}</div></div>`;
  }

  private acts(call: HandsetCall, other: HandsetCall | undefined) {
    const answered = call.state === 'active' || call.state === 'held';
    if (!answered) return nothing;
    const held = call.state === 'held';
    const swap = () => this.swap(call, other);
    const hold = other
      ? this.act('swap', t('calls.swap'), swap)
      : this.act(held ? 'play' : 'pause', held ? t('calls.resume') : t('calls.hold'), swap, '', held);
    const add = this.phone && !this.locked && !other ? [this.act('user-plus', t('calls.add'), this.add)] : [];
    const acts = isAccountCall(call)
      ? [...this.accountSounds(), hold]
      : [...this.sounds(call), this.act('keypad', t('calls.keypad'), this.openKeypad), hold, ...add];
    return html`<div class="acts" ?two=${acts.length === 2 || acts.length === 4}>${acts}</div>`;
  }

  /** Mute, and where the sound comes from: as far as the device has them. */
  private sounds(call: HandsetCall) {
    const { handset } = this;
    const { inputs = [], outputs = [], call: sound } = handset.sound.value ?? {};
    if (sound?.id !== call.id) return [];
    const { muted, output } = sound;
    const next = nextOutput(outputs, output);
    const kind = outputKind(outputs, output);
    const named = outputs.find(({ id }) => id === output)?.name;
    const now = kind ? t(OUTPUTS[kind]) : named || t('calls.sound');
    const mute = () => handset.soundOfCall(call.id, { muted: !muted });
    return [
      ...(inputs.length ? [this.act('mic-off', t('calls.mute'), mute, '', muted)] : []),
      ...(next ? [this.act('volume', now, () => handset.soundOfCall(call.id, { output: next.id }))] : []),
    ];
  }

  /** Of this call alone, whatever the device's microphone is. */
  private accountSounds() {
    const { account, phone, output } = this;
    const muted = account?.muted === true;
    const turn = async () => {
      this.output = (await phone?.accountCalls.nextOutput()) || t('calls.sound');
    };
    return [
      this.act('mic-off', t('calls.mute'), () => phone?.accountCalls.mute(!muted), '', muted),
      ...(canChooseOutput() ? [this.act('volume', output || t('calls.sound'), turn)] : []),
    ];
  }

  private keys(call: HandsetCall) {
    return html`<div class="keys"><output aria-live="polite">${this.typed}</output>
      <pl-dial-pad @key=${(event: CustomEvent<string>) => this.press(call, event.detail)}></pl-dial-pad>
      <button class="link" @click=${() => (this.keypad = false)}>${t('calls.hide-keypad')}</button></div>`;
  }

  private pill(call: HandsetCall) {
    return html`<button class="pill" aria-label=${t('calls.return')} @click=${() => (this.aside = '')}>
      <pl-icon name="phone"></pl-icon><span>${this.nameOf(call)}</span><time>${this.stateOf(call)}</time></button>`;
  }

  private bar() {
    return this.phone
      ? html`<pl-status-bar .phone=${this.phone} .clock=${true}></pl-status-bar>`
      : html`<span></span>`;
  }

  private who(call: HandsetCall, said: string) {
    return html`<div class="who">${this.avatar(call)}<h1>${this.nameOf(call)}</h1>${this.number(call)}<p class="state">${said}</p></div>`;
  }

  private avatar(call: HandsetCall) {
    const known = this.phone?.people.of(call.number);
    return html`<pl-avatar .person=${call.number} .name=${known?.name ?? ''} .photo=${known?.photo ?? ''}></pl-avatar>`;
  }

  /** Under a name; of two cards, which one is called. */
  private number(call: HandsetCall) {
    const modems = this.handset.telephony.value?.modems ?? [];
    const card = modems.length > 1 ? (modems.find((one) => one.card === call.card)?.label ?? '') : '';
    const number = this.phone?.people.of(call.number) ? call.number : '';
    const said = [number, card].filter(Boolean).join(' · ');
    return said ? html`<p class="number">${said}</p>` : nothing;
  }

  private nameOf({ number }: HandsetCall): string {
    return this.phone?.people.of(number)?.name || number || t('calls.private');
  }

  private stateOf(call: HandsetCall): string {
    const word = this.account && isAccountCall(call) ? wordOf(this.account) : '';
    if (word) return t(word);
    if (call.state === 'active') return timerText(Date.now() - call.answered);
    if (call.state === 'held') return t('calls.held');
    return call.state === 'dialing' ? t('calls.dialing') : t('calls.ringing');
  }

  private said() {
    return html`<p class="said" role="alert">${this.problem}</p>`;
  }

  private act(glyph: GlyphName, label: string, act: () => unknown, kind = '', pressed?: boolean) {
    return html`<button class="act ${kind}" aria-pressed=${pressed ?? nothing} @click=${() => void this.try(act)}><i><pl-icon name=${glyph}></pl-icon></i><span>${label}</span></button>`;
  }

  /** Two of one kind swap with each other; of two kinds the one that is taken up has the other held (turns.ts). */
  private swap(call: HandsetCall, other: HandsetCall | undefined): Promise<void> {
    const up = other && isAccountCall(other) !== isAccountCall(call) ? other : call;
    return this.line(up).swap(up.id);
  }

  private readonly openKeypad = (): void => {
    this.keypad = true;
  };

  private readonly add = (): void => {
    this.aside = this.calls.current?.id ?? '';
    this.phone?.open('phone', { view: 'pad' });
  };

  private press(call: HandsetCall, key: string): void {
    this.typed = (this.typed + key).slice(-MOST_KEYS);
    void this.try(() => this.handset.tones(call.id, key));
  }

  private async try(act: () => unknown): Promise<void> {
    this.problem = '';
    try {
      await act();
    } catch (error) {
      this.problem = words(error);
    }
  }

  /** Before the phone hears of it: what is under the call has no keys now. */
  private key(event: KeyboardEvent): boolean {
    const { ringing, current } = this.calls;
    if (ringing || !current || this.aside === current.id) return false;
    if (event.key === 'Escape' && this.keypad) this.keypad = false;
    else if (event.key === 'Escape') this.aside = current.id;
    else if (this.keypad && KEY.test(event.key) && !event.ctrlKey && !event.metaKey)
      this.press(current, event.key);
    else return false;
    return true;
  }
}
customElements.define('pl-calls', PlCalls);

function canChooseOutput(): boolean {
  return 'setSinkId' in HTMLMediaElement.prototype;
}
