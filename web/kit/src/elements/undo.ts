/** Says what was done and offers to take it back, for some seconds. Fires `undo`, and `over` when the time is. */

import { css, html, LitElement, type PropertyValues } from 'lit';
import { property } from 'lit/decorators.js';
import { t, Words } from '../i18n/index.ts';

const UNDO_MS = 8000;

export class PlUndo extends LitElement {
  static override styles = css`
    div { position: fixed; left: 50%; bottom: 84px; transform: translateX(-50%); display: flex; align-items: center; gap: 16px; width: max-content; max-width: calc(100% - 40px); z-index: 4; box-sizing: border-box;
      padding: 4px 8px 4px 20px; border-radius: var(--pl-radius-card); background: var(--pl-ink); color: var(--pl-surface); font: 400 14px/1.4 var(--pl-font); }
    :host([high]) div { bottom: 152px; }
    :host([low]) div { bottom: 24px; }
    @media (min-width: 720px) { :host([high]) div { bottom: 108px; } }
    button { all: unset; min-height: 44px; padding: 0 12px; font-weight: 600; cursor: pointer; white-space: nowrap; }
    button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
  `;
  @property() said = '';
  /** Another one begins the time anew. */
  @property({ attribute: false }) of: unknown;
  /** Over a note at the bottom, which it would cover. */
  @property({ type: Boolean, reflect: true }) high = false;
  /** Where nothing stands at the bottom. */
  @property({ type: Boolean, reflect: true }) low = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    new Words(this);
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('of') && this.timer !== undefined) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.dispatchEvent(new CustomEvent('over')), UNDO_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  override render() {
    return html`<div role="status"><span>${this.said}</span><button @click=${() => this.dispatchEvent(new CustomEvent('undo'))}>${t('action.undo')}</button></div>`;
  }
}
customElements.define('pl-undo', PlUndo);
