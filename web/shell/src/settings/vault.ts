import { css, html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { bytes, t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import type { VaultState } from '../../../sdk/src/protocol.ts';
import { SettingsPage } from './page.ts';
import { type Inside, insideOf, isMeant } from './vault-rules.ts';

const FILES = 'files.file';

/** The vault's last way out: code and devices are lost, so what is in it goes and another key comes. */
export class PlVault extends SettingsPage {
  static override styles = [
    ...SettingsPage.styles,
    css`
      .code { padding: 14px 12px; border-radius: var(--pl-radius); background: var(--pl-sunken); text-align: center; user-select: all;
        font: 600 20px/1.6 ui-monospace, 'DejaVu Sans Mono', monospace; letter-spacing: 0.03em; overflow-wrap: break-word; }
      .loss { color: var(--pl-red); }
    `,
  ];
  @state() private told?: VaultState;
  @state() private inside: Inside = { files: 0, bytes: 0 };
  @state() private word = '';
  @state() private present = '';
  /** The new recovery code, while it is shown. */
  @state() private code = '';
  @state() private end = '';
  @state() private copied = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.work(async () => {
      this.told = await this.phone.vault.state();
      const sealed = ({ fields }: { fields: Record<string, unknown> }) => typeof fields.sealed === 'string';
      this.inside = insideOf(await this.phone.sync.query(FILES, sealed));
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.phone.vault.forget();
  }

  override render() {
    if (this.code) return this.shown();
    if (!this.told)
      return this.problem
        ? this.problemLine()
        : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    if (this.told.state === 'none') return html`<p class="note">${t('vault.none')}</p>`;
    return this.asking(this.told);
  }

  private asking({ state, devices }: VaultState) {
    const ready = isMeant(this.word, t('vault.word')) && this.present !== '';
    return html`<p class="note">${t('vault.devices', { count: devices })} ${state === 'open' ? nothing : t('vault.lead')}</p>
      ${this.problemLine()}${state === 'open' && this.inside.files > 0 ? this.exporting() : nothing}
      <div class="card fields"><div><b>${t('vault.anew')}</b><small>${t('vault.anew-lead')}</small></div>
        <small class="loss">${t('vault.anew-loss', { count: this.inside.files, size: bytes(this.inside.bytes) })}</small>
        <pl-field id="word" label=${t('vault.type', { word: t('vault.word') })} .value=${this.word}
          @input=${(event: Event) => (this.word = (event.currentTarget as PlField).value)}></pl-field>
        <pl-field id="present" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
          @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)} @enter=${this.begin}></pl-field>
        <pl-button id="begin" ?busy=${this.busy} ?disabled=${!ready} @click=${this.begin}>${t('vault.code-show')}</pl-button></div>`;
  }

  /** What this device opens need not be lost: an export has it, for whoever has the code of that time. */
  private exporting() {
    return html`<div class="card fields" id="first"><div><b>${t('vault.first')}</b><small>${t('vault.first-lead')}</small></div>
        <pl-button kind="primary" @click=${() => this.go({ page: 'account' })}>${t('account.export')}</pl-button>
        <pl-button @click=${() => this.phone.open('files')}>${t('vault.first-code')}</pl-button></div>`;
  }

  private shown() {
    return html`<p class="note" role="status">${t('vault.code-once')}</p>${this.problemLine()}
      <div class="card fields"><div class="code" id="code">${this.code}</div>
        <pl-button @click=${this.copy}>${this.copied ? t('recovery.copied') : t('recovery.copy')}</pl-button>
        <pl-field id="end" label=${t('vault.code-end')} .value=${this.end} @input=${(event: Event) => (this.end = (event.currentTarget as PlField).value)} @enter=${this.finish}></pl-field>
        <pl-button id="anew" kind="danger" ?busy=${this.busy} ?disabled=${this.end.trim().length < 4} @click=${this.finish}>${t('vault.anew-do')}</pl-button>
        <pl-button id="keep" ?busy=${this.busy} @click=${() => this.go({ page: 'security' })}>${t('vault.keep')}</pl-button></div>`;
  }

  private begin = async (): Promise<void> => {
    if (!isMeant(this.word, t('vault.word')) || !this.present) return;
    await this.work(async () => {
      this.code = await this.phone.vault.beginAnew(this.present);
      this.present = '';
    });
  };

  private finish = async (): Promise<void> => {
    if (await this.work(() => this.phone.vault.confirm(this.end)))
      this.go({ page: 'security', said: t('vault.anew-done') });
  };

  private copy = async (): Promise<void> => {
    this.copied = await this.work(() => navigator.clipboard.writeText(this.code));
  };
}
customElements.define('pl-vault', PlVault);
