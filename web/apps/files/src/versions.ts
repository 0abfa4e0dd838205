/** A file's earlier contents, below its row. */

import { bytes, saveAs, t, Words } from '@pileus/kit';
import type { FileVersion, Phone } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { Entry } from './entry.ts';
import { styles } from './styles.ts';
import { isOffline, moment, why } from './words.ts';

/** Fires `change` when the file has another content. */
export class FilesVersions extends LitElement {
  static override styles = [
    styles,
    css`
      :host { display: block; height: auto; background: none; }
      .row { grid-template-columns: minmax(0, 1fr) auto auto; min-height: 52px; padding: 0 8px 0 16px; }
      p { margin: 12px 16px 0; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
      .date { display: block; font: 400 16px/1.4 var(--pl-font); font-variant-numeric: tabular-nums; }
    `,
  ];
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) entry!: Entry;
  /** Where its contents are read: of the vault's they are opened. */
  @property({ attribute: false }) source: Pick<Phone['files'], 'versions' | 'version'> | undefined;
  /** Something else on the page says it where the cloud cannot be reached. */
  @property({ type: Boolean }) quiet = false;
  @state() private versions: FileVersion[] | undefined;
  @state() private failed = '';

  constructor() {
    super();
    new Words(this);
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('entry')) void this.load();
  }

  override render() {
    if (this.failed) return html`<p role="alert">${this.failed}</p>`;
    if (!this.versions) return nothing;
    if (this.versions.length === 0) return html`<p>${t('files.no-versions')}</p>`;
    const rows = this.versions.map((version) => {
      const when = moment(version.modified_ms);
      return html`<div class="row"><span class="what"><span class="date">${when}</span>
          <span class="under">${bytes(version.size)}</span></span>
        ${this.icon('download', t('files.download-version', { when }), () => void this.download(version))}
        ${this.icon('undo', t('files.revert', { when }), () => void this.revert(version))}</div>`;
    });
    return html`<p>${t('files.versions')}</p>${rows}`;
  }

  private icon(name: string, label: string, act: () => void) {
    return html`<button class="icon" aria-label=${label} title=${label} @click=${act}><pl-icon name=${name}></pl-icon></button>`;
  }

  private get contents(): Pick<Phone['files'], 'versions' | 'version'> {
    return this.source ?? this.phone.files;
  }

  private async download(version: FileVersion): Promise<void> {
    await this.attempt(async () =>
      saveAs(await this.contents.version(this.entry.id, version.id), this.entry.name),
    );
  }

  private async revert(version: FileVersion): Promise<void> {
    if (!(await this.attempt(() => this.phone.files.revert(this.entry.id, version.id)))) return;
    await this.load();
    this.dispatchEvent(new Event('change'));
  }

  private async load(): Promise<void> {
    try {
      this.versions = (await this.contents.versions(this.entry.id)).versions;
      this.failed = '';
    } catch (error) {
      if (!(this.quiet && isOffline(error))) this.failed = why(error);
    }
  }

  private async attempt(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      this.failed = '';
      return true;
    } catch (error) {
      this.failed = why(error);
      return false;
    }
  }
}
customElements.define('files-versions', FilesVersions);
