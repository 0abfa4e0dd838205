/** What others share with the owner of this phone. */

import { bytes, saveAs, t, Words } from '@pileus/kit';
import { BridgeError, type GivenFile, type Kept, type Phone, type Transfer, type Upload } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { FOLDER, glyphOf, isCalled, short } from './entry.ts';
import { Looking } from './looking.ts';
import { nameLine, nameStyles } from './name.ts';
import './preview.ts';
import { Sendings } from './sendings.ts';
import { styles } from './styles.ts';
import { savedAs, why } from './words.ts';

/** A file or folder of somebody's. */
export interface Wanted {
  owner: string;
  file: string;
}

/** Fires `back` when the owner leaves. */
export class FilesGiven extends LitElement {
  static override styles = [
    styles,
    nameStyles,
    css`
      .within { grid-template-columns: 40px minmax(0, 1fr) auto; }
    `,
  ];
  @property({ attribute: false }) phone!: Phone;
  /** What is to be opened, once it is known. */
  @property({ attribute: false }) wanted: Wanted | undefined;
  /** What was wanted, and led to where it was there. */
  private met: Wanted | undefined;
  /** The folders that were entered, the last one shown. */
  @state() private path: readonly GivenFile[] = [];
  @state() private entries: GivenFile[] | undefined;
  @state() private failed = '';
  @state() private shown: GivenFile | undefined;
  /** What is on its way to its owner. */
  @state() private writing: GivenFile | undefined;
  /** How many were written: each is another content to show. */
  @state() private written = 0;
  private readonly sending = new Sendings(
    this,
    (words) => (this.failed = words),
    () => void this.read().catch(() => undefined),
    (error) => this.say(error),
  );
  /** Names that new files got in place of their own. */
  @state() private renamed: readonly string[] = [];
  @query('input[type=file]') private picker!: HTMLInputElement;

  constructor() {
    super();
    new Words(this);
    new Looking(this, () => void this.read().catch(() => undefined)); // what is shown stays where it cannot be read
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (this.hasUpdated && !(changed.has('wanted') && this.wanted)) return;
    this.path = [];
    this.shown = undefined;
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
    this.renamed = [];
    void this.load();
    return true;
  }

  override render() {
    const back = () => this.up() || this.dispatchEvent(new Event('back'));
    if (this.shown) return this.page(this.shown);
    const { folder } = this;
    return html`<div class="top">${this.icon('chevron-left', t('files.back'), back)}
        <h1>${folder?.name ?? t('files.given')}</h1>
        ${folder?.write ? this.icon('upload', t('files.upload'), () => this.picker.click()) : nothing}</div>
      ${folder?.write ? html`<p class="usage">${t('files.may-add', { name: folder.owner })}</p>` : nothing}
      ${this.alert()}${this.kept()}
      <div class="list">${this.sending.render(() => nothing)}${this.list()}</div>
      <input type="file" multiple hidden @change=${this.pick}>`;
  }

  /** New files into the folder that is shown, where one may. */
  take(files: FileList | null | undefined): void {
    const { folder } = this;
    if (!folder?.write || this.shown) return;
    this.failed = '';
    if (this.sending.none) this.renamed = [];
    for (const file of files ?? [])
      this.sending.add(
        file,
        (show) => this.begin(folder, file, show),
        ({ name }) => {
          if (!isCalled(name, file.name)) this.renamed = [...this.renamed, name];
        },
      );
  }

  private get folder(): GivenFile | undefined {
    return this.path.at(-1);
  }

  private pick = (): void => {
    this.take(this.picker.files);
    this.picker.value = '';
  };

  /** In one request: it ends with the connection. */
  private begin(folder: GivenFile, file: File, show: (upload: Upload) => void): Transfer<Kept> {
    const told = (sent: number, size: number) => show({ sent, size, state: 'sending' });
    const none = () => undefined;
    return { done: this.phone.files.addGiven(folder, file, told), pause: none, resume: none, cancel: none };
  }

  private say(error: unknown): string {
    const owner = (this.shown ?? this.folder)?.owner ?? '';
    const full = error instanceof BridgeError && error.code === 'quota-exceeded';
    return full ? t('files.owner-full', { name: owner }) : why(error);
  }

  private kept() {
    if (this.renamed.length === 0) return nothing;
    return html`<div class="failed told" role="status"><span>${savedAs(this.renamed)}</span>
      ${this.icon('x', t('files.close'), () => (this.renamed = []))}</div>`;
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
    if (this.entries.length === 0) return this.sending.none ? this.nothingYet() : nothing;
    return html`<div class="card">${this.entries.map((entry) => this.row(entry))}</div>`;
  }

  private nothingYet() {
    if (!this.folder) return html`<pl-empty glyph="users" text=${t('files.given-empty')}></pl-empty>`;
    const add = html`<pl-button kind="primary" @click=${() => this.picker.click()}>${t('files.upload')}</pl-button>`;
    return html`<pl-empty glyph="folder" text=${t('files.folder-empty')}>${this.folder.write ? add : nothing}</pl-empty>`;
  }

  private row(entry: GivenFile) {
    const folder = isFolder(entry);
    const within = this.path.length > 0;
    const what = html`${nameLine(entry.name)}<span class="under">${within ? bytesOf(entry) : this.about(entry)}</span>`;
    return html`<div class="row ${within ? 'within' : ''}"><span class="lead"><pl-icon name=${glyphOf({ ...entry, folder })}></pl-icon></span>
      <button class="what" @click=${() => this.open(entry, folder)}>${what}</button>
      ${folder ? nothing : this.icon('download', t('files.download', { name: entry.name }), () => void this.download(entry))}
      ${within || entry.family ? nothing : this.icon('x', t('files.leave-share', { name: entry.name }), () => void this.leave(entry))}</div>`;
  }

  /** Of what is shared itself; what lies in it is its owner's, and may be changed, as it. */
  private about(entry: GivenFile) {
    const from = html`<span class="unbroken">${t('files.from', { name: entry.owner })}</span>`;
    const may = entry.write ? html` · <span class="unbroken">${t('files.may-change')}</span>` : nothing;
    return html`${isFolder(entry) ? nothing : `${bytes(entry.size)} · `}${from}${may}`;
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
    this.renamed = [];
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
      this.failed = t('files.failed', { name: short(file.name), why: this.say(error) });
    } finally {
      this.writing = undefined;
    }
  }

  private async download(entry: GivenFile): Promise<void> {
    await this.attempt(async () => saveAs(await this.content(entry), entry.name));
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
    this.find();
  }

  private find(): void {
    const { wanted } = this;
    if (!wanted || wanted === this.met) return;
    this.met = wanted;
    if (this.path.length > 0) return; // its owner was quicker
    const found = this.entries?.find((one) => one.owner === wanted.owner && one.file === wanted.file);
    if (found) this.open(found, isFolder(found));
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

function bytesOf(entry: GivenFile): string {
  return isFolder(entry) ? t('files.folder') : bytes(entry.size);
}

function isFolder({ type }: GivenFile): boolean {
  return type === FOLDER || type === 'folder';
}
