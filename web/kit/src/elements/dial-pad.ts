import { css, html, LitElement, nothing } from 'lit';
import { property } from 'lit/decorators.js';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];
/** ITU-T E.161. */
const LETTERS: Readonly<Record<string, string>> = {
  '2': 'ABC',
  '3': 'DEF',
  '4': 'GHI',
  '5': 'JKL',
  '6': 'MNO',
  '7': 'PQRS',
  '8': 'TUV',
  '9': 'WXYZ',
  '0': '+',
};
const HOLD_MS = 500;

/** The twelve keys of a telephone. Fires `key` with the key in `detail`; a long press on 0 is `+` where `plus` is set. */
export class PlDialPad extends LitElement {
  static override styles = css`
    :host { --key: clamp(52px, 9.2vh, 76px); display: grid; grid-template-columns: repeat(3, var(--key)); justify-content: center;
      gap: clamp(8px, 1.7vh, 16px) clamp(18px, 6vw, 30px); }
    button { all: unset; box-sizing: border-box; width: var(--key); height: var(--key); border-radius: 50%; display: grid; align-content: center; justify-items: center;
      font: 400 28px/1 var(--pl-font); font-variant-numeric: tabular-nums; cursor: pointer; user-select: none; touch-action: manipulation;
      -webkit-touch-callout: none; background: var(--pl-key, var(--pl-sunken)); color: inherit; transition: background 120ms; }
    button:active { background: var(--pl-key-down, var(--pl-pressed)); }
    button:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
    button[disabled] { opacity: 0.45; cursor: default; }
    small { font: 600 10px/1 var(--pl-font); letter-spacing: 0.12em; margin: 4px 0 0 0.12em; min-height: 10px; opacity: 0.72; }
    small::after { content: attr(data-letters); }
    .sign small { display: none; }
    @media (prefers-reduced-motion: reduce) { button { transition: none; } }
  `;
  @property({ type: Boolean }) plus = false;
  @property({ type: Boolean }) disabled = false;
  private timer = 0;
  private held = false;

  override render() {
    return KEYS.map(
      (
        key,
      ) => html`<button type="button" class=${/\d/.test(key) ? '' : 'sign'} aria-label=${key} ?disabled=${this.disabled}
        @click=${() => this.press(key)} @contextmenu=${(event: Event) => key === '0' && event.preventDefault()}
        @pointerdown=${key === '0' && this.plus ? this.down : nothing} @pointerup=${this.up} @pointerleave=${this.up} @pointercancel=${this.up}>
        ${key}<small data-letters=${this.letters(key)}></small></button>`,
    );
  }

  private letters(key: string): string {
    return key === '0' && !this.plus ? '' : (LETTERS[key] ?? '');
  }

  private readonly down = (): void => {
    this.held = false;
    this.timer = window.setTimeout(() => {
      this.held = true;
      this.tell('+');
    }, HOLD_MS);
  };

  private readonly up = (): void => clearTimeout(this.timer);

  private press(key: string): void {
    if (!this.held) this.tell(key);
    this.held = false;
  }

  private tell(key: string): void {
    this.dispatchEvent(new CustomEvent('key', { detail: key }));
  }
}
customElements.define('pl-dial-pad', PlDialPad);
