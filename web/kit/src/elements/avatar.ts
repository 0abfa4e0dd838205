import { css, html, LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import type { GlyphName } from '../icons/glyphs.ts';
import { hueOf, initials } from '../people/person.ts';
import './icon.ts';

const HUES = 6;

/** A person: their picture, else the letters of their name on a colour that stays theirs. Silent to screen readers. */
export class PlAvatar extends LitElement {
  static override styles = css`
    :host { --size: var(--pl-avatar-size, 40px); display: block; width: var(--size); height: var(--size); flex: none; }
    .round { width: 100%; height: 100%; border-radius: 50%; overflow: hidden; display: grid; place-items: center; color: #fdfeff;
      font: 600 calc(var(--size) * 0.35)/1 var(--pl-font); user-select: none; }
    .round pl-icon { width: 50%; height: 50%; }
    img { width: 100%; height: 100%; object-fit: cover; display: block; }
    .h0 { background: #3568c9; } .h1 { background: #0f7b6c; } .h2 { background: #8a4fbf; }
    .h3 { background: #b4482f; } .h4 { background: #8a6410; } .h5 { background: #b03a72; }
  `;
  /** What the colour is chosen by where there is no name: so it is one wherever the person is shown. */
  @property() person = '';
  @property() name = '';
  @property() photo = '';
  /** What stands where there is neither picture nor letter. */
  @property() glyph: GlyphName = 'user';

  override render() {
    const inside = this.photo
      ? html`<img src=${this.photo} alt="" draggable="false">`
      : initials(this.name) || html`<pl-icon name=${this.glyph}></pl-icon>`;
    return html`<span class="round h${hueOf(this.name || this.person, HUES)}" aria-hidden="true">${inside}</span>`;
  }
}
customElements.define('pl-avatar', PlAvatar);
