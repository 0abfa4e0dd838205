import { html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/icon.ts';
import { SettingsPage } from './page.ts';
import {
  CARE,
  type Care,
  careLines,
  DAMAGE,
  type Damage,
  heldWords,
  itemWords,
  type Line,
  STORAGE,
} from './storage-rules.ts';

/** What of the account's own cannot be read; and, for owners, how the whole cloud's data is. Empty for others. */
export class PlStorage extends SettingsPage {
  @state() private care?: Care;
  @state() private damage?: Damage;
  /** Bytes that only backups hold. */
  @state() private held = 0;
  private offs: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.read();
    void this.readHeld();
    this.offs = [this.phone.sync.subscribe(STORAGE, () => void this.read())];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const off of this.offs) off();
  }

  override render() {
    return html`${this.holding()}${this.damaged()}${
      this.care
        ? html`<h2>${t('storage.title')}</h2><div class="card rows">${careLines(this.care, Date.now()).map(row)}</div>`
        : nothing
    }`;
  }

  private holding() {
    const words = heldWords(this.held);
    if (!words) return nothing;
    return html`<div class="card rows"><button class="row" id="held" @click=${() => this.go({ page: 'backup' })}>
      <span class="lead soft"><pl-icon name="history"></pl-icon></span>
      <span><b>${words.title}</b><small>${words.text}</small></span><pl-icon name="chevron-right"></pl-icon></button></div>`;
  }

  private damaged() {
    const { count = 0, items = [] } = this.damage ?? {};
    if (count === 0) return nothing;
    const more = count - items.length;
    return html`<h2>${t('storage.damaged', { count })}</h2>
      <div class="card rows">${items.map((item) => row({ key: '', alarm: true, ...itemWords(item) }))}</div>
      <p class="note">${more > 0 ? `${t('storage.more', { count: more })}. ` : ''}${t('storage.damaged-lead')}</p>`;
  }

  private async readHeld(): Promise<void> {
    const overview = await this.phone.api.get<{ held: number }>('/backups/phone').catch(() => undefined);
    this.held = overview?.held ?? 0;
  }

  private async read(): Promise<void> {
    this.care = (await this.phone.sync.get(STORAGE, CARE))?.fields as Care | undefined;
    this.damage = (await this.phone.sync.get(STORAGE, DAMAGE))?.fields as Damage | undefined;
  }
}
customElements.define('pl-storage', PlStorage);

function row({ key, title, text, alarm }: Line) {
  return html`<div class="row still ${alarm ? 'alarm' : ''}" data-key=${key}>
    <span class="lead soft"><pl-icon name=${alarm || key === 'weak' ? 'circle-alert' : 'cloud'}></pl-icon></span>
    <span><b>${title}</b>${text ? html`<small>${text}</small>` : nothing}</span></div>`;
}
