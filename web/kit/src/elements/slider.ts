import { css, html, LitElement } from 'lit';
import { property, query } from 'lit/decorators.js';
import type { GlyphName } from '../icons/glyphs.ts';
import './icon.ts';

/** A value in percent that a finger moves along a line; fires `change` with it in `detail` while it moves. */
export class PlSlider extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = css`
    :host { display: block; }
    label { display: grid; grid-template-columns: 24px minmax(0, 1fr); gap: 14px; align-items: center; min-height: 44px; color: var(--pl-ink-soft); }
    pl-icon { width: 22px; height: 22px; }
    input { appearance: none; width: 100%; height: 44px; margin: 0; background: none; cursor: pointer; touch-action: none; }
    input:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; border-radius: 22px; }
    input::-webkit-slider-runnable-track { height: 8px; border-radius: 4px;
      background: linear-gradient(to right, var(--pl-accent-strong) var(--share), var(--pl-sunken) var(--share)); }
    input::-moz-range-track { height: 8px; border-radius: 4px; background: var(--pl-sunken); }
    input::-moz-range-progress { height: 8px; border-radius: 4px; background: var(--pl-accent-strong); }
    input::-webkit-slider-thumb { appearance: none; width: 26px; height: 26px; margin-top: -9px; border-radius: 50%; border: 0;
      background: #fdfeff; box-shadow: 0 1px 6px #0a162d59; }
    input::-moz-range-thumb { width: 26px; height: 26px; border-radius: 50%; border: 0; background: #fdfeff; box-shadow: 0 1px 6px #0a162d59; }
  `;
  @property() label = '';
  @property() glyph: GlyphName = 'sun';
  @property({ type: Number }) value = 0;
  @property({ type: Number }) least = 0;
  @query('input') private readonly input!: HTMLInputElement;

  override render() {
    const share = `${((this.value - this.least) / (100 - this.least)) * 100}%`;
    return html`<label><pl-icon name=${this.glyph}></pl-icon><input type="range" min=${this.least} max="100" .value=${String(this.value)}
      aria-label=${this.label} aria-valuetext=${`${this.value}%`} style=${`--share: ${share}`} @input=${this.move}></label>`;
  }

  private move = (): void => {
    this.value = Number(this.input.value);
    this.dispatchEvent(new CustomEvent('change', { detail: this.value }));
  };
}
customElements.define('pl-slider', PlSlider);
