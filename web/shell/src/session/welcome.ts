import { css, html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/app-icon.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../../../kit/src/elements/switch.ts';
import type { Handset } from '../handset/handset.ts';
import '../sky/sky.ts';
import { Watch } from '../store.ts';
import { HttpApi } from './api.ts';
import './invited.ts';
import type { Taken } from './invited.ts';
import { enterByPasskey, hasPasskeys } from './passkey.ts';
import './paired.ts';
import { pairingCode } from './pairing.ts';
import { Problem, words } from './problem.ts';
import './new-password.ts';
import type { PlNewPassword } from './new-password.ts';
import {
  enter,
  guessDeviceName,
  invitationSecret,
  invitedBy,
  join,
  recover,
  type Session,
  setupCode,
} from './session.ts';

type Mode = 'create' | 'join' | 'sign-in' | 'recover' | 'pair' | 'invited';
/** Clouds on this machine alone have no certificate. */
const LOCAL = /^([a-z0-9-]+\.)*localhost(:\d+)?$|^127\.0\.0\.1(:\d+)?$/;

type Line = 'name' | 'password' | 'code';

/** The first page: makes the first account or an invited one, signs in, or sets a forgotten password. Fires `entered` with the session. */
export class PlWelcome extends LitElement {
  static override styles = css`
    :host { position: absolute; inset: 0; overflow: hidden; color: var(--pl-ink); }
    main { position: absolute; inset: 0; overflow: auto; display: grid; grid-template-columns: minmax(0, 1fr); align-content: space-between; justify-items: center; gap: 24px;
      padding: 72px 16px 20px; box-sizing: border-box; }
    main.tall { padding-top: 44px; gap: 16px; }
    .tall pl-app-icon { width: 52px; height: 52px; }
    .tall h1 { font-size: 28px; margin: 12px 0 4px; }
    .tall form { gap: 12px; }
    header { text-align: center; color: #fdfeff; text-shadow: 0 1px 12px #0b1f4040; }
    h1 { font: 600 34px/1.2 var(--pl-font); letter-spacing: -0.02em; margin: 20px 0 8px; text-wrap: balance; }
    header p { font: 400 16px/var(--pl-line) var(--pl-font); margin: 0 auto; max-width: 28ch; opacity: 0.95; text-wrap: balance; }
    form { width: 100%; max-width: 420px; box-sizing: border-box; padding: 24px 20px 20px; border-radius: 28px;
      background: var(--pl-card); box-shadow: var(--pl-shadow); display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
    :host(:lang(zh)) header p { word-break: keep-all; }
    .said { margin: 0; font: 500 15px/1.4 var(--pl-font); }
    .problem { margin: 0; padding: 12px 14px; border-radius: 12px; background: color-mix(in srgb, var(--pl-red) 12%, transparent);
      color: var(--pl-red); font: 500 14px/1.4 var(--pl-font); }
    pl-app-icon { width: 76px; height: 76px; filter: drop-shadow(0 8px 20px #0b1f4033); }
    .hint { margin: 0 2px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    .link { all: unset; justify-self: center; min-height: 44px; padding: 0 12px; cursor: pointer; border-radius: 12px;
      font: 500 15px/44px var(--pl-font); color: var(--pl-link); }
    .link + .link { margin-top: -16px; }
    .link:focus-visible { outline: 2px solid var(--pl-accent); }
    .wait { align-self: center; }
    @media (max-height: 700px) { main { padding-top: 44px; gap: 16px; } pl-app-icon { width: 52px; height: 52px; } h1 { font-size: 28px; margin: 12px 0 4px; } }
  `;
  @property() baseUrl = '/api/v1';
  /** What happened before this page was shown. */
  @property() said = '';
  /** On a handset whose gateway served this page, its owner names the cloud. */
  @property({ attribute: false }) handset?: Handset;
  @state() private mode?: Mode;
  @state() private naming = false;
  @state() private cloud = '';
  @state() private busy = false;
  @state() private problem = '';
  @state() private typed: Readonly<Record<Line, string>> = { name: '', password: '', code: '' };
  @state() private tried = false;
  @state() private others = true;
  /** Who invites; empty: whoever runs the cloud. */
  @state() private by = '';
  /** Whether this browser can sign in with one, at this address. */
  @state() private passkeys = false;
  @query('pl-new-password') private chosen?: PlNewPassword;

  constructor() {
    super();
    new Words(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.handset) new Watch(this, [this.handset.cloud]);
    addEventListener('hashchange', this.followLink);
    void this.ask();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.followLink);
  }

  override render() {
    const [title, lead] = this.heading();
    return html`<pl-sky name="morning"></pl-sky><main class=${this.mode === 'recover' ? 'tall' : ''}>
      <header><pl-app-icon app="pileus"></pl-app-icon><h1>${title}</h1><p>${lead}</p></header>
      ${this.namesCloud ? this.cloudForm() : this.mode ? this.form(this.mode) : this.asking()}
    </main>`;
  }

  /** By its owner's wish, or because the one that is named is not reached. */
  private get namesCloud(): boolean {
    return this.handset?.cloud.value !== undefined && (this.naming || (!this.mode && this.problem !== ''));
  }

  private cloudForm() {
    const address = this.cloud || (this.handset?.cloud.value ?? '');
    return html`<form @submit=${(event: Event) => event.preventDefault()} aria-busy=${this.busy}>
      ${this.problem && address ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <pl-field id="cloud" label=${t('welcome.cloud')} hint=${t('welcome.cloud-hint')} .value=${address} autocomplete="url"
        @input=${(event: Event) => (this.cloud = (event.currentTarget as PlField).value)} @enter=${this.useCloud}></pl-field>
      <pl-button id="use-cloud" kind="primary" ?busy=${this.busy} @click=${this.useCloud}>${t('welcome.use-cloud')}</pl-button></form>`;
  }

  private useCloud = async (): Promise<void> => {
    if (this.busy) return;
    const typed = (this.cloud || (this.handset?.cloud.value ?? '')).trim();
    const scheme = LOCAL.test(typed) ? 'http' : 'https';
    this.busy = true;
    try {
      await this.handset?.useCloud(typed.includes('://') ? typed : `${scheme}://${typed}`);
      this.mode = undefined;
      this.naming = false;
      await this.ask();
    } catch (error) {
      this.problem = words(error);
    } finally {
      this.busy = false;
    }
  };

  private heading(): [string, string] {
    if (this.namesCloud) return [t('welcome.hello'), t('welcome.cloud-lead')];
    if (this.mode === 'create') return [t('welcome.hello'), t('welcome.create-lead')];
    if (this.mode === 'join')
      return [
        this.by ? t('welcome.invited', { by: this.by }) : t('welcome.invited-here'),
        t('welcome.invited-lead'),
      ];
    if (this.mode === 'invited') return [t('welcome.invited-here'), t('welcome.link-lead')];
    if (this.mode === 'pair') return [t('welcome.back'), t('pair.new-lead')];
    if (this.mode === 'recover') return [t('welcome.recover-title'), t('welcome.recover-lead')];
    return [t('welcome.back'), t('welcome.sign-in-lead')];
  }

  private asking() {
    return this.problem
      ? html`<form><p class="problem" role="alert">${this.problem}</p>
          <pl-button kind="primary" @click=${() => this.ask()}>${t('action.try-again')}</pl-button></form>`
      : html`<p class="wait" aria-live="polite"></p>`;
  }

  private form(mode: Mode) {
    if (mode === 'pair') return this.byCode();
    if (mode === 'invited') return this.byLink();
    const does: Record<typeof mode, string> = {
      create: t('welcome.create'),
      join: t('welcome.create'),
      'sign-in': t('welcome.sign-in'),
      recover: t('welcome.recover'),
    };
    return html`<form @submit=${(event: Event) => event.preventDefault()} aria-busy=${this.busy}>
      ${this.said ? html`<p class="said" role="status">${this.said}</p>` : nothing}
      ${this.line('name', t('welcome.name'), t('welcome.name-missing'), 'username')}
      ${this.secrets(mode)}
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <pl-button id="enter" kind="primary" ?busy=${this.busy} @click=${this.submit}>${does[mode]}</pl-button>
      ${this.elsewhere(mode)}
    </form>`;
  }

  private byCode() {
    return html`<form @submit=${(event: Event) => event.preventDefault()}>
      <pl-paired baseUrl=${this.baseUrl} code=${pairingCode(location.hash)} @entered=${forgetHash}></pl-paired>
      ${this.link('remember', t('welcome.remember'), 'sign-in')}</form>`;
  }

  private byLink() {
    return html`<form @submit=${(event: Event) => event.preventDefault()}>
      <pl-invited baseUrl=${this.baseUrl} @taken=${this.take}></pl-invited>
      ${this.link('remember', t('welcome.remember'), 'sign-in')}</form>`;
  }

  private secrets(mode: Mode) {
    if (mode === 'create' || mode === 'join')
      return html`<pl-new-password @enter=${this.submit}></pl-new-password>`;
    if (mode === 'sign-in')
      return this.line('password', t('welcome.password'), t('welcome.password-missing'), 'current-password');
    return html`${this.line('code', t('welcome.code'), t('welcome.code-missing'), 'off', t('welcome.code-hint'))}
      <pl-new-password label=${t('welcome.new-password')} labelAgain=${t('welcome.new-again')} @enter=${this.submit}></pl-new-password>
      <pl-switch label=${t('password.others')} ?on=${this.others}
        @change=${(event: CustomEvent<boolean>) => (this.others = event.detail)}></pl-switch>`;
  }

  private elsewhere(mode: Mode) {
    return html`${this.toOther(mode)}${this.otherCloud()}`;
  }

  private otherCloud() {
    const cloud = this.handset?.cloud.value;
    if (cloud === undefined) return nothing;
    const named = cloud.replace(/^https?:\/\//, '');
    return html`<button type="button" class="link" id="other-cloud" @click=${() => {
      this.problem = '';
      this.naming = true;
    }}>${t('welcome.other-cloud', { cloud: named })}</button>`;
  }

  private toOther(mode: Mode) {
    if (mode === 'create') return nothing;
    if (mode === 'join') return this.link('have-one', t('welcome.have-one'), 'sign-in');
    const recovering = mode === 'recover';
    return html`${this.passkeys && !recovering ? html`<pl-button id="passkey" ?disabled=${this.busy} @click=${this.byPasskey}>${t('welcome.passkey')}</pl-button>` : nothing}
      ${recovering ? html`<p class="hint">${t('welcome.recover-none')}</p>` : nothing}
      ${recovering ? this.link('remember', t('welcome.remember'), 'sign-in') : this.fromSignIn()}`;
  }

  private fromSignIn() {
    return html`${this.link('forgot', t('welcome.forgot'), 'recover')}${this.link('by-code', t('pair.by-code'), 'pair')}
      ${this.link('invited', t('welcome.have-link'), 'invited')}`;
  }

  private link(id: string, label: string, to: Mode) {
    return html`<button type="button" class="link" id=${id} @click=${() => this.turn(to)}>${label}</button>`;
  }

  private line(key: Line, label: string, missing: string, autocomplete: string, hint = '') {
    return html`<pl-field id=${key} type=${key === 'password' ? 'password' : 'text'} label=${label} hint=${hint} .value=${this.typed[key]}
      autocomplete=${autocomplete} .error=${this.tried && !this.typed[key].trim() ? missing : undefined}
      @input=${(event: Event) => (this.typed = { ...this.typed, [key]: (event.currentTarget as PlField).value })} @enter=${this.submit}></pl-field>`;
  }

  private turn(mode: Mode): void {
    this.mode = mode;
    this.tried = false;
    this.problem = '';
  }

  private async ask(): Promise<void> {
    this.problem = '';
    try {
      const server = await new HttpApi(this.baseUrl, '').get<{
        setup_needed: boolean;
        setup_code_needed: boolean;
        passkey_origin: string | null;
      }>('/server');
      this.passkeys = hasPasskeys() && server.passkey_origin === location.origin;
      this.mode = server.setup_needed ? 'create' : 'sign-in';
      if (pairingCode(location.hash) && !server.setup_needed) this.mode = 'pair';
      const secret = invitationSecret(location.hash);
      if (secret && !server.setup_needed) await this.look(secret);
      if (server.setup_code_needed && !setupCode(location.hash)) this.problem = t('problem.setup-code');
    } catch (error) {
      this.problem = words(error);
    }
  }

  /** Who invites by the link that was opened; one that is void is told of, and whoever has an account signs in. */
  private async look(secret: string): Promise<void> {
    this.by = await invitedBy(this.baseUrl, secret);
    this.mode = 'join';
  }

  private readonly take = ({ detail: { secret, by } }: CustomEvent<Taken>): void => {
    history.replaceState(null, '', `${location.pathname}#invite=${secret}`);
    this.by = by;
    this.turn('join');
  };

  /** A link that is opened where this page is open already changes nothing but what follows its #. */
  private readonly followLink = (): void => {
    if (invitationSecret(location.hash) || pairingCode(location.hash)) void this.ask();
  };

  private submit = async (): Promise<void> => {
    if (this.busy || !this.mode || this.mode === 'pair' || this.mode === 'invited') return;
    this.tried = true;
    this.problem = '';
    const needed: Line[] =
      this.mode === 'create' || this.mode === 'join'
        ? ['name']
        : this.mode === 'recover'
          ? ['name', 'code']
          : ['name', 'password'];
    const good = this.chosen?.check() ?? true;
    if (!good || needed.some((key) => !this.typed[key].trim())) return;
    const { mode } = this;
    await this.enter(() => this.session(mode));
  };

  private byPasskey = async (): Promise<void> => {
    if (this.busy) return;
    this.problem = '';
    await this.enter(() => enterByPasskey(this.baseUrl, guessDeviceName(navigator.userAgent)));
  };

  private async enter(work: () => Promise<Session>): Promise<void> {
    this.busy = true;
    try {
      this.dispatchEvent(new CustomEvent('entered', { detail: await work() }));
    } catch (error) {
      // Another window made the first account meanwhile.
      if (error instanceof Problem && error.code === 'setup-done') this.turn('sign-in');
      this.problem = words(error);
    } finally {
      this.busy = false;
    }
  }

  private async session(mode: Exclude<Mode, 'pair' | 'invited'>): Promise<Session> {
    const device = guessDeviceName(navigator.userAgent);
    const name = this.typed.name.trim();
    const password = this.chosen?.value ?? this.typed.password;
    if (mode === 'recover')
      return recover(this.baseUrl, name, this.typed.code, password, device, this.others);
    if (mode === 'join') {
      const joined = await join(this.baseUrl, invitationSecret(location.hash), name, password, device);
      forgetHash();
      return joined;
    }
    const code = setupCode(location.hash);
    const session = await enter(this.baseUrl, mode, name, password, device, code);
    if (code) forgetHash();
    return session;
  }
}
customElements.define('pl-welcome', PlWelcome);

/** What a link brought was used. */
function forgetHash(): void {
  history.replaceState(null, '', location.pathname);
}
