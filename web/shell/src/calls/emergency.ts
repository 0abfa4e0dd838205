import { css, html, LitElement } from 'lit';
import { property, state } from 'lit/decorators.js';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/dial-pad.ts';
import '../../../kit/src/elements/icon.ts';
import type { Handset } from '../handset/handset.ts';
import { words } from '../session/problem.ts';
import { overStyles } from './calls.css.ts';
import { PageKeys } from './keys.ts';
import { isEmergency } from './rules.ts';

const MOST = 15;

/** A dial pad that calls emergency numbers alone, also on a phone that is locked or that nobody is signed in on. */
export class PlEmergency extends LitElement {
  static override styles = [
    overStyles,
    css`
    .over { grid-template-rows: minmax(56px, 1fr) auto auto auto auto minmax(8px, 1fr); justify-items: center; align-items: center; gap: clamp(8px, 2vh, 18px); background: linear-gradient(168deg, #6d2735, #3d1a2a 46%, #1b1020); }
    h1 { font-size: 22px; align-self: end; }
    output { min-height: 44px; font: 300 36px/44px var(--pl-font); letter-spacing: 0.04em; font-variant-numeric: tabular-nums; }
    .row { display: grid; grid-template-columns: repeat(3, clamp(52px, 9.2vh, 76px)); gap: clamp(18px, 6vw, 30px); align-items: center; justify-items: center; }
    .row button { width: 100%; aspect-ratio: 1; border-radius: 50%; display: grid; place-items: center; }
    .row pl-icon { width: 26px; height: 26px; } #call pl-icon { --pl-glyph-fill: currentColor; }
    #call { background: #1b9a58; } #call:active { background: #147844; }
    button[disabled] { opacity: 0.45; cursor: default; }
    .said { max-width: 320px; }
  `,
  ];
  @property({ attribute: false }) handset!: Handset;
  @state() private number = '';
  @state() private said = '';
  @state() private busy = false;

  constructor() {
    super();
    new Words(this);
    new PageKeys(this, (event) => this.key(event));
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>('.over')?.focus();
  }

  override render() {
    return html`<div class="over" role="dialog" aria-modal="true" aria-label=${t('calls.emergency')} tabindex="-1">
      <h1>${t('calls.emergency')}</h1>
      <output aria-live="polite">${this.number}</output>
      <p class="said" role="alert">${this.said}</p>
      <pl-dial-pad @key=${(event: CustomEvent<string>) => this.type(event.detail)}></pl-dial-pad>
      <div class="row"><button id="cancel" aria-label=${t('lock.cancel')} @click=${this.done}><pl-icon name="x"></pl-icon></button>
        <button id="call" aria-label=${t('calls.call-now')} ?disabled=${this.busy || !this.number} @click=${this.call}><pl-icon name="phone"></pl-icon></button>
        <button aria-label=${t('lock.erase')} ?disabled=${!this.number} @click=${this.erase}><pl-icon name="delete"></pl-icon></button></div>
      <span></span></div>`;
  }

  private type(key: string): void {
    this.said = '';
    if (this.number.length < MOST) this.number += key;
  }

  private readonly erase = (): void => {
    this.said = '';
    this.number = this.number.slice(0, -1);
  };

  private readonly call = async (): Promise<void> => {
    if (!isEmergency(this.number, this.handset.telephony.value?.emergency)) {
      this.said = t('calls.emergency-alone');
      return;
    }
    this.busy = true;
    try {
      await this.handset.dial(this.number);
      this.done();
    } catch (error) {
      this.said = words(error);
    } finally {
      this.busy = false;
    }
  };

  private readonly done = (): void => this.handset.emergency.set(false);

  private key(event: KeyboardEvent): boolean {
    if (/^[0-9*#]$/.test(event.key)) this.type(event.key);
    else if (event.key === 'Backspace') this.erase();
    else if (event.key === 'Escape') this.done();
    // A button that has the focus is pressed by it.
    else if (event.key === 'Enter' && !(event.composedPath()[0] instanceof HTMLButtonElement))
      void this.call();
    else return false;
    return true;
  }
}
customElements.define('pl-emergency', PlEmergency);
