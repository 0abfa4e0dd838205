/** The dial pad: a number or somebody's name by its letters, and with which card it is called. Fires `dial`. */

import { t, Words } from '@pileus/kit';
import '@pileus/kit/elements/dial-pad.ts';
import type { Contact } from '@pileus/kit/people/contact.ts';
import { rows } from '@pileus/kit/people/rows.ts';
import type { Telephony } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property } from 'lit/decorators.js';
import { typed } from './dialling.ts';
import { t9Find } from './t9.ts';

const SHOWN = 20;

export interface Wish {
  number: string;
  card: string;
}

export class PhonePad extends LitElement {
  static override styles = [
    rows,
    css`
    :host { display: grid; grid-template-rows: minmax(0, 1fr) auto auto auto; justify-items: center; gap: clamp(6px, 1.4vh, 14px); min-height: 0; padding-bottom: clamp(12px, 3.4vh, 36px); box-sizing: border-box; }
    .list { width: 100%; box-sizing: border-box; align-self: stretch; padding-bottom: 8px; }
    .row { min-height: 60px; }
    .row:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
    .last { grid-area: 2 / 2 / auto / -1; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); font-variant-numeric: tabular-nums; }
    output { min-height: 44px; max-width: calc(100% - 40px); overflow: hidden; white-space: nowrap; display: flex; justify-content: flex-end; font: 400 32px/44px var(--pl-font); letter-spacing: 0.02em; font-variant-numeric: tabular-nums; }
    output[long] { font-size: 22px; }
    pl-dial-pad { --pl-key: var(--pl-card); }
    .go { display: grid; grid-template-columns: repeat(3, clamp(52px, 9.2vh, 76px)); gap: clamp(18px, 6vw, 30px); align-items: center; justify-items: center; }
    .go button { all: unset; width: 100%; aspect-ratio: 1; border-radius: 50%; display: grid; place-items: center; cursor: pointer; color: var(--pl-ink-soft); }
    .go button:active { background: var(--pl-pressed); }
    .go button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
    .go button[disabled] { visibility: hidden; }
    .go pl-icon { width: 26px; height: 26px; }
    .call pl-icon { --pl-glyph-fill: currentColor; }
    .go .call { background: #1b8a50; color: #fdfeff; } .go .call:active { background: #147041; }
    .two { display: flex; gap: 10px; width: min(100% - 32px, 390px); }
    .two button { width: 56px; height: 56px; aspect-ratio: auto; flex: none; }
    .two .call { min-width: 0; border-radius: 28px; padding: 0 14px; display: flex; gap: 6px; align-items: center; justify-content: center; font: 600 14px/1.2 var(--pl-font); box-sizing: border-box; flex: 1; margin: clamp(0px, 0.8vh, 8px) 0; }
    .two span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .two pl-icon { width: 18px; height: 18px; flex: none; }
    @media (max-height: 640px) { .list { max-height: 25vh; } }
  `,
  ];
  @property({ attribute: false }) contacts: readonly Contact[] = [];
  @property({ attribute: false }) cards: Telephony['cards'] = [];
  /** What is called again where nothing is typed. */
  @property() last = '';
  @property() number = '';

  constructor() {
    super();
    new Words(this);
  }

  override render() {
    const found = t9Find(this.contacts, this.number, SHOWN);
    return html`<div class="list">${
      found.length > 0
        ? html`<div class="card" role="group" aria-label=${t('phone.found')}>${found.map(
            ({ contact, number }) => html`<button class="row" @click=${() => this.dial(number, '')}>
              <pl-avatar .person=${contact.id} .name=${contact.name} .photo=${contact.photo}></pl-avatar><span class="name">${contact.name}</span><span class="last">${number}</span></button>`,
          )}</div>`
        : nothing
    }</div>
    <output aria-live="polite" aria-label=${t('phone.number')} ?long=${this.number.length > 14}>${this.number}</output>
    <pl-dial-pad plus @key=${(event: CustomEvent<string>) => this.change(typed(this.number, event.detail))}></pl-dial-pad>
    <div class=${this.two ? 'go two' : 'go'}>${this.buttons()}
      <button aria-label=${t('phone.erase')} ?disabled=${!this.number} @click=${() => this.change(this.number.slice(0, -1))} @contextmenu=${this.clear}><pl-icon name="delete"></pl-icon></button></div>`;
  }

  private buttons() {
    const call = (label: string, card: string, shown: unknown) =>
      html`<button class="call" aria-label=${label} @click=${() => this.go(card)}><pl-icon name="phone"></pl-icon>${shown}</button>`;
    if (!this.two) return html`<span></span>${call(t('phone.call'), '', nothing)}`;
    return this.cards.slice(0, 2).map(({ card, label }, at) => {
      const name = label || `SIM ${at + 1}`;
      return call(t('phone.call-with', { card: name }), card, html`<span>${name}</span>`);
    });
  }

  /** Which of two cards calls is asked with each number. */
  private get two(): boolean {
    return this.cards.length > 1 && this.number !== '';
  }

  /** The first press of an empty pad brings back whom it called last. */
  go(card: string): void {
    if (this.number) this.dial(this.number, card);
    else if (this.last) this.change(this.last);
  }

  private dial(number: string, card: string): void {
    this.dispatchEvent(new CustomEvent<Wish>('dial', { detail: { number, card } }));
  }

  private change(number: string): void {
    this.dispatchEvent(new CustomEvent('typed', { detail: number }));
  }

  private readonly clear = (event: Event): void => {
    event.preventDefault();
    this.change('');
  };
}
customElements.define('phone-pad', PhonePad);
