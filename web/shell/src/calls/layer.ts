import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import type { Handset } from '../handset/handset.ts';
import type { Phone } from '../phone/model.ts';
import { Watch } from '../store.ts';
import { endOf } from './accounts/states.ts';
import './call-ended.ts';
import './calls.ts';
import './emergency.ts';
import { canCall, lockedModem } from './rules.ts';
import './sim.ts';

/** What a handset lays over the phone, signed in or not: a card's code, the emergency pad, calls; the last on top. */
export class PlHandsetLayer extends LitElement {
  static override styles = css`
    :host { position: absolute; inset: 0; z-index: 800; pointer-events: none; border-radius: inherit; overflow: hidden; }
    :host > * { pointer-events: auto; }
    pl-sim, pl-emergency, pl-call-ended { position: absolute; inset: 0; }
    button { all: unset; position: absolute; top: 8px; right: 16px; min-height: 44px; padding: 0 14px; border-radius: 22px; cursor: pointer;
      color: #fdfeff; text-shadow: 0 1px 8px #0a162d73; font: 600 14px/44px var(--pl-font); }
    button:focus-visible { outline: 2px solid #fdfeff; }
  `;
  @property({ attribute: false }) handset!: Handset;
  @property({ attribute: false }) phone?: Phone;
  @state() private putOff: ReadonlySet<string> = new Set();
  private watching?: Watch;
  private off: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    this.watching ??= new Watch(this, [this.handset.telephony, this.handset.emergency, this.handset.ended]);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.off?.();
    this.off = undefined;
  }

  /** Who is signed in may be another one. */
  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    // What ended before another call, or beside it, is not said once that one is over, too.
    const account = this.phone?.accountCalls;
    if (this.speaks) this.handset.ended.set(undefined);
    else if (account?.value && this.handset.telephony.value?.calls.length)
      void account.hangUp(account.value.key);
    if (!changed.has('phone')) return;
    this.off?.();
    this.off = this.phone?.accountCalls.watch(() => this.requestUpdate());
  }

  /** There is a call with an account. */
  private get speaks(): boolean {
    const call = this.phone?.accountCalls.value;
    return call !== undefined && !call.over;
  }

  /** The call that ended last, where no other goes on. */
  private get ended() {
    if (this.speaks || this.handset.telephony.value?.calls.length) return undefined;
    const account = this.phone?.accountCalls.value;
    return this.handset.ended.value ?? (account && endOf(account));
  }

  override render() {
    const telephony = this.handset.telephony.value;
    const modem = lockedModem(telephony, this.putOff);
    const calls = canCall(telephony);
    const { ended } = this;
    return html`${!this.phone && calls ? html`<button @click=${() => this.handset.emergency.set(true)}>${t('calls.emergency')}</button>` : nothing}
      ${modem ? html`<pl-sim .handset=${this.handset} .modem=${modem} @skip=${() => (this.putOff = new Set([...this.putOff, `${modem.id} ${modem.lock}`]))}></pl-sim>` : nothing}
      ${this.handset.emergency.value && calls ? html`<pl-emergency .handset=${this.handset}></pl-emergency>` : nothing}
      ${telephony?.calls.length || this.speaks ? html`<pl-calls .handset=${this.handset} .phone=${this.phone}></pl-calls>` : nothing}
      ${ended ? keyed(ended.call.id, html`<pl-call-ended .handset=${this.handset} .phone=${this.phone} .ended=${ended}></pl-call-ended>`) : nothing}`;
  }
}
customElements.define('pl-handset-layer', PlHandsetLayer);
