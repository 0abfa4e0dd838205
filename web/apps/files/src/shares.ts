/** With whom a file or folder is shared, and sharing it. */

import { t, Words } from '@pileus/kit';
import type { Phone, Share } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { fieldValue, styles } from './styles.ts';
import { day, isOffline, why } from './words.ts';

const TERMS = ['7', '30', '0'] as const;
type Kind = 'link' | 'account' | 'family';
type Field = HTMLElement & { value: string };

export class FilesShares extends LitElement {
  static override styles = [
    styles,
    css`
      :host { display: block; height: auto; background: none; }
      .row { grid-template-columns: minmax(0, 1fr) auto; min-height: 52px; padding: 0 8px 0 16px; }
      .form { padding: 12px 16px 16px; display: grid; gap: 12px; }
      .ask { padding: 8px 16px 0; } .ask .acts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
      pl-segments { margin: 0; }
      p { margin: 12px 16px 0; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
      .who { display: block; font: 400 16px/1.4 var(--pl-font); overflow-wrap: anywhere; }
    `,
  ];
  @property({ attribute: false }) phone!: Phone;
  @property() file = '';
  /** Of the vault: with accounts alone, for reading, by their sharing numbers. */
  @property({ type: Boolean }) sealed = false;
  /** Something else on the page says it where the cloud cannot be reached. */
  @property({ type: Boolean }) quiet = false;
  @state() private shares: Share[] = [];
  @state() private family = false;
  @state() private making: Kind | undefined;
  @state() private term: (typeof TERMS)[number] = '7';
  @state() private may: 'read' | 'write' = 'read';
  @state() private made = '';
  @state() private copied = false;
  @state() private failed = '';
  private typed = '';
  private number = '';

  constructor() {
    super();
    new Words(this);
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('file')) void this.load();
  }

  override render() {
    return html`${this.shares.length > 0 ? html`<p>${t('files.shared')}</p>` : nothing}
      ${this.shares.map((share) => this.row(share))}
      ${this.failed ? html`<p role="alert">${this.failed}</p>` : nothing}
      ${this.making ? this.form(this.making) : this.made ? this.link() : this.choices()}`;
  }

  private row(share: Share) {
    const who = share.account || t(share.family ? 'files.family' : 'files.link');
    const traits = [
      share.write ? t('files.may-write') : '',
      share.password ? t('files.with-password') : '',
      share.expires_ms ? t('files.ends', { when: day(share.expires_ms) }) : '',
    ];
    return html`<div class="row"><span class="what"><span class="who">${who}</span>
        <span class="under">${traits.filter(Boolean).join(' · ') || t('files.may-read')}</span></span>
      <button class="icon" aria-label=${t('files.end-share', { who })} title=${t('files.end-share', { who })} @click=${() => void this.end(share)}><pl-icon name="x"></pl-icon></button></div>`;
  }

  private choices() {
    return html`<div class="ask"><div class="acts">
      <pl-button @click=${() => this.start('account')}>${t('files.share-account')}</pl-button>
      ${this.sealed ? nothing : this.open()}</div></div>`;
  }

  private open() {
    return html`${this.family ? html`<pl-button @click=${() => this.start('family')}>${t('files.share-family')}</pl-button>` : nothing}
      <pl-button @click=${() => this.start('link')}>${t('files.share-link')}</pl-button>`;
  }

  private form(kind: Kind) {
    const make = () => void this.make(kind);
    const keep = (event: Event) => {
      this.typed = (event.currentTarget as Field).value;
    };
    const terms = TERMS.map((value) => ({
      value,
      label: value === '0' ? t('files.no-end') : t('files.days', { count: Number(value) }),
    }));
    const rights = (['read', 'write'] as const).map((value) => ({ value, label: t(`files.may-${value}`) }));
    return html`<div class="form">
      ${kind === 'link' ? html`<pl-field type="password" autocomplete="new-password" label=${t('files.link-password')} @input=${keep} @enter=${make}></pl-field>` : nothing}
      ${kind === 'account' ? html`<pl-field label=${t('files.account')} @input=${keep} @enter=${make}></pl-field>` : nothing}
      ${this.sealed ? this.numberField(make) : nothing}
      ${kind === 'link' || this.sealed ? nothing : html`<pl-segments named label=${t('files.right')} .value=${this.may} .options=${rights} @change=${(event: CustomEvent<'read' | 'write'>) => (this.may = event.detail)}></pl-segments>`}
      <pl-segments named label=${t('files.term')} .value=${this.term} .options=${terms} @change=${(event: CustomEvent<(typeof TERMS)[number]>) => (this.term = event.detail)}></pl-segments>
      <div class="acts"><pl-button @click=${() => this.start(undefined)}>${t('files.cancel')}</pl-button>
        <pl-button kind="primary" @click=${make}>${t('files.share')}</pl-button></div></div>`;
  }

  private numberField(make: () => void) {
    return html`<pl-field label=${t('files.vault-number-of')} hint=${t('files.vault-number-where')}
      @input=${(event: Event) => (this.number = fieldValue(event))} @enter=${make}></pl-field>`;
  }

  private link() {
    return html`<div class="form"><pl-field label=${t('files.link-once')} .value=${this.made}></pl-field>
      <div class="acts"><pl-button @click=${() => this.start(undefined)}>${t('files.close')}</pl-button>
      <pl-button kind="primary" @click=${() => void this.copy()}>${t(this.copied ? 'files.copied' : 'files.copy')}</pl-button></div></div>`;
  }

  private start(kind: Kind | undefined): void {
    this.making = kind;
    this.made = '';
    this.copied = false;
    this.typed = '';
  }

  private async make(kind: Kind): Promise<void> {
    if (kind === 'account' && !this.typed.trim()) return;
    await this.attempt(async () => {
      const days = Number(this.term);
      if (this.sealed) {
        await this.phone.vault.share(this.file, this.typed.trim(), this.number, days);
        this.start(undefined);
        return;
      }
      const wish =
        kind === 'link'
          ? { password: this.typed }
          : {
              ...(kind === 'family' ? { family: true } : { account: this.typed.trim() }),
              write: this.may === 'write',
            };
      const { url } = await this.phone.files.share(this.file, { ...wish, days });
      this.start(undefined);
      this.made = url;
    });
    await this.load();
  }

  private async end(share: Share): Promise<void> {
    await this.attempt(() => this.phone.files.endShare(share.id));
    await this.load();
  }

  private async copy(): Promise<void> {
    await this.attempt(() => navigator.clipboard.writeText(this.made));
    this.copied = !this.failed;
  }

  private async load(): Promise<void> {
    try {
      this.shares = await this.phone.files.shares(this.file);
      this.family = await this.phone.files.family();
    } catch (error) {
      if (!(this.quiet && isOffline(error))) this.failed = why(error);
    }
  }

  private async attempt(act: () => Promise<unknown>): Promise<void> {
    this.failed = '';
    try {
      await act();
    } catch (error) {
      this.failed = why(error);
    }
  }
}
customElements.define('files-shares', FilesShares);
