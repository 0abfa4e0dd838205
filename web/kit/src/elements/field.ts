import { css, html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { t } from '../i18n/index.ts';
import './icon.ts';

/** One line of text with its name above it; fires `input` and, on Enter, `enter`. */
export class PlField extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = css`
    :host { display: block; }
    label { display: block; font: 500 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); margin: 0 0 6px 2px; }
    .box { display: flex; align-items: center; border-radius: var(--pl-radius); background: var(--pl-sunken);
      box-shadow: inset 0 0 0 1.5px transparent; }
    .box:focus-within { box-shadow: inset 0 0 0 2px var(--pl-accent); }
    :host([error]) .box { box-shadow: inset 0 0 0 1.5px var(--pl-red); }
    input { all: unset; box-sizing: border-box; flex: 1; min-width: 0; height: 48px; padding: 0 14px;
      font: 400 16px var(--pl-font); color: var(--pl-ink); }
    input::placeholder { color: var(--pl-ink-soft); opacity: 1; }
    .search { padding: 0 12px; color: var(--pl-ink-soft); } .search pl-icon { width: 20px; height: 20px; }
    .search input { height: 44px; padding: 0 8px; }
    button { all: unset; width: 44px; height: 44px; display: grid; place-items: center; cursor: pointer;
      color: var(--pl-ink-soft); border-radius: var(--pl-radius); margin-right: 2px; }
    button:focus-visible { outline: 2px solid var(--pl-accent); }
    button pl-icon { width: 20px; height: 20px; }
    .hint { font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); margin: 6px 0 0 2px; }
    :host([error]) .hint { color: var(--pl-red); }
  `;
  @property() label = '';
  @property() value = '';
  @property() type: 'text' | 'password' | 'search' = 'text';
  @property() autocomplete = 'off';
  /** Which keys an on-screen keyboard shows. */
  @property() keys: 'text' | 'numeric' = 'text';
  @property() hint = '';
  @property({ reflect: true }) error?: string;
  @state() private open = false;
  @query('input') readonly input!: HTMLInputElement;

  override render() {
    const hint = this.error ?? this.hint;
    if (this.type === 'search') return this.search();
    return html`<label for="in">${this.label}</label>
      <div class="box">
        <input id="in" .value=${this.value} type=${this.type === 'password' && this.open ? 'text' : this.type}
          autocomplete=${this.autocomplete as 'off'} inputmode=${this.keys} autocapitalize="none" spellcheck="false"
          aria-invalid=${this.error ? 'true' : 'false'} aria-describedby="hint"
          @input=${() => (this.value = this.input.value)} @keydown=${this.key}>
        ${this.type === 'password' ? this.eye() : nothing}
      </div>
      <div class="hint" id="hint" role=${this.error ? 'alert' : nothing} ?hidden=${!hint}>${hint}</div>`;
  }

  /** As searches look everywhere: what it searches stands in it. */
  private search() {
    return html`<div class="box search"><pl-icon name="search"></pl-icon><input id="in" .value=${this.value} type="search" autocomplete="off"
      autocapitalize="none" spellcheck="false" aria-label=${this.label} placeholder=${this.label}
      @input=${() => (this.value = this.input.value)} @keydown=${this.key}></div>`;
  }

  private eye() {
    return html`<button type="button" aria-label=${t(this.open ? 'field.hide' : 'field.show')}
      @click=${() => (this.open = !this.open)}><pl-icon name=${this.open ? 'eye-off' : 'eye'}></pl-icon></button>`;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !event.isComposing) this.dispatchEvent(new CustomEvent('enter'));
  }
}
customElements.define('pl-field', PlField);
