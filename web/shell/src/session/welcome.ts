import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/app-icon.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../sky/sky.ts';
import { HttpApi } from './api.ts';
import { words } from './problem.ts';
import { enter, guessDeviceName, setupCode, strength } from './session.ts';

/** The first page: makes the first account, or signs in. Fires `entered` with the session. */
export class PlWelcome extends LitElement {
  static override styles = css`
    :host { position: absolute; inset: 0; display: grid; grid-template-columns: minmax(0, 1fr); overflow: auto; color: var(--pl-ink); }
    main { position: relative; display: grid; grid-template-columns: minmax(0, 1fr); align-content: space-between; justify-items: center; gap: 24px;
      min-height: 100%; padding: 72px 16px 20px; box-sizing: border-box; }
    header { text-align: center; color: #fdfeff; text-shadow: 0 1px 12px #0b1f4040; }
    h1 { font: 600 34px/1.2 var(--pl-font); letter-spacing: -0.02em; margin: 20px 0 8px; text-wrap: balance; }
    header p { font: 400 16px/var(--pl-line) var(--pl-font); margin: 0 auto; max-width: 28ch; opacity: 0.95; text-wrap: balance; }
    form { width: 100%; max-width: 420px; box-sizing: border-box; padding: 24px 20px 20px; border-radius: 28px;
      background: var(--pl-card); box-shadow: var(--pl-shadow); display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
    .meter { display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 4px; margin-top: -8px; }
    .meter[hidden] { display: none; }
    :host(:lang(zh)) header p { word-break: keep-all; }
    .meter i { height: 4px; border-radius: 2px; background: var(--pl-sunken); }
    .meter i[on] { background: var(--colour); }
    .meter span { grid-column: 1 / -1; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    .problem { margin: 0; padding: 12px 14px; border-radius: 12px; background: color-mix(in srgb, var(--pl-red) 12%, transparent);
      color: var(--pl-red); font: 500 14px/1.4 var(--pl-font); }
    pl-app-icon { width: 76px; height: 76px; filter: drop-shadow(0 8px 20px #0b1f4033); }
    .wait { align-self: center; }
    @media (max-height: 700px) { main { padding-top: 44px; gap: 16px; } pl-app-icon { width: 52px; height: 52px; } h1 { font-size: 28px; margin: 12px 0 4px; } }
  `;
  @property() baseUrl = '/api/v1';
  @state() private mode?: 'create' | 'sign-in';
  @state() private busy = false;
  @state() private problem = '';
  @state() private name = '';
  @state() private password = '';
  @state() private again = '';
  @state() private tried = false;

  constructor() {
    super();
    new Words(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.ask();
  }

  override render() {
    const creating = this.mode === 'create';
    return html`<pl-sky name="morning"></pl-sky><main>
      <header>
        <pl-app-icon app="pileus"></pl-app-icon>
        <h1>${creating ? t('welcome.hello') : t('welcome.back')}</h1>
        <p>${creating ? t('welcome.create-lead') : t('welcome.sign-in-lead')}</p>
      </header>
      ${this.mode ? this.form(creating) : this.asking()}
    </main>`;
  }

  private asking() {
    return this.problem
      ? html`<form><p class="problem" role="alert">${this.problem}</p>
          <pl-button kind="primary" @click=${() => this.ask()}>${t('action.try-again')}</pl-button></form>`
      : html`<p class="wait" aria-live="polite"></p>`;
  }

  private form(creating: boolean) {
    return html`<form @submit=${(event: Event) => event.preventDefault()} aria-busy=${this.busy}>
      <pl-field id="name" label=${t('welcome.name')} autocomplete="username" .value=${this.name}
        .error=${this.tried && !this.name.trim() ? t('welcome.name-missing') : undefined}
        @input=${(event: Event) => (this.name = (event.currentTarget as PlField).value)} @enter=${this.submit}></pl-field>
      <pl-field id="password" type="password" label=${t('welcome.password')} .value=${this.password}
        autocomplete=${creating ? 'new-password' : 'current-password'}
        .error=${this.passwordError(creating)}
        @input=${(event: Event) => (this.password = (event.currentTarget as PlField).value)} @enter=${this.submit}></pl-field>
      ${creating ? this.second() : nothing}
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <pl-button id="enter" kind="primary" ?busy=${this.busy} @click=${this.submit}>
        ${creating ? t('welcome.create') : t('welcome.sign-in')}</pl-button>
    </form>`;
  }

  private second() {
    // What the field itself says in red is not said once more under it.
    const level = strength(this.password);
    const colour = ['var(--pl-red)', 'var(--pl-red)', 'var(--pl-amber)', 'var(--pl-green)'][level]!;
    const hint = [t('strength.short'), t('strength.weak'), t('strength.fair'), t('strength.strong')][level]!;
    return html`<div class="meter" .style=${`--colour:${colour}`} aria-live="polite" ?hidden=${!this.password || this.passwordError(true) !== undefined}>
        ${[1, 2, 3].map((step) => html`<i ?on=${level >= step}></i>`)}<span>${hint}</span></div>
      <pl-field id="again" type="password" label=${t('welcome.again')} autocomplete="new-password" .value=${this.again}
        .error=${this.tried && this.again !== this.password ? t('welcome.different') : undefined}
        @input=${(event: Event) => (this.again = (event.currentTarget as PlField).value)} @enter=${this.submit}></pl-field>`;
  }

  private passwordError(creating: boolean): string | undefined {
    if (!this.tried) return undefined;
    if (!this.password) return t('welcome.password-missing');
    return creating && strength(this.password) === 0 ? t('strength.short') : undefined;
  }

  private async ask(): Promise<void> {
    this.problem = '';
    try {
      const server = await new HttpApi(this.baseUrl, '').get<{
        setup_needed: boolean;
        setup_code_needed: boolean;
      }>('/server');
      this.mode = server.setup_needed ? 'create' : 'sign-in';
      if (server.setup_code_needed && !setupCode(location.hash)) this.problem = t('problem.setup-code');
    } catch (error) {
      this.problem = words(error);
    }
  }

  private submit = async (): Promise<void> => {
    if (this.busy || !this.mode) return;
    this.tried = true;
    this.problem = '';
    const creating = this.mode === 'create';
    if (!this.name.trim() || this.passwordError(creating) || (creating && this.again !== this.password))
      return;
    this.busy = true;
    try {
      const device = guessDeviceName(navigator.userAgent);
      const code = setupCode(location.hash);
      const session = await enter(this.baseUrl, this.mode, this.name.trim(), this.password, device, code);
      if (code) history.replaceState(null, '', location.pathname);
      this.dispatchEvent(new CustomEvent('entered', { detail: session }));
    } catch (error) {
      this.problem = words(error);
    } finally {
      this.busy = false;
    }
  };
}
customElements.define('pl-welcome', PlWelcome);
