/** Whom the owner blocked, to see, to undo, and to add a number. Fires `block` and `unblock` with an address. */

import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import '../elements/avatar.ts';
import '../elements/button.ts';
import '../elements/empty.ts';
import '../elements/icon.ts';
import { t, Words } from '../i18n/index.ts';
import type { AddressBook } from '../people/contact.ts';
import { rows } from '../people/rows.ts';
import { BlockList, mayBlock } from './blocks.ts';

/** What the list is called. */
export function blocksTitle(): string {
  return t('blocks.title');
}

/** What was done, of somebody by name or number. */
export function blockedWords(on: boolean, who: string): string {
  return t(on ? 'blocks.blocked' : 'blocks.unblocked', { who });
}

export class PlBlockList extends LitElement {
  static override styles = [
    rows,
    css`
    :host { display: flex; flex-direction: column; flex: 1; min-height: 0; }
    .said { margin: 0 var(--pl-side) 12px; font: 400 14px/1.45 var(--pl-font); color: var(--pl-ink-soft); flex: none; }
    form { display: flex; gap: 8px; margin: 0 var(--pl-side) 12px; flex: none; }
    input { all: unset; flex: 1; min-width: 0; height: 48px; padding: 0 16px; border-radius: var(--pl-radius); background: var(--pl-sunken); color: var(--pl-ink); font: 400 16px var(--pl-font); }
    input:focus-visible { outline: 2px solid var(--pl-accent); }
    input::placeholder { color: var(--pl-ink-soft); opacity: 1; }
    .bad { margin: -4px var(--pl-side) 12px; color: var(--pl-red); font: 500 14px/1.4 var(--pl-font); }
    .row { min-height: 64px; cursor: default; } .row:active { background: none; }
    .number { grid-area: 2 / 2; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); font-variant-numeric: tabular-nums; }
    .alone { grid-row: 1 / 3; }
    .row button { all: unset; grid-area: 1 / 3 / 3; min-height: 44px; padding: 0 12px; margin-right: -8px; border-radius: 22px; color: var(--pl-link); font: 500 14px/44px var(--pl-font); cursor: pointer; }
    .row button:active { background: var(--pl-pressed); } button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  `,
  ];
  @property({ attribute: false }) book!: AddressBook;
  @property({ attribute: false }) list = new BlockList();
  @state() private typed = '';
  @state() private refused = false;

  constructor() {
    super();
    new Words(this);
  }

  override render() {
    const { blocks } = this.list;
    return html`<p class="said">${t('blocks.hint')}</p>
      <form @submit=${this.add}><input name="address" autocomplete="off" autocapitalize="off" maxlength="80" .value=${this.typed} placeholder=${t('blocks.number')} aria-label=${t('blocks.number')}
        @input=${this.type}><pl-button kind="primary" ?disabled=${!this.typed.trim()} @click=${() => this.renderRoot.querySelector('form')!.requestSubmit()}>${t('blocks.block')}</pl-button></form>
      ${this.refused ? html`<p class="bad" role="alert">${t('problem.block-emergency')}</p>` : nothing}
      <div class="list">${
        blocks.length === 0
          ? html`<pl-empty glyph="ban" text=${t('blocks.none')}></pl-empty>`
          : html`<div class="card" role="list">${blocks.map(({ address }) => this.row(address))}</div>`
      }</div>`;
  }

  private row(address: string) {
    const known = this.book.of(address);
    return html`<div class="row" role="listitem"><pl-avatar .person=${address} .name=${known?.name ?? ''} .photo=${known?.photo ?? ''}></pl-avatar>
      <span class="name ${known ? '' : 'alone'}">${known?.name ?? address}</span>${known ? html`<span class="number">${address}</span>` : nothing}
      <button aria-label=${t('blocks.unblock-who', { who: known?.name ?? address })} @click=${() => this.tell('unblock', address)}>${t('blocks.unblock')}</button></div>`;
  }

  private readonly type = (event: Event): void => {
    this.typed = (event.target as HTMLInputElement).value;
    this.refused = false;
  };

  private readonly add = (event: Event): void => {
    event.preventDefault();
    const address = this.typed.trim();
    if (!address) return;
    this.refused = !mayBlock(address);
    if (this.refused) return;
    this.tell('block', address);
    this.typed = '';
  };

  private tell(what: 'block' | 'unblock', address: string): void {
    this.dispatchEvent(new CustomEvent<string>(what, { detail: address }));
  }
}
customElements.define('pl-block-list', PlBlockList);
