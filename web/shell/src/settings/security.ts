import { html } from 'lit';
import { query, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../../../kit/src/elements/icon.ts';
import '../../../kit/src/elements/switch.ts';
import type { GlyphName } from '../../../kit/src/icons/glyphs.ts';
import '../session/new-password.ts';
import type { PlNewPassword } from '../session/new-password.ts';
import { type PageName, SettingsPage } from './page.ts';
import { type Codes, codesWords } from './recovery.ts';

/** What keeps the account its owner's. */
export class PlSecurity extends SettingsPage {
  @state() private codes?: Codes;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.work(async () => {
      this.codes = await this.phone.api.get<Codes>('/account/recovery-codes');
    });
  }

  override render() {
    return html`<div class="card rows">
        ${this.row('pin', 'lock', t('security.pin'), this.phone.pin.value.set ? t('security.pin-set') : t('security.pin-none'))}
        ${this.row('password', 'key', t('security.password'), t('security.password-lead'))}
        ${this.row('passkeys', 'fingerprint', t('security.passkeys'), t('security.passkeys-lead'))}
        ${this.row('app-passwords', 'plug', t('security.app-passwords'), t('security.app-passwords-lead'))}
        ${this.row('recovery', 'life-buoy', t('security.recovery'), this.codes ? codesWords(this.codes) : '')}
        ${this.row('vault', 'shield', t('security.vault'), t('security.vault-lead'))}
        ${this.row('activity', 'history', t('security.activity'), t('security.activity-lead'))}
      </div>`;
  }

  private row(page: PageName, glyph: GlyphName, title: string, lead: string) {
    return html`<button class="row" id=${page} @click=${() => this.go({ page })}>
      <span class="lead soft"><pl-icon name=${glyph}></pl-icon></span><span><b>${title}</b><small>${lead}</small></span>
      <pl-icon name="chevron-right"></pl-icon></button>`;
  }
}
customElements.define('pl-security', PlSecurity);

/** Another password for the account. */
export class PlPassword extends SettingsPage {
  @state() private present = '';
  @state() private tried = false;
  @state() private others = true;
  @query('pl-new-password') private chosen!: PlNewPassword;

  override render() {
    return html`${this.problemLine()}
      <div class="card fields">
        <pl-field id="present" type="password" label=${t('password.present')} autocomplete="current-password" .value=${this.present}
          .error=${this.tried && !this.present ? t('welcome.password-missing') : undefined}
          @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)} @enter=${this.change}></pl-field>
        <pl-new-password label=${t('password.new')} labelAgain=${t('password.again')} @enter=${this.change}></pl-new-password>
        <pl-switch label=${t('password.others')} hint=${t('password.others-hint')} ?on=${this.others}
          @change=${(event: CustomEvent<boolean>) => (this.others = event.detail)}></pl-switch>
        <pl-button id="change" kind="primary" ?busy=${this.busy} @click=${this.change}>${t('security.password')}</pl-button>
      </div>`;
  }

  private change = async (): Promise<void> => {
    this.tried = true;
    if (!this.chosen.check() || !this.present) return;
    const wish = { present: this.present, new: this.chosen.value, sign_out_others: this.others };
    if (await this.work(() => this.phone.api.post('/account/password', wish)))
      this.go({ page: 'security', said: t('password.changed') });
  };
}
customElements.define('pl-password', PlPassword);
