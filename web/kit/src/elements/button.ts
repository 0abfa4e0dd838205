import { css, html, LitElement, nothing } from 'lit';
import { property } from 'lit/decorators.js';

/** A button. `kind`: primary, plain, danger. `busy` shows that work goes on and takes no tap. */
export class PlButton extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = css`
    :host { display: inline-block; }
    button { all: unset; box-sizing: border-box; width: 100%; min-height: 48px; padding: 0 20px;
      border-radius: var(--pl-radius); display: inline-flex; align-items: center; justify-content: center; gap: 8px;
      font: 600 16px/1.2 var(--pl-font); cursor: pointer; text-align: center; user-select: none;
      background: var(--pl-sunken); color: var(--pl-ink); transition: transform 120ms, opacity 120ms; }
    :host([kind='primary']) button { background: var(--pl-accent-strong); color: var(--pl-on-accent); }
    :host([kind='danger']) button { color: var(--pl-red); }
    button:active { transform: scale(0.97); opacity: 0.85; }
    button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
    button[disabled] { opacity: 0.5; cursor: default; }
    .busy { width: 18px; height: 18px; border-radius: 50%; border: 2px solid currentColor;
      border-top-color: transparent; animation: turn 800ms linear infinite; }
    @keyframes turn { to { transform: rotate(1turn); } }
    @media (prefers-reduced-motion: reduce) { .busy { animation-duration: 3s; } button { transition: none; } }
  `;
  @property({ reflect: true }) kind: 'primary' | 'plain' | 'danger' = 'plain';
  @property({ type: Boolean }) busy = false;
  @property({ type: Boolean }) disabled = false;
  @property() label = '';

  constructor() {
    super();
    this.addEventListener('click', (event) => {
      if (this.busy || this.disabled) event.stopImmediatePropagation();
    });
  }

  override render() {
    return html`<button type="button" ?disabled=${this.disabled} aria-busy=${this.busy} aria-label=${this.label || nothing}>
      ${this.busy ? html`<span class="busy"></span>` : null}<slot></slot></button>`;
  }
}
customElements.define('pl-button', PlButton);
