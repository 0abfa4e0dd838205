import { css, html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../../../kit/src/elements/icon.ts';
import '../../../kit/src/elements/segments.ts';
import { moment } from './devices.ts';
import { SettingsPage } from './page.ts';

type Access = 'read' | 'write';
export interface AppPassword {
  id: string;
  name: string;
  scopes: Readonly<Record<string, Access>>;
  /** Milliseconds since 1970. */
  made_at: number;
  expires_at: number | null;
  used_at: number | null;
}
interface Known {
  passwords: AppPassword[];
  scopes: string[];
}
const NAMES: Readonly<Record<string, string>> = {
  calendar: 'scope.calendar',
  contacts: 'scope.contacts',
  files: 'scope.files',
  messages: 'scope.messages',
  notes: 'scope.notes',
};
const LASTS = ['30', '365', ''] as const;

/** A scope in words; of a newer cloud by its own name. */
export function scopeName(scope: string): string {
  const words = NAMES[scope];
  return words ? t(words) : scope;
}

/** What an app password opens, in words. */
export function scopesWords(scopes: Readonly<Record<string, Access>>): string {
  return Object.entries(scopes)
    .map(([scope, access]) =>
      access === 'read' ? t('app-password.only-read', { scope: scopeName(scope) }) : scopeName(scope),
    )
    .join(' · ');
}

/** The account's app passwords, and a new one. */
export class PlAppPasswords extends SettingsPage {
  static override styles = [
    ...SettingsPage.styles,
    css`
      .secret { padding: 12px; border-radius: 10px; background: var(--pl-sunken); text-align: center; user-select: all;
        font: 500 18px/1.6 ui-monospace, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
      .scope { display: grid; grid-template-columns: minmax(72px, 1fr) minmax(0, 3fr); gap: 12px; align-items: center; }
    `,
  ];
  @state() private known?: Known;
  @state() private name = '';
  @state() private present = '';
  @state() private chosen: Readonly<Record<string, Access>> = {};
  @state() private lasts = '365';
  @state() private tried = false;
  @state() private secret = '';
  @state() private copied = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.work(this.read);
  }

  override render() {
    if (this.secret) return this.told();
    if (!this.known)
      return this.problem
        ? this.problemLine()
        : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    const { passwords, scopes } = this.known;
    return html`${this.problemLine()}
      ${passwords.length ? html`<div class="card rows">${passwords.map((one) => this.row(one))}</div>` : nothing}
      <p class="note">${t('app-passwords.lead')}</p>
      <div class="card fields">
        <pl-field id="app-password-name" label=${t('app-passwords.name')} .value=${this.name}
          .error=${this.tried && !this.name.trim() ? t('welcome.name-missing') : undefined}
          @input=${(event: Event) => (this.name = (event.currentTarget as PlField).value)}></pl-field>
        ${scopes.map((scope) => this.scope(scope))}
        ${this.tried && !Object.keys(this.chosen).length ? html`<small role="alert">${t('problem.app-password-scopes')}</small>` : nothing}
        <pl-segments label=${t('app-passwords.lasts')} .value=${this.lasts} .options=${LASTS.map((days) => ({
          value: days,
          label: days ? t('app-passwords.days', { count: Number(days) }) : t('app-passwords.always'),
        }))} @change=${(event: CustomEvent<string>) => (this.lasts = event.detail)}></pl-segments>
        <pl-field id="present" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
          .error=${this.tried && !this.present ? t('welcome.password-missing') : undefined}
          @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)} @enter=${this.make}></pl-field>
        <pl-button id="make" kind="primary" ?busy=${this.busy} @click=${this.make}>${t('app-passwords.make')}</pl-button>
      </div>`;
  }

  private row(password: AppPassword) {
    return html`<button class="row" @click=${() => this.go({ page: 'app-password', appPassword: password })}>
      <span class="lead soft"><pl-icon name="key"></pl-icon></span>
      <span><b>${password.name}</b><small>${scopesWords(password.scopes)}</small></span><pl-icon name="chevron-right"></pl-icon></button>`;
  }

  private scope(scope: string) {
    const name = scopeName(scope);
    return html`<div class="scope"><b>${name}</b><pl-segments label=${name} .value=${this.chosen[scope] ?? ''} .options=${[
      { value: '', label: t('app-passwords.none') },
      { value: 'read', label: t('app-passwords.read') },
      { value: 'write', label: t('app-passwords.write') },
    ]} @change=${(event: CustomEvent<'' | Access>) => this.choose(scope, event.detail)}></pl-segments></div>`;
  }

  private told() {
    return html`${this.problemLine()}<p class="note" role="status">${t('app-passwords.only-now', { name: this.phone.session.name })}</p>
      <div class="card fields"><div class="secret">${this.secret}</div>
        <pl-button @click=${this.copy}>${this.copied ? t('recovery.copied') : t('recovery.copy')}</pl-button>
        <pl-button id="done" kind="primary" @click=${this.done}>${t('app-passwords.done')}</pl-button></div>`;
  }

  private choose(scope: string, access: '' | Access): void {
    const { [scope]: _before, ...others } = this.chosen;
    this.chosen = access ? { ...others, [scope]: access } : others;
  }

  private read = async (): Promise<void> => {
    this.known = await this.phone.api.get<Known>('/account/app-passwords');
  };

  private make = async (): Promise<void> => {
    this.tried = true;
    const name = this.name.trim();
    if (!name || !this.present || !Object.keys(this.chosen).length) return;
    await this.work(async () => {
      const wish = {
        name,
        present: this.present,
        scopes: this.chosen,
        days: this.lasts ? Number(this.lasts) : null,
      };
      this.secret = (await this.phone.api.post<{ secret: string }>('/account/app-passwords', wish)).secret;
      this.name = this.present = '';
      this.chosen = {};
      this.tried = this.copied = false;
      await this.read();
    });
  };

  private copy = async (): Promise<void> => {
    this.copied = await this.work(() => navigator.clipboard.writeText(this.secret));
  };

  private done = (): void => {
    this.secret = '';
  };
}
customElements.define('pl-app-passwords', PlAppPasswords);

/** One app password: what it opens, and its end. */
export class PlAppPassword extends SettingsPage {
  @property({ attribute: false }) password!: AppPassword;

  override render() {
    const { scopes, made_at, used_at, expires_at } = this.password;
    return html`${this.problemLine()}
      <div class="card pad"><b>${scopesWords(scopes)}</b>
        <small>${t('app-password.since', { when: moment(made_at) })}</small>
        <small>${used_at === null ? t('app-password.unused') : t('passkeys.used', { when: moment(used_at) })}</small>
        <small>${this.ends(expires_at)}</small></div>
      <pl-button id="remove" kind="danger" ?busy=${this.busy} @click=${this.takeAway}>${t('app-password.remove')}</pl-button>
      <p class="note">${t('app-password.remove-note')}</p>`;
  }

  private ends(at: number | null): string {
    if (at === null) return t('app-password.always');
    return t(at <= Date.now() ? 'app-password.expired' : 'app-password.until', { when: moment(at) });
  }

  private takeAway = async (): Promise<void> => {
    const { id, name } = this.password;
    if (await this.work(() => this.phone.api.delete(`/account/app-passwords/${id}`)))
      this.go({ page: 'app-passwords', said: t('app-password.removed', { name }) });
  };
}
customElements.define('pl-app-password', PlAppPassword);
