import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { GlyphName } from '../icons/glyphs.ts';

export interface MenuItem {
  label: string;
  act: () => void;
  glyph?: GlyphName;
  /** What it does cannot be done back lightly. */
  bad?: boolean;
}

/** Three dots, and what there is to do besides: a click on one does it, any other click shuts the list. */
export class PlMenu extends LitElement {
  static override styles = css`
    :host { display: block; position: relative; flex: none; }
    button { all: unset; box-sizing: border-box; cursor: pointer; }
    button:active { background: var(--pl-pressed); }
    button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
    .dots { width: 44px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); color: var(--pl-ink-soft); }
    .list { position: absolute; top: 46px; right: 4px; z-index: 5; min-width: 220px; padding: 6px; border-radius: 16px;
      background: var(--pl-card); box-shadow: 0 12px 40px #0f1a2e33, 0 0 0 1px var(--pl-hairline); }
    .list button { width: 100%; min-height: 48px; padding: 12px 14px; display: flex; align-items: center; gap: 14px;
      border-radius: 11px; font: 400 16px/1.4 var(--pl-font); white-space: nowrap; }
    .list .bad { color: var(--pl-red); }
  `;
  @property() label = '';
  @property({ attribute: false }) items: readonly MenuItem[] = [];
  @state() private open = false;

  /** A step back; false where nothing was open. */
  shut(): boolean {
    const was = this.open;
    this.open = false;
    return was;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.open = false;
    window.removeEventListener('click', this.clicked);
  }

  protected override updated(changed: PropertyValues<{ open: boolean }>): void {
    if (!changed.has('open' as never)) return;
    if (this.open) window.addEventListener('click', this.clicked);
    else window.removeEventListener('click', this.clicked);
  }

  override render() {
    return html`<button class="dots" aria-label=${this.label} title=${this.label} aria-haspopup="menu" aria-expanded=${this.open}
        @click=${() => (this.open = !this.open)} @keydown=${this.step}><pl-icon name="more-vertical"></pl-icon></button>
      ${
        this.open
          ? html`<div class="list" role="menu" aria-label=${this.label} @keydown=${this.step}>${this.items.map(
              ({ label, act, glyph, bad }) =>
                html`<button role="menuitem" class=${bad ? 'bad' : ''} @click=${() => this.choose(act)}>${glyph ? html`<pl-icon name=${glyph}></pl-icon>` : nothing}${label}</button>`,
            )}</div>`
          : nothing
      }`;
  }

  private choose(act: () => void): void {
    this.open = false;
    act();
  }

  private clicked = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.open = false;
  };

  private step = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined || !this.open) return;
    event.preventDefault();
    const items = [...this.renderRoot.querySelectorAll<HTMLElement>('[role=menuitem]')];
    const at = items.findIndex((one) => one.matches(':focus'));
    const first = by > 0 ? 0 : -1;
    items.at(at < 0 ? first : (at + by) % items.length)?.focus();
  };
}
customElements.define('pl-menu', PlMenu);
