import { css, html, LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import { appIcon } from '../icons/apps.ts';
import { letterColours } from '../icons/letter.ts';
import { superellipse } from '../icons/mask.ts';

/** An app's icon in the superellipse: our own by `app`, any other by `src`, else its first letter. */
export class PlAppIcon extends LitElement {
  static override styles = css`
    :host { display: inline-block; width: 60px; height: 60px; flex: none; position: relative; }
    .mask { position: absolute; inset: 0; overflow: hidden; background: var(--pl-card); display: grid;
      clip-path: url(#pl-app-mask); }
    .mask > svg, img { width: 100%; height: 100%; display: block; }
    img { object-fit: cover; }
    .letter { place-items: center; color: #fdfeff; container-type: size; }
    .letter b { font: 600 44cqmin/1 var(--pl-font); }
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
        : html`<b>${[...(this.label || '?')][0]}</b>`;
    const { light, deep } = letterColours(this.app || this.label);
    const letter = !own && !this.src;
    return html`<svg class="defs" aria-hidden="true"><clipPath id="pl-app-mask" clipPathUnits="objectBoundingBox">
      <path d=${superellipse()}></path></clipPath></svg>
      <span class="mask ${letter ? 'letter' : ''}" .style=${letter ? `background:linear-gradient(160deg, ${light}, ${deep})` : ''}>${inside}</span>`;
  }
}
customElements.define('pl-app-icon', PlAppIcon);
