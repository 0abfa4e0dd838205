import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/icon.ts';
import { LONGEST, SHORTEST } from './pin.ts';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** Round keys for a PIN, on whatever is behind them. Fires `pin` with the digits. */
export class PlPinPad extends LitElement {
  static override styles = css`
    :host { display: grid; justify-items: center; gap: clamp(10px, 2vh, 20px); color: #fdfeff; }
    :host(:focus-visible) { outline: none; }
    h2 { font: 500 20px/1.3 var(--pl-font); margin: 0; text-shadow: 0 1px 12px #0a162d59; }
    .dots { display: flex; gap: 14px; height: 14px; align-items: center; }
    .dots i { width: 12px; height: 12px; border-radius: 50%; box-shadow: inset 0 0 0 1.5px #fdfeff; }
    .dots i[on] { background: #fdfeff; }
    .said { min-height: 20px; margin: 0; font: 500 14px/20px var(--pl-font); text-align: center; text-shadow: 0 1px 8px #0a162d59; }
    .keys { display: grid; grid-template-columns: repeat(3, clamp(56px, 9vh, 76px)); gap: clamp(10px, 1.8vh, 18px) clamp(18px, 5vw, 28px); }
    button { all: unset; box-sizing: border-box; width: 100%; aspect-ratio: 1; border-radius: 50%; display: grid; place-items: center;
      font: 400 28px/1 var(--pl-font); font-variant-numeric: tabular-nums; cursor: pointer; user-select: none; touch-action: manipulation;
      background: #fdfeff2e; backdrop-filter: blur(16px); transition: background 120ms; }
    button:active { background: #fdfeff73; }
    button:focus-visible { outline: 2px solid #fdfeff; outline-offset: 2px; }
    button[disabled] { opacity: 0.45; cursor: default; }
    .plain { background: none; backdrop-filter: none; }
    pl-icon { width: 26px; height: 26px; }
    @media (prefers-reduced-motion: reduce) { button { transition: none; } }
  `;
  @property() said = '';
  /** What is asked for, where it is not the phone's own PIN. */
  @property() heading = '';
  @property({ type: Number }) shortest = SHORTEST;
  @property({ type: Number }) longest = LONGEST;
  @property({ type: Boolean }) busy = false;
  /** No try counts now. */
  @property({ type: Boolean }) shut = false;
  @state() private pin = '';

  constructor() {
    super();
    new Words(this);
  }

  /** Empties it, after a try. */
  clear(): void {
    this.pin = '';
  }

  /** A key of a keyboard; true where it was one of the pad's. */
  press(key: string): boolean {
    if (/^\d$/.test(key)) this.type(key);
    else if (key === 'Backspace') this.erase();
    else if (key === 'Enter') this.done();
    else return false;
    return true;
  }

  override render() {
    const places = Math.max(this.shortest, this.pin.length);
    const off = this.busy || this.shut;
    return html`<h2>${this.heading || t('lock.pin')}</h2>
      <div class="dots" role="status" aria-label=${t('lock.typed', { count: this.pin.length })}>
        ${Array.from({ length: places }, (_, at) => html`<i ?on=${at < this.pin.length}></i>`)}</div>
      <p class="said" role="alert">${this.said || nothing}</p>
      <div class="keys">
        ${DIGITS.map((digit) => html`<button type="button" ?disabled=${off} @click=${() => this.type(digit)}>${digit}</button>`)}
        <button type="button" class="plain" aria-label=${t('lock.erase')} ?disabled=${off || !this.pin} @click=${this.erase}><pl-icon name="delete"></pl-icon></button>
        <button type="button" ?disabled=${off} @click=${() => this.type('0')}>0</button>
        <button type="button" class="plain" id="done" aria-label=${t('lock.done')} ?disabled=${off || this.pin.length < this.shortest} @click=${this.done}><pl-icon name="check"></pl-icon></button>
      </div>`;
  }

  private type(digit: string): void {
    if (!this.busy && !this.shut && this.pin.length < this.longest) this.pin += digit;
  }

  private erase = (): void => {
    this.pin = this.pin.slice(0, -1);
  };

  private done = (): void => {
    if (this.busy || this.shut || this.pin.length < this.shortest) return;
    this.dispatchEvent(new CustomEvent('pin', { detail: this.pin }));
  };
}
customElements.define('pl-pin-pad', PlPinPad);
