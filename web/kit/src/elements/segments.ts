import { css, html, LitElement, nothing } from 'lit';
import { property } from 'lit/decorators.js';

/** One choice of a few; fires `change` with the value in `detail`. */
export class PlSegments extends LitElement {
  static override styles = css`
    :host { display: block; }
    .name { display: block; font: 500 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); margin: 0 0 6px 2px; }
    div { display: flex; gap: 4px; padding: 4px; border-radius: 14px; background: var(--pl-sunken); }
    button { all: unset; flex: 1; min-height: 44px; padding: 0 8px; border-radius: 11px; text-align: center;
      font: 500 14px/1.2 var(--pl-font); color: var(--pl-ink-soft); cursor: pointer; box-sizing: border-box; }
    button[aria-checked='true'] { background: var(--pl-card); color: var(--pl-ink); box-shadow: 0 1px 4px #1a2b4a1f; }
    :host-context([data-theme='dark']) button[aria-checked='true'] { background: #333d4c; box-shadow: none; }
    button:focus-visible { outline: 2px solid var(--pl-accent); }
  `;
  @property() label = '';
  /** What is chosen stands above it, as above a field; else who hears the page alone is told. */
  @property({ type: Boolean }) named = false;
  @property({ attribute: false }) options: readonly { value: string; label: string }[] = [];
  @property() value = '';

  override render() {
    const name = this.named ? html`<span class="name" aria-hidden="true">${this.label}</span>` : nothing;
    return html`${name}<div role="radiogroup" aria-label=${this.label}>${this.options.map(
      (option) => html`<button role="radio" type="button" aria-checked=${option.value === this.value}
        tabindex=${option.value === this.value ? 0 : -1} @click=${() => this.choose(option.value)}
        @keydown=${(event: KeyboardEvent) => this.key(event, option.value)}>${option.label}</button>`,
    )}</div>`;
  }

  private key(event: KeyboardEvent, value: string): void {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = this.options.findIndex((option) => option.value === value);
    const next = this.options[(at + step + this.options.length) % this.options.length]!;
    this.choose(next.value);
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('[aria-checked=true]')?.focus(),
    );
  }

  private choose(value: string): void {
    if (value === this.value) return;
    this.value = value;
    this.dispatchEvent(new CustomEvent('change', { detail: value }));
  }
}
customElements.define('pl-segments', PlSegments);
