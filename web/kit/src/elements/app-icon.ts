import { css, html, LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import { appIcon } from '../icons/apps.ts';
import { superellipse } from '../icons/mask.ts';

/** An app's icon in the superellipse: our own by `app`, any other by `src`, else its first letter. */
export class PlAppIcon extends LitElement {
  static override styles = css`
    :host { display: inline-block; width: 60px; height: 60px; flex: none; position: relative; }
    .mask { position: absolute; inset: 0; overflow: hidden; background: var(--pl-card); display: grid;
      clip-path: url(#pl-app-mask); }
    .mask > svg, img { width: 100%; height: 100%; display: block; }
    img { object-fit: cover; }
    .letter { place-items: center; color: #fdfeff; font: 600 26px var(--pl-font);
      background: linear-gradient(160deg, #7d8fa8, #4d5f7a); }
    .defs { position: absolute; width: 0; height: 0; }
  `;
  @property() app = '';
  @property() src = '';
  @property() label = '';

  override render() {
    const own = appIcon(this.app);
    const inside = own
      ? unsafeHTML(own)
      : this.src
        ? html`<img src=${this.src} alt="" draggable="false">`
        : [...(this.label || '?')][0];
    return html`<svg class="defs" aria-hidden="true"><clipPath id="pl-app-mask" clipPathUnits="objectBoundingBox">
      <path d=${superellipse()}></path></clipPath></svg>
      <span class="mask ${own || this.src ? '' : 'letter'}">${inside}</span>`;
  }
}
customElements.define('pl-app-icon', PlAppIcon);
