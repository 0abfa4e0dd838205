import { css, html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import type { Handset } from '../handset/handset.ts';
import type { Modem } from '../handset/states.ts';
import '../lock/pad.ts';
import type { PlPinPad } from '../lock/pad.ts';
import { Problem, words } from '../session/problem.ts';
import { overStyles } from './calls.css.ts';
import { PageKeys } from './keys.ts';

/** Of 3GPP TS 31.101 §9.5: a PIN has four to eight digits, a PUK eight. */
const SHORTEST = 4;
const LONGEST = 8;

/** Asks for the code of a card that is locked. Fires `skip`. */
export class PlSim extends LitElement {
  static override styles = [
    overStyles,
    css`
    .over { place-content: center; justify-items: center; gap: clamp(10px, 2.4vh, 22px); padding-top: 44px; }
    .links { display: flex; flex-wrap: wrap; justify-content: center; gap: 4px; }
    .lead { max-width: 320px; text-wrap: balance; }
  `,
  ];
  @property({ attribute: false }) handset!: Handset;
  @property({ attribute: false }) modem!: Modem;
  @state() private puk = '';
  @state() private first = '';
  @state() private said = '';
  @state() private wrong: '' | 'sim.wrong-pin' | 'sim.wrong-puk' = '';
  @state() private busy = false;
  @query('pl-pin-pad') private pad!: PlPinPad;

  constructor() {
    super();
    new Words(this);
    new PageKeys(this, ({ key }) => !this.handset.emergency.value && !!this.pad?.press(key));
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>('.over')?.focus();
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const before = changed.get('modem') as Modem | undefined;
    if (before && (before.id !== this.modem.id || before.lock !== this.modem.lock)) {
      this.puk = this.first = '';
      this.said = this.wrong = '';
    }
  }

  override render() {
    const { label, operator, lock } = this.modem;
    const blocked = lock === 'sim-puk';
    const heading = !blocked
      ? t('sim.pin')
      : !this.puk
        ? t('sim.puk')
        : t(this.first ? 'sim.new-again' : 'sim.new-pin');
    const wantsPuk = blocked && !this.puk;
    return html`<div class="over" role="dialog" aria-modal="true" aria-label=${heading} tabindex="-1">
      ${blocked ? html`<p class="lead">${t('sim.blocked')}</p>` : nothing}
      <pl-pin-pad .heading=${heading} .said=${this.said || [this.wrong && t(this.wrong), this.left()].filter(Boolean).join(' ')} .shortest=${wantsPuk ? LONGEST : SHORTEST} .longest=${LONGEST} ?busy=${this.busy}
        @pin=${(event: CustomEvent<string>) => void this.typed(event.detail)}></pl-pin-pad>
      ${label || operator ? html`<p>${label || operator}</p>` : nothing}
      <div class="links"><button class="link" id="skip" @click=${this.skip}>${t('sim.skip')}</button>
        ${this.modem.calls ? html`<button class="link" @click=${() => this.handset.emergency.set(true)}>${t('calls.emergency')}</button>` : nothing}</div></div>`;
  }

  /** How often it can be tried: said from the start where that is not often. */
  private left(): string {
    const left = this.modem.tries[this.modem.lock];
    const full = this.modem.lock === 'sim-pin' ? 3 : 10;
    return left !== undefined && left < full ? t('sim.left', { count: left }) : '';
  }

  private async typed(code: string): Promise<void> {
    this.said = this.wrong = '';
    this.pad.clear();
    if (this.modem.lock === 'sim-pin') return this.unlock(code);
    if (!this.puk) this.puk = code;
    else if (!this.first) this.first = code;
    else if (this.first !== code) {
      this.first = '';
      this.said = t('pin.different');
    } else await this.unlock(code, this.puk);
  }

  private async unlock(pin: string, puk = ''): Promise<void> {
    this.busy = true;
    try {
      await this.handset.unlock(this.modem.id, pin, puk);
    } catch (error) {
      this.puk = this.first = '';
      const wrong = error instanceof Problem && error.code === 'sim-wrong-pin';
      if (wrong) this.wrong = puk ? 'sim.wrong-puk' : 'sim.wrong-pin';
      else this.said = words(error);
    } finally {
      this.busy = false;
    }
  }

  private readonly skip = (): void => {
    this.dispatchEvent(new CustomEvent('skip'));
  };
}
customElements.define('pl-sim', PlSim);
