import { css, html, LitElement, svg } from 'lit';
import { property } from 'lit/decorators.js';
import { unsafeSVG } from 'lit/directives/unsafe-svg.js';
import { type GlyphName, glyph } from '../icons/glyphs.ts';

/** A glyph; silent to screen readers, its neighbour carries the name. */
export class PlIcon extends LitElement {
  static override styles = css`
    :host { display: inline-grid; width: 24px; height: 24px; flex: none; }
    svg { width: 100%; height: 100%; fill: var(--pl-glyph-fill, none); stroke: currentColor; stroke-width: 1.75;
      stroke-linecap: round; stroke-linejoin: round; }
  `;
  @property() name: GlyphName = 'info';

  override render() {
    return html`<svg viewBox="0 0 24 24" aria-hidden="true">${svg`${unsafeSVG(glyph(this.name))}`}</svg>`;
  }
}
customElements.define('pl-icon', PlIcon);
