import { html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../../../kit/src/elements/icon.ts';
import { addPasskey, hasPasskeys, type Passkey } from '../session/passkey.ts';
import { guessDeviceName } from '../session/session.ts';
import { moment } from './devices.ts';
import { SettingsPage } from './page.ts';

/** The account's passkeys, and a new one. */
export class PlPasskeys extends SettingsPage {
  @state() private passkeys?: readonly Passkey[];
  /** The one address at which they work. */
  @state() private origin: string | null = null;
  @state() private present = '';
  @state() private name = guessDeviceName(navigator.userAgent);
  @state() private tried = false;
  @state() private added = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.work(this.read);
  }

  override render() {
    if (!this.passkeys)
      return this.problem
        ? this.problemLine()
        : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    return html`${this.problemLine()}
      ${this.added ? html`<p class="said" role="status">${t('passkeys.added')}</p>` : nothing}
      ${this.passkeys.length ? html`<div class="card rows">${this.passkeys.map((one) => this.row(one))}</div>` : nothing}
      ${this.adding()}`;
  }

  private row(passkey: Passkey) {
    const { name, made_at, used_at } = passkey;
    const when = used_at === null ? t('passkeys.unused', { when: moment(made_at) }) : used(used_at);
    return html`<button class="row passkey" @click=${() => this.go({ page: 'passkey', passkey })}>
      <span class="lead soft"><pl-icon name="fingerprint"></pl-icon></span>
      <span><b>${name}</b><small>${when}</small></span><pl-icon name="chevron-right"></pl-icon></button>`;
  }

  private adding() {
    if (this.origin === null) return html`<p class="note">${t('passkeys.needs-name')}</p>`;
    if (this.origin !== location.origin)
      return html`<p class="note">${t('passkeys.elsewhere', { origin: this.origin })}</p>`;
    if (!hasPasskeys()) return html`<p class="note">${t('passkeys.unsupported')}</p>`;
    return html`<p class="note">${t('passkeys.lead')}</p>
      <div class="card fields">
        <pl-field id="passkey-name" label=${t('passkeys.name')} .value=${this.name}
          .error=${this.tried && !this.name.trim() ? t('welcome.name-missing') : undefined}
          @input=${(event: Event) => (this.name = (event.currentTarget as PlField).value)} @enter=${this.add}></pl-field>
        <pl-field id="present" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
          .error=${this.tried && !this.present ? t('welcome.password-missing') : undefined}
          @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)} @enter=${this.add}></pl-field>
        <pl-button id="add" kind="primary" ?busy=${this.busy} @click=${this.add}>${t('passkeys.add')}</pl-button>
      </div>`;
  }

  private read = async (): Promise<void> => {
    const { api } = this.phone;
    const server = await api.get<{ passkey_origin: string | null }>('/server');
    this.origin = server.passkey_origin;
    this.passkeys = await api.get<Passkey[]>('/account/passkeys');
  };

  private add = async (): Promise<void> => {
    this.tried = true;
    this.added = false;
    if (!this.name.trim() || !this.present) return;
    this.added = await this.work(async () => {
      await addPasskey(this.phone.api, this.present, this.name.trim());
      this.present = '';
      this.tried = false;
      await this.read();
    });
  };
}
customElements.define('pl-passkeys', PlPasskeys);

/** One passkey: its name, and its end. */
export class PlPasskey extends SettingsPage {
  @property({ attribute: false }) passkey!: Passkey;
  @state() private name?: string;

  override render() {
    const { made_at, used_at } = this.passkey;
    const name = this.name ?? this.passkey.name;
    return html`${this.problemLine()}
      <div class="card fields">
        <pl-field id="passkey-name" label=${t('passkey.name')} .value=${name}
          @input=${(event: Event) => (this.name = (event.currentTarget as PlField).value)} @enter=${this.rename}></pl-field>
        <pl-button id="rename" kind="primary" ?busy=${this.busy} ?disabled=${!name.trim() || name.trim() === this.passkey.name} @click=${this.rename}>${t('action.save')}</pl-button>
      </div>
      <div class="card pad"><small>${t('passkey.since', { when: moment(made_at) })}</small>
        ${used_at === null ? nothing : html`<small>${used(used_at)}</small>`}</div>
      <pl-button id="remove" kind="danger" @click=${this.takeAway}>${t('passkey.remove')}</pl-button>
      <p class="note">${t('passkey.remove-note')}</p>`;
  }

  private rename = async (): Promise<void> => {
    const name = this.name?.trim();
    if (!name) return;
    const done = await this.work(() =>
      this.phone.api.send('PATCH', `/account/passkeys/${this.passkey.id}`, { name }),
    );
    if (done) this.go({ page: 'passkeys' });
  };

  private takeAway = async (): Promise<void> => {
    const done = await this.work(() => this.phone.api.delete(`/account/passkeys/${this.passkey.id}`));
    if (done) this.go({ page: 'passkeys', said: t('passkey.removed', { name: this.passkey.name }) });
  };
}
customElements.define('pl-passkey', PlPasskey);

function used(at: number): string {
  return t('passkeys.used', { when: moment(at) });
}
