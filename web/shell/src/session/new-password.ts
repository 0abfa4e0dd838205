import { css, html, LitElement } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/field.ts';
import { strength } from './session.ts';

/** A password that is to be set: typed twice, with how strong it is. Fires `enter`. */
export class PlNewPassword extends LitElement {
  static override styles = css`
    :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
    .meter { display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 4px; margin-top: -8px; }
    .meter[hidden] { display: none; }
    .meter i { height: 4px; border-radius: 2px; background: var(--pl-sunken); }
    .meter i[on] { background: var(--colour); }
    .meter span { grid-column: 1 / -1; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  `;
  @property() label = '';
  @property() labelAgain = '';
  @state() value = '';
  @state() private again = '';
  @state() private tried = false;

  constructor() {
    super();
    new Words(this);
  }

  /** Whether it can be set; from now on what is wrong with it is said. */
  check(): boolean {
    this.tried = true;
    return !this.problem() && this.again === this.value;
  }

  override render() {
    // What the field itself says in red is not said once more under it.
    const level = strength(this.value);
    const colour = ['var(--pl-red)', 'var(--pl-red)', 'var(--pl-amber)', 'var(--pl-green)'][level]!;
    const hint = [t('strength.short'), t('strength.weak'), t('strength.fair'), t('strength.strong')][level]!;
    const problem = this.tried ? this.problem() : undefined;
    return html`<pl-field id="password" type="password" label=${this.label || t('welcome.password')} .value=${this.value} autocomplete="new-password"
        .error=${problem} @input=${(event: Event) => (this.value = (event.currentTarget as PlField).value)} @enter=${this.enter}></pl-field>
      <div class="meter" .style=${`--colour:${colour}`} aria-live="polite" ?hidden=${!this.value || problem !== undefined}>
        ${[1, 2, 3].map((step) => html`<i ?on=${level >= step}></i>`)}<span>${hint}</span></div>
      <pl-field id="again" type="password" label=${this.labelAgain || t('welcome.again')} autocomplete="new-password" .value=${this.again}
        .error=${this.tried && this.again !== this.value ? t('welcome.different') : undefined}
        @input=${(event: Event) => (this.again = (event.currentTarget as PlField).value)} @enter=${this.enter}></pl-field>`;
  }

  private problem(): string | undefined {
    if (!this.value) return t('welcome.password-missing');
    return strength(this.value) === 0 ? t('strength.short') : undefined;
  }

  private enter = (): void => {
    this.dispatchEvent(new CustomEvent('enter'));
  };
}
customElements.define('pl-new-password', PlNewPassword);
