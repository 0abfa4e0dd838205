/** What the network says to a code such as *100#, and what it asks. Fires `answer` with a text, and `done`. */

import { t, Words } from '@pileus/kit';
import { css, html, LitElement, nothing } from 'lit';
import { property } from 'lit/decorators.js';

export class PhoneCode extends LitElement {
  static override styles = css`
    :host { position: fixed; inset: 0; z-index: 5; display: grid; place-items: end center; padding: 16px; background: #0a162d73; }
    form { width: 100%; max-width: 420px; box-sizing: border-box; padding: 24px 20px 20px; border-radius: 28px; background: var(--pl-card); display: grid; gap: 14px; }
    p { margin: 0; font: 400 16px/1.5 var(--pl-font); white-space: pre-line; overflow-wrap: anywhere; max-height: 40vh; overflow: auto; }
    .wait { color: var(--pl-ink-soft); }
    input { all: unset; height: 48px; padding: 0 16px; border-radius: var(--pl-radius); background: var(--pl-sunken); font: 400 16px var(--pl-font); }
    input:focus-visible { outline: 2px solid var(--pl-accent); }
    div { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 10px; }
    @media (min-width: 720px) { :host { place-items: center; } }
  `;
  @property() said = '';
  @property({ type: Boolean }) asks = false;
  @property({ type: Boolean }) busy = false;

  constructor() {
    super();
    new Words(this);
  }

  override render() {
    return html`<form role="dialog" aria-modal="true" aria-label=${t('phone.network')} @submit=${this.send}>
      <p class=${this.busy ? 'wait' : ''} role="status">${this.busy ? t('phone.asking') : this.said}</p>
      ${this.asks ? html`<input name="answer" autocomplete="off" aria-label=${t('phone.answer')} placeholder=${t('phone.answer')} maxlength="182">` : nothing}
      <div><pl-button id="close" @click=${() => this.dispatchEvent(new CustomEvent('done'))}>${t('action.close')}</pl-button>
        ${this.asks ? html`<pl-button kind="primary" ?busy=${this.busy} @click=${() => this.renderRoot.querySelector('form')!.requestSubmit()}>${t('phone.send')}</pl-button>` : nothing}</div></form>`;
  }

  private readonly send = (event: Event): void => {
    event.preventDefault();
    const answer = this.renderRoot.querySelector('input')?.value.trim();
    if (answer) this.dispatchEvent(new CustomEvent('answer', { detail: answer }));
  };
}
customElements.define('phone-code', PhoneCode);
