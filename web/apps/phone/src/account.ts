/** Whom to call by the name of an account of this cloud. Fires `dial`. */

import { t, Words } from '@pileus/kit';
import { css, html, LitElement } from 'lit';
import { property, state } from 'lit/decorators.js';
import { accountTyped } from './dialling.ts';
import type { Wish } from './pad.ts';

export class PhoneAccount extends LitElement {
  static override styles = css`
    form { display: flex; align-items: center; gap: 8px; margin: 0 var(--pl-side) 12px; padding: 4px 4px 4px 16px; border-radius: 28px; background: var(--pl-card); }
    form:focus-within { outline: 2px solid var(--pl-accent); }
    input { all: unset; flex: 1; min-width: 0; min-height: 44px; font: 400 16px/1.4 var(--pl-font); color: var(--pl-ink); }
    input::placeholder { color: var(--pl-ink-soft); opacity: 1; }
    button { all: unset; width: 44px; height: 44px; border-radius: 50%; display: grid; place-items: center; cursor: pointer; background: #1b8a50; color: #fdfeff; }
    button:active { background: #147041; } button[disabled] { background: none; color: var(--pl-ink-soft); cursor: default; }
    button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
    pl-icon { width: 20px; height: 20px; --pl-glyph-fill: currentColor; }
  `;
  /** Whom to call, from elsewhere; it is typed already then. */
  @property() wish = '';
  @state() private name = '';

  constructor() {
    super();
    new Words(this);
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('wish') && this.wish) this.name = this.wish;
  }

  override render() {
    return html`<form @submit=${this.go}><input aria-label=${t('phone.account')} placeholder=${t('phone.account')} .value=${this.name} autocomplete="off" autocapitalize="none" spellcheck="false" enterkeyhint="go" maxlength="64"
        @input=${(event: InputEvent) => (this.name = (event.target as HTMLInputElement).value)} />
      <button aria-label=${t('phone.call')} ?disabled=${!accountTyped(this.name)}><pl-icon name="phone"></pl-icon></button></form>`;
  }

  private readonly go = (event: Event): void => {
    event.preventDefault();
    const number = accountTyped(this.name);
    if (number) this.dispatchEvent(new CustomEvent<Wish>('dial', { detail: { number, card: '' } }));
  };
}
customElements.define('phone-account', PhoneAccount);
