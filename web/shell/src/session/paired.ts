import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import { type Asked, ask, letIn } from './pairing.ts';
import { words } from './problem.ts';
import { guessDeviceName } from './session.ts';

/** On a new device: a code is typed or came with the link, then a number is shown. Fires `entered` with the session. */
export class PlPaired extends LitElement {
  static override styles = css`
    :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
    p { margin: 0; font: 400 15px/1.5 var(--pl-font); text-wrap: pretty; }
    .problem { padding: 12px 14px; border-radius: 12px; background: color-mix(in srgb, var(--pl-red) 12%, transparent);
      color: var(--pl-red); font: 500 14px/1.4 var(--pl-font); }
    .number { font: 600 56px/1.1 var(--pl-font); text-align: center; letter-spacing: 0.08em; font-variant-numeric: tabular-nums; }
    .soft { color: var(--pl-ink-soft); font-size: 14px; text-align: center; }
  `;
  @property() baseUrl = '';
  @property() code = '';
  @state() private asked?: Asked;
  @state() private busy = false;
  @state() private tried = false;
  @state() private problem = '';
  private away?: AbortController;

  constructor() {
    super();
    new Words(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.away?.abort();
  }

  override render() {
    if (this.asked)
      return html`<p>${t('pair.type-number', { name: this.asked.account })}</p>
        <p class="number" role="status" aria-label=${t('pair.number-is', { number: this.asked.number })}>${this.asked.number}</p>
        <p class="soft">${t('pair.waiting')}</p>`;
    return html`${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <pl-field id="pair-code" label=${t('pair.code')} hint=${t('pair.code-hint')} .value=${this.code}
        .error=${this.tried && !this.code.trim() ? t('pair.code-missing') : undefined}
        @input=${(event: Event) => (this.code = (event.currentTarget as PlField).value)} @enter=${this.submit}></pl-field>
      <pl-button id="ask" kind="primary" ?busy=${this.busy} @click=${this.submit}>${t('pair.ask')}</pl-button>`;
  }

  private submit = async (): Promise<void> => {
    this.tried = true;
    if (this.busy || !this.code.trim()) return;
    this.away?.abort();
    const away = new AbortController();
    this.away = away;
    this.busy = true;
    this.problem = '';
    try {
      this.asked = await ask(this.baseUrl, this.code, guessDeviceName(navigator.userAgent));
      const detail = await letIn(this.baseUrl, this.asked, away.signal);
      this.dispatchEvent(new CustomEvent('entered', { detail, bubbles: true, composed: true }));
    } catch (error) {
      if (away.signal.aborted) return;
      this.problem = words(error);
      this.asked = undefined;
      this.code = '';
      this.tried = false;
    } finally {
      this.busy = false;
    }
  };
}
customElements.define('pl-paired', PlPaired);
