/** What was deleted and can be had back. */

import { bytes, t, Words } from '@pileus/kit';
import type { Phone, TrashItem } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { FOLDER, glyphOf } from './entry.ts';
import { nameLine, nameStyles } from './name.ts';
import { styles } from './styles.ts';
import { shortDay, why } from './words.ts';

/** Fires `change` when something came back or is gone, `back` when the owner leaves. */
export class FilesTrash extends LitElement {
  static override styles = [styles, nameStyles];
  @property({ attribute: false }) phone!: Phone;
  /** What the vault calls things, where it is open. */
  private names: Record<string, { name: string; type: string; size: number }> = {};
  @state() private items: TrashItem[] | undefined;
  @state() private days = 0;
  @state() private asked: string | undefined;
  @state() private failed = '';

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    void this.load();
  }

  override render() {
    const all = this.asked === '';
    return html`<div class="top">
        <button class="icon" aria-label=${t('files.back')} title=${t('files.back')} @click=${() => this.dispatchEvent(new Event('back'))}><pl-icon name="chevron-left"></pl-icon></button>
        <h1>${t('files.trash')}</h1>
        ${this.items?.length ? html`<pl-button kind="danger" @click=${() => (this.asked = '')}>${t('files.empty-trash')}</pl-button>` : nothing}
      </div>
      ${this.items?.length ? html`<p class="usage">${t('files.trash-kept', { count: this.days })}</p>` : nothing}
      ${this.failed ? html`<div class="failed" role="alert"><span>${this.failed}</span></div>` : nothing}
      <div class="list">
        ${all ? html`<div class="card">${this.ask(t('files.sure-all'), () => this.phone.files.emptyTrash())}</div>` : nothing}
        ${this.list()}
      </div>`;
  }

  private list() {
    if (!this.items) return nothing;
    if (this.items.length === 0)
      return html`<pl-empty glyph="trash" text=${t('files.trash-empty')}></pl-empty>`;
    return html`<div class="card">${this.items.map((item) => this.row(item))}</div>`;
  }

  private row(item: TrashItem) {
    const lock = item.sealed ? html`${t('files.vault')} · ` : nothing;
    const folder = item.type === FOLDER || item.type === 'folder';
    const what = folder ? t('files.items', { count: item.items }) : bytes(item.size);
    return html`<div class="row"><span class="lead"><pl-icon name=${glyphOf({ ...item, folder })}></pl-icon></span>
        <div class="what">${nameLine(item.name)}<span class="under">${lock}${what} · <span class="unbroken">${t('files.until', { when: shortDay(item.until_ms) })}</span></span></div>
        ${this.icon('undo', t('files.restore', { name: item.name }), () => void this.attempt(() => this.phone.files.restore(item.id)))}
        ${this.icon('trash', t('files.purge', { name: item.name }), () => (this.asked = item.id))}
      </div>
      ${this.asked === item.id ? this.ask(t('files.sure', { name: item.name }), () => this.phone.files.purge(item.id)) : nothing}`;
  }

  private named(item: TrashItem): TrashItem {
    if (!item.sealed) return item;
    const found = this.names[item.id];
    return { ...item, ...found, name: found?.name || t('files.vault-item') };
  }

  private ask(question: string, act: () => Promise<unknown>) {
    return html`<div class="ask"><p>${question}</p><div class="acts">
      <pl-button @click=${() => (this.asked = undefined)}>${t('files.cancel')}</pl-button>
      <pl-button kind="danger" @click=${() => void this.attempt(act)}>${t('files.yes')}</pl-button></div></div>`;
  }

  private icon(name: string, label: string, act: () => void) {
    return html`<button class="icon" aria-label=${label} title=${label} @click=${act}><pl-icon name=${name}></pl-icon></button>`;
  }

  private async attempt(act: () => Promise<unknown>): Promise<void> {
    this.asked = undefined;
    this.failed = '';
    try {
      await act();
    } catch (error) {
      this.failed = t('files.not-done', { why: why(error) });
    }
    await this.load();
    this.dispatchEvent(new Event('change'));
  }

  private async load(): Promise<void> {
    try {
      const { items, days } = await this.phone.files.trash();
      const sealed = items.some((one) => one.sealed);
      this.names = sealed ? await this.phone.vault.trash().catch(() => ({})) : {};
      this.items = items.map((item) => this.named(item));
      this.days = days;
    } catch (error) {
      this.items ??= [];
      this.failed = why(error);
    }
  }
}
customElements.define('files-trash', FilesTrash);
