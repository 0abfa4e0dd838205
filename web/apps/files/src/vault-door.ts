/** The vault's door: it is made, opened on a new device, given another recovery code, or closed here. */

import { t, Words } from '@pileus/kit';
import type { Phone, VaultState } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { fieldValue, styles } from './styles.ts';
import { why } from './words.ts';

/** Fires `change` when the vault's state is another one. */
export class VaultDoor extends LitElement {
  static override styles = [
    styles,
    css`
      :host { display: flex; height: auto; background: none; gap: 12px; }
      .code { margin: 4px 0 12px; padding: 14px 12px; border-radius: var(--pl-radius); background: var(--pl-sunken); text-align: center; user-select: all;
        font: 600 20px/1.6 ui-monospace, 'DejaVu Sans Mono', monospace; letter-spacing: 0.03em; overflow-wrap: break-word; }
      h2 { margin: 0 0 6px; font: 600 16px/1.4 var(--pl-font); }
      .ask p { color: var(--pl-ink-soft); }
      .acts + pl-field { margin-top: 16px; }
      .card { width: 100%; max-width: 640px; align-self: center; }
      .failed { margin: 0; }
      .lost { width: 100%; max-width: 640px; margin: 0; padding: 0 4px; box-sizing: border-box; align-self: center; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    `,
  ];
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) told!: VaultState;
  /** A recovery code that is shown. */
  @state() private code = '';
  @state() private typed = '';
  @state() private copied = false;
  @state() private busy = false;
  @state() private failed = '';
  /** What others type to share with this account. */
  @state() private number = '';

  constructor() {
    super();
    new Words(this);
  }

  override updated(): void {
    if (this.told.state !== 'open' || this.number) return;
    this.number = '…';
    void this.work(async () => {
      this.number = await this.phone.vault.number();
    }, false);
  }

  override render() {
    if (this.code) return this.shown();
    const { state, asking } = this.told;
    if (state === 'closed' && !asking) return this.closed();
    const inside = state === 'none' ? this.none() : state === 'open' ? this.open() : this.waits(asking);
    return html`${this.alert()}${inside}`;
  }

  private none() {
    return html`<pl-empty glyph="lock" text=${t('files.vault-none')}>
      <pl-button kind="primary" ?busy=${this.busy} @click=${() => this.begin()}>${t('files.vault-make')}</pl-button></pl-empty>`;
  }

  private shown() {
    return html`<div class="card"><div class="ask"><h2>${t('files.vault-code')}</h2><p>${t('files.vault-code-once')}</p>
      <div class="code" id="code">${this.code}</div>
      <div class="acts"><pl-button @click=${() => void this.copy()}>${t(this.copied ? 'files.copied' : 'files.copy')}</pl-button></div>
      <pl-field label=${t('files.vault-code-end')} .value=${this.typed} .error=${this.failed || undefined} @input=${this.type} @enter=${() => this.confirm()}></pl-field>
      <div class="acts"><pl-button @click=${() => this.leave()}>${t('files.cancel')}</pl-button>
      <pl-button kind="primary" ?busy=${this.busy} ?disabled=${this.typed.trim().length < 4} @click=${() => this.confirm()}>${t('files.vault-code-kept')}</pl-button></div></div></div>`;
  }

  private closed() {
    return html`<div class="card"><div class="ask"><h2>${t('files.vault-let-in')}</h2><p>${t('files.vault-let-in-how')}</p>
        <div class="acts"><pl-button kind="primary" ?busy=${this.busy} @click=${() => this.work(() => this.phone.vault.ask())}>${t('files.vault-ask')}</pl-button></div></div></div>
      <div class="card"><div class="ask"><h2>${t('files.vault-code')}</h2>
        <pl-field label=${t('files.vault-code-type')} .value=${this.typed} .error=${this.failed || undefined} @input=${this.type} @enter=${() => this.recover()}></pl-field>
        <div class="acts"><pl-button ?busy=${this.busy} ?disabled=${!this.typed.trim()} @click=${() => this.recover()}>${t('files.vault-open')}</pl-button></div></div></div>
      <p class="lost">${t('files.vault-lost')}</p>`;
  }

  private waits(code: string) {
    return html`<div class="card"><div class="ask"><h2>${t('files.vault-ask-code')}</h2><p role="status">${t('files.vault-ask-how')}</p>
      <div class="code" id="ask-code">${code}</div>
      <div class="acts"><pl-button @click=${() => this.work(() => this.phone.vault.askNoMore())}>${t('files.cancel')}</pl-button></div></div></div>`;
  }

  private open() {
    const devices = t('files.vault-devices', { count: this.told.devices });
    return html`<div class="card"><div class="ask"><h2>${t('files.vault-code')}</h2><p>${t('files.vault-renew-how')}</p>
        <div class="acts"><pl-button ?busy=${this.busy} @click=${() => this.begin()}>${t('files.vault-renew')}</pl-button></div></div></div>
      <div class="card"><div class="ask"><h2>${t('files.vault-number')}</h2><p>${t('files.vault-number-how')}</p>
        <div class="code" id="number">${this.number}</div></div></div>
      <div class="card"><div class="ask"><h2>${t('files.vault-here')}</h2><p>${devices} ${t('files.vault-close-how')}</p>
        <div class="acts"><pl-button kind="danger" ?busy=${this.busy} @click=${() => this.work(() => this.phone.vault.close())}>${t('files.vault-close')}</pl-button></div></div></div>`;
  }

  private alert() {
    return this.failed
      ? html`<div class="failed told" role="alert"><span>${this.failed}</span></div>`
      : nothing;
  }

  private type = (event: Event): void => {
    this.typed = fieldValue(event);
  };

  private begin(): void {
    void this.work(async () => {
      this.code = await this.phone.vault.begin();
    });
  }

  private confirm(): void {
    void this.work(async () => {
      await this.phone.vault.confirm(this.typed);
      this.leave();
    });
  }

  private recover(): void {
    void this.work(async () => {
      await this.phone.vault.recover(this.typed);
      this.leave();
    });
  }

  private leave(): void {
    this.code = '';
    this.typed = '';
    this.copied = false;
    this.failed = '';
  }

  private async copy(): Promise<void> {
    await navigator.clipboard.writeText(this.code);
    this.copied = true;
  }

  private async work(act: () => Promise<unknown>, changes = true): Promise<void> {
    this.busy = true;
    this.failed = '';
    try {
      await act();
      if (changes && !this.code) this.dispatchEvent(new Event('change'));
    } catch (error) {
      this.failed = why(error);
    } finally {
      this.busy = false;
    }
  }
}
customElements.define('vault-door', VaultDoor);
