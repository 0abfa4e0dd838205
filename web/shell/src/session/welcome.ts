import { css, html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/app-icon.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../sky/sky.ts';
import { HttpApi } from './api.ts';
import { words } from './problem.ts';
import './new-password.ts';
import type { PlNewPassword } from './new-password.ts';
import { enter, guessDeviceName, setupCode } from './session.ts';

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
    :host(:lang(zh)) header p { word-break: keep-all; }
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
  @state() private tried = false;
  @query('pl-new-password') private chosen?: PlNewPassword;

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
      ${creating ? html`<pl-new-password @enter=${this.submit}></pl-new-password>` : this.known()}
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <pl-button id="enter" kind="primary" ?busy=${this.busy} @click=${this.submit}>
        ${creating ? t('welcome.create') : t('welcome.sign-in')}</pl-button>
    </form>`;
  }

  private known() {
    return html`<pl-field id="password" type="password" label=${t('welcome.password')} .value=${this.password}
      autocomplete="current-password" .error=${this.tried && !this.password ? t('welcome.password-missing') : undefined}
      @input=${(event: Event) => (this.password = (event.currentTarget as PlField).value)} @enter=${this.submit}></pl-field>`;
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
    const password = this.chosen ? this.chosen.value : this.password;
    const good = this.chosen ? this.chosen.check() : password !== '';
    if (!this.name.trim() || !good) return;
    this.busy = true;
    try {
      const device = guessDeviceName(navigator.userAgent);
      const code = setupCode(location.hash);
      const session = await enter(this.baseUrl, this.mode, this.name.trim(), password, device, code);
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
