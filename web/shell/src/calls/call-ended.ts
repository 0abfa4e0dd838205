import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/avatar.ts';
import '../../../kit/src/elements/icon.ts';
import type { GlyphName } from '../../../kit/src/icons/glyphs.ts';
import type { Handset } from '../handset/handset.ts';
import type { Phone } from '../phone/model.ts';
import { isAccountCall } from './accounts/states.ts';
import { callStyles, overStyles } from './calls.css.ts';
import type { Ended, Ending } from './ended.ts';
import { PageKeys } from './keys.ts';
import type { Known } from './people.ts';
import { timerText } from './rules.ts';

const SHOWN_MS = 5000;
const SAID: Readonly<Record<Ending, string>> = {
  ended: 'calls.over-ended',
  busy: 'calls.over-busy',
  taken: 'calls.over-taken',
  declined: 'calls.over-declined',
  failed: 'calls.over-failed',
  lost: 'calls.over-lost',
  unanswered: 'calls.over-unanswered',
};

/** For a short while after a call: how it ended, how long it took, and what may follow. Any press closes it. */
export class PlCallEnded extends LitElement {
  static override styles = [
    overStyles,
    callStyles,
    css`
    .call { cursor: default; }
    .choice { max-width: 320px; justify-self: center; }
  `,
  ];
  @property({ attribute: false }) handset!: Handset;
  @property({ attribute: false }) phone?: Phone;
  @property({ attribute: false }) ended!: Ended;
  /** Found by itself: what the calls knew of people goes with the last call. */
  @state() private known: Known | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    new PageKeys(this, (event) => this.key(event));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    this.timer = setTimeout(this.close, SHOWN_MS);
    void this.phone?.people.find(this.ended.call.number).then((known) => {
      this.known = known;
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>('.over')?.focus();
  }

  override render() {
    const { call, ms, ending } = this.ended;
    const { known } = this;
    const long = ms > 0 ? ` · ${timerText(ms)}` : '';
    return html`<div class="over call" role="dialog" aria-label=${t('calls.over')} tabindex="-1" @click=${this.close}>
      <span></span><div class="top"></div>
      <div class="who"><pl-avatar .person=${call.number} .name=${known?.name ?? ''} .photo=${known?.photo ?? ''}></pl-avatar>
        <h1>${known?.name || call.number || t('calls.private')}</h1>${known ? html`<p class="number">${call.number}</p>` : nothing}
        <p class="state" role="status">${t(SAID[ending])}${long}</p></div><span></span>
      ${this.acts(call.number, call.card)}</div>`;
  }

  /** Behind a lock nobody but emergency services is called, and nothing is written. */
  private acts(number: string, card: string) {
    if (!number || !this.phone || this.phone.windows.value.locked) return nothing;
    const message = () => this.phone!.open('messages', { view: 'write', address: number });
    const again = () => this.again(number, card);
    return html`<div class="choice">${this.act('message-circle', t('calls.message'), message)}${this.act('phone', t('calls.again'), again, 'yes')}</div>`;
  }

  /** What is in the way is said where it is dialled. */
  private async again(number: string, card: string): Promise<void> {
    const account = isAccountCall(this.ended.call);
    try {
      if (account) await this.phone?.accountCalls.dial(number);
      else await this.handset.dial(number, card);
    } catch {
      this.phone?.open('phone', { view: account ? 'calls' : 'pad', number });
    }
  }

  private act(glyph: GlyphName, label: string, act: () => unknown, kind = '') {
    return html`<button class="act ${kind}" @click=${() => void act()}><i><pl-icon name=${glyph}></pl-icon></i><span>${label}</span></button>`;
  }

  private readonly close = (): void => {
    const { call } = this.ended;
    if (isAccountCall(call)) void this.phone?.accountCalls.hangUp(call.id);
    else this.handset.ended.set(undefined);
  };

  private key(event: KeyboardEvent): boolean {
    if (event.key !== 'Escape') return false;
    this.close();
    return true;
  }
}
customElements.define('pl-call-ended', PlCallEnded);
