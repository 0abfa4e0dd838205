/** What others share with the owner of this phone. */

import { bytes, t, Words } from '@pileus/kit';
import { BridgeError, type GivenFile, type Phone } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { FOLDER, glyphOf, short } from './entry.ts';
import { Looking } from './looking.ts';
import { nameLine, nameStyles } from './name.ts';
import './preview.ts';
import { styles } from './styles.ts';
import { save, why } from './words.ts';

/** Fires `back` when the owner leaves. */
export class FilesGiven extends LitElement {
  static override styles = [styles, nameStyles];
  @property({ attribute: false }) phone!: Phone;
  /** The folders that were entered, the last one shown. */
  @state() private path: readonly GivenFile[] = [];
  @state() private entries: GivenFile[] | undefined;
  @state() private failed = '';
  @state() private shown: GivenFile | undefined;
  /** What is on its way to its owner. */
  @state() private writing: GivenFile | undefined;
  /** How many were written: each is another content to show. */
  @state() private written = 0;
  @query('input[type=file]') private picker!: HTMLInputElement;

  constructor() {
    super();
    new Words(this);
    new Looking(this, () => void this.read().catch(() => undefined)); // what is shown stays where it cannot be read
  }

  override firstUpdated(): void {
    void this.load();
  }

  /** False where there was no folder to leave. */
  up(): boolean {
    if (this.shown) {
      this.shown = undefined;
      return true;
    }
    if (this.path.length === 0) return false;
    this.path = this.path.slice(0, -1);
    void this.load();
    return true;
  }

  override render() {
    const back = () => this.up() || this.dispatchEvent(new Event('back'));
    if (this.shown) return this.page(this.shown);
    return html`<div class="top">${this.icon('chevron-left', t('files.back'), back)}
        <h1>${this.path.at(-1)?.name ?? t('files.given')}</h1></div>
      ${this.alert()}
      <div class="list">${this.list()}</div>`;
  }

  private page(entry: GivenFile) {
    const under = html`${bytes(entry.size)} · <span class="unbroken">${t('files.from', { name: entry.owner })}</span>`;
    return html`<div class="top">${this.icon('chevron-left', t('files.back'), () => this.up())}
        <h1 class="file">${nameLine(entry.name)}<span class="under">${under}</span></h1>
        ${this.icon('download', t('files.download', { name: entry.name }), () => void this.download(entry))}</div>
      ${this.alert()}
      <div class="list"><files-preview .file=${entry} version=${this.written} .read=${() => this.content(entry)}></files-preview>
        ${entry.write && !entry.sealed ? this.change(entry) : nothing}</div>`;
  }

  private change(entry: GivenFile) {
    const busy = this.writing !== undefined;
    return html`<div class="card"><div class="ask"><p>${t('files.may-change')}</p>
        <div class="acts"><pl-button ?busy=${busy} ?disabled=${busy} @click=${() => this.picker.click()}>${t('files.new-version')}</pl-button></div></div></div>
      <input type="file" hidden @change=${() => void this.write(entry)}>`;
  }

  private alert() {
    return this.failed ? html`<div class="failed" role="alert"><span>${this.failed}</span></div>` : nothing;
  }

  private list() {
    if (!this.entries) return nothing;
    if (this.entries.length === 0)
      return html`<pl-empty glyph="users" text=${t(this.path.length ? 'files.folder-empty' : 'files.given-empty')}></pl-empty>`;
    return html`<div class="card">${this.entries.map((entry) => this.row(entry))}</div>`;
  }

  private row(entry: GivenFile) {
    const folder = entry.type === FOLDER || entry.type === 'folder';
    const from = t('files.from', { name: entry.owner });
    const may = entry.write ? html` · <span class="unbroken">${t('files.may-change')}</span>` : nothing;
    const under = html`${folder ? nothing : `${bytes(entry.size)} · `}<span class="unbroken">${from}</span>${may}`;
    const what = html`${nameLine(entry.name)}<span class="under">${under}</span>`;
    return html`<div class="row"><span class="lead"><pl-icon name=${glyphOf({ ...entry, folder })}></pl-icon></span>
      <button class="what" @click=${() => this.open(entry, folder)}>${what}</button>
      ${folder ? nothing : this.icon('download', t('files.download', { name: entry.name }), () => void this.download(entry))}
      ${this.path.length > 0 || entry.family ? nothing : this.icon('x', t('files.leave-share', { name: entry.name }), () => void this.leave(entry))}</div>`;
  }

  private icon(name: string, label: string, act: () => void) {
    return html`<button class="icon" aria-label=${label} title=${label} @click=${act}><pl-icon name=${name}></pl-icon></button>`;
  }

  private open(entry: GivenFile, folder: boolean): void {
    if (!folder) {
      this.shown = entry;
      return;
    }
    this.path = [...this.path, entry];
    void this.load();
  }

  private content(entry: GivenFile): Promise<Blob> {
    return entry.sealed ? this.phone.vault.givenContent(entry) : this.phone.files.givenContent(entry);
  }

  private async leave(entry: GivenFile): Promise<void> {
    await this.attempt(() => this.phone.files.endShare(entry.share));
    await this.load();
  }

  private async write(entry: GivenFile): Promise<void> {
    const file = this.picker.files?.[0];
    this.picker.value = '';
    if (!file) return;
    this.failed = '';
    this.writing = entry;
    try {
      await this.phone.files.writeGiven(entry, file);
      await this.read();
      if (this.shown === entry)
        this.shown = this.entries?.find((one) => one.share === entry.share && one.file === entry.file);
      this.written += 1;
    } catch (error) {
      const full = error instanceof BridgeError && error.code === 'quota-exceeded';
      const words = full ? t('files.owner-full', { name: entry.owner }) : why(error);
      this.failed = t('files.failed', { name: short(file.name), why: words });
    } finally {
      this.writing = undefined;
    }
  }

  private async download(entry: GivenFile): Promise<void> {
    await this.attempt(async () => save(await this.content(entry), entry.name));
  }

  private load(): Promise<void> {
    return this.attempt(() => this.read());
  }

  private async read(): Promise<void> {
    const folder = this.path.at(-1);
    const entries = await this.phone.files.given(folder);
    const sealed = entries.some((one) => one.sealed);
    const names = sealed ? await this.phone.vault.given().catch(() => undefined) : undefined;
    if (folder !== this.path.at(-1)) return; // another folder was entered meanwhile
    this.entries = entries.map((one) => {
      if (!one.sealed) return one;
      return { ...one, ...names?.[one.share], name: names?.[one.share]?.name || t('files.vault-item') };
    });
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
customElements.define('files-given', FilesGiven);
