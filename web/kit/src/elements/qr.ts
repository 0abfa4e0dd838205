import { css, html, LitElement, svg } from 'lit';
import { property } from 'lit/decorators.js';
import encodeQR from 'qr';

/** Modules of light around a QR code (ISO/IEC 18004 §6.3.8). */
const QUIET = 4;

/** The dark modules of a text's QR code: true is dark; with the light ones around. */
export function modules(text: string): boolean[][] {
  return encodeQR(text, 'raw', { border: QUIET, ecc: 'medium' });
}

/** A text as a QR code, dark on light whatever the theme: not every camera reads the other way round. */
export class PlQr extends LitElement {
  static override styles = css`
    :host { display: block; border-radius: 16px; overflow: hidden; background: #fff; }
    svg { display: block; width: 100%; height: auto; }
  `;
  @property() text = '';
  /** What it is, for whoever does not see it. */
  @property() label = '';

  override render() {
    const rows = modules(this.text);
    const dark = rows.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : '')));
    return html`<svg role="img" aria-label=${this.label} viewBox="0 0 ${rows.length} ${rows.length}" shape-rendering="crispEdges">
      ${svg`<path fill="#000" d=${dark.join('')}></path>`}</svg>`;
  }
}
customElements.define('pl-qr', PlQr);
