/** Where a file or folder goes: folders, in and out. */

import { localeTag, t, Words } from '@pileus/kit';
import type { Phone } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { type Entry, inFolder, pathTo, short } from './entry.ts';
import { nameLine, nameStyles } from './name.ts';
import { styles } from './styles.ts';
import { why } from './words.ts';

/** Fires `back` when the owner leaves, and `moved` with the folder's name once it is there. */
export class FilesMove extends LitElement {
  static override styles = [
    styles,
    nameStyles,
    css`
      .row { grid-template-columns: 40px minmax(0, 1fr) auto; padding-right: 16px; }
      .row pl-icon[name='chevron-right'] { color: var(--pl-ink-soft); }
      .acts { margin: 0; padding: 12px var(--pl-side) 20px; flex: none; }
      p.usage { margin-top: 4px; overflow-wrap: anywhere; }
    `,
  ];
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) entries: readonly Entry[] = [];
  @property({ attribute: false }) entry!: Entry;
  /** The folder that is shown. */
  @state() private at = '';
  @state() private failed = '';

  constructor() {
    super();
    new Words(this);
  }

  /** Begins where the entry lies. */
  override connectedCallback(): void {
    super.connectedCallback();
    this.at = this.home;
  }

  /** False at the root. */
  up(): boolean {
    if (!this.at) return false;
    this.enter(pathTo(this.entries, this.at).at(-2)?.id ?? '');
    return true;
  }

  override render() {
    const leave = () => this.dispatchEvent(new Event('back'));
    const back = () => this.up() || leave();
    const label = t('files.back');
    return html`<div class="top"><button class="icon" aria-label=${label} title=${label} @click=${back}><pl-icon name="chevron-left"></pl-icon></button>
        <h1>${this.place}</h1></div>
      <p class="usage">${t('files.moving', { name: short(this.entry.name) })}</p>
      ${this.failed ? html`<div class="failed" role="alert"><span>${this.failed}</span></div>` : nothing}
      <div class="list">${this.folders()}</div>
      <div class="acts"><pl-button @click=${leave}>${t('files.cancel')}</pl-button>
        <pl-button kind="primary" ?disabled=${this.at === this.home} @click=${() => void this.move()}>${t('files.move-here')}</pl-button></div>`;
  }

  private folders() {
    const shown = inFolder(this.entries, this.at, 'name', localeTag()).filter(
      ({ id, folder }) => folder && id !== this.entry.id,
    );
    if (shown.length === 0) return html`<pl-empty glyph="folder" text=${t('files.no-folders')}></pl-empty>`;
    const row = ({ id, name }: Entry) =>
      html`<div class="row"><span class="lead"><pl-icon name="folder"></pl-icon></span>
        <button class="what" @click=${() => this.enter(id)}>${nameLine(name)}</button><pl-icon name="chevron-right"></pl-icon></div>`;
    return html`<div class="card">${shown.map(row)}</div>`;
  }

  private get place(): string {
    return this.entries.find(({ id }) => id === this.at)?.name ?? t('files.title');
  }

  private get home(): string {
    return pathTo(this.entries, this.entry.id).at(-2)?.id ?? '';
  }

  private enter(folder: string): void {
    this.failed = '';
    this.at = folder;
  }

  private async move(): Promise<void> {
    const detail = this.place;
    try {
      await this.phone.files.move(this.entry.id, this.at);
      this.dispatchEvent(new CustomEvent('moved', { detail }));
    } catch (error) {
      this.failed = t('files.not-done', { why: why(error) });
    }
  }
}
customElements.define('files-move', FilesMove);
