import { css, html, LitElement, nothing } from 'lit';
import { property } from 'lit/decorators.js';

/** Something that is on or off, with its name before it; fires `change` with the state in `detail`. */
export class PlSwitch extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = css`
    :host { display: block; }
    button { all: unset; box-sizing: border-box; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 16px;
      align-items: center; width: 100%; min-height: 48px; cursor: pointer; font: 400 16px/1.4 var(--pl-font); color: var(--pl-ink); }
    button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 4px; border-radius: 8px; }
    small { display: block; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    i { width: 50px; height: 30px; border-radius: 15px; background: color-mix(in srgb, var(--pl-ink-soft) 45%, transparent); position: relative; transition: background 160ms; }
    i::after { content: ''; position: absolute; left: 3px; top: 3px; width: 24px; height: 24px; border-radius: 50%; background: #fdfeff;
      box-shadow: 0 1px 4px #0a162d40; transition: transform 160ms; }
    :host([on]) i { background: var(--pl-accent-strong); }
    :host([on]) i::after { transform: translateX(20px); }
    @media (prefers-reduced-motion: reduce) { i, i::after { transition: none; } }
  `;
  @property() label = '';
  @property() hint = '';
  @property({ type: Boolean, reflect: true }) on = false;

  override render() {
    return html`<button type="button" role="switch" aria-checked=${this.on} @click=${this.turn}>
      <span>${this.label}${this.hint ? html`<small>${this.hint}</small>` : nothing}</span><i></i></button>`;
  }

  private turn = (): void => {
    this.on = !this.on;
    this.dispatchEvent(new CustomEvent('change', { detail: this.on }));
  };
}
customElements.define('pl-switch', PlSwitch);
