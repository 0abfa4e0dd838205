import { css, html, LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import type { GlyphName } from '../icons/glyphs.ts';
import './icon.ts';

/** An empty or failed state: a small drawing, one sentence, one action in the slot. */
export class PlEmpty extends LitElement {
  static override styles = css`
    :host { display: grid; grid-template-columns: minmax(0, 1fr); justify-items: center; align-content: center; gap: 16px; padding: 32px var(--pl-side);
      text-align: center; color: var(--pl-ink-soft); font: 400 16px/var(--pl-line) var(--pl-font); }
    .drawing { width: 88px; height: 88px; border-radius: 50%; display: grid; place-items: center;
      background: var(--pl-sunken); color: var(--pl-link); }
    .drawing pl-icon { width: 36px; height: 36px; }
    p { margin: 0; max-width: 32ch; text-wrap: balance; }
  `;
  @property() glyph: GlyphName = 'cloud';
  @property() text = '';

  override render() {
    return html`<div class="drawing"><pl-icon name=${this.glyph}></pl-icon></div><p>${this.text}</p><slot></slot>`;
  }
}
customElements.define('pl-empty', PlEmpty);
