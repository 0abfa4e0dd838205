import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import type { Api } from '../deps.ts';
import { words } from '../session/problem.ts';

/** The account's password instead of a PIN, asked of the cloud. Fires `proven`, or `back`. */
export class PlProof extends LitElement {
  static override styles = css`
    form { box-sizing: border-box; width: min(400px, calc(100vw - 32px)); padding: 24px 20px 20px; border-radius: 28px; color: var(--pl-ink);
      background: var(--pl-card); box-shadow: var(--pl-shadow); display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
    p { margin: 0; font: 400 16px/1.4 var(--pl-font); }
    .problem { padding: 12px 14px; border-radius: 12px; background: color-mix(in srgb, var(--pl-red) 12%, transparent); color: var(--pl-red);
      font: 500 14px/1.4 var(--pl-font); }
  `;
  @property({ attribute: false }) api!: Api;
  @property() lead = '';
  @property({ type: Boolean }) only = false;
  @state() private present = '';
  @state() private problem = '';
  @state() private busy = false;

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector<PlField>('pl-field')?.focus();
  }

  override render() {
    return html`<form @submit=${(event: Event) => event.preventDefault()}>
      <p>${this.lead}</p>
      <pl-field id="proof" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
        @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)} @enter=${this.prove}></pl-field>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <pl-button id="prove" kind="primary" ?busy=${this.busy} ?disabled=${!this.present} @click=${this.prove}>${t('lock.open')}</pl-button>
      ${this.only ? nothing : html`<pl-button id="to-pin" @click=${() => this.dispatchEvent(new CustomEvent('back'))}>${t('lock.to-pin')}</pl-button>`}
    </form>`;
  }

  private prove = async (): Promise<void> => {
    if (!this.present || this.busy) return;
    this.busy = true;
    this.problem = '';
    try {
      await this.api.post('/account/proof', { present: this.present });
      this.dispatchEvent(new CustomEvent('proven'));
    } catch (error) {
      this.problem = words(error);
    } finally {
      this.busy = false;
    }
  };
}
customElements.define('pl-proof', PlProof);
