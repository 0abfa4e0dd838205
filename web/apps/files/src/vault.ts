/** The vault: what only the account's own devices can read. The key is the phone's; here is what it opened. */

import { bytes, rereads, saveAs, t, Words } from '@pileus/kit';
import type { Phone, VaultState } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { isReadAtOnce } from './content.ts';
import { Deleted } from './deleted.ts';
import { type Entry, FOLDER, glyphOf, inFolder, named, pathTo } from './entry.ts';
import { focusName, nameLine, nameStyles } from './name.ts';
import { Sendings } from './sendings.ts';
import { fieldValue, styles } from './styles.ts';
import { day, listDay, why } from './words.ts';
import './preview.ts';
import './shares.ts';
import './vault-door.ts';
import './vault-asks.ts';
import './versions.ts';

/** How often it is looked whether a device asks, or was let in. */
const LOOK_MS = 1500;

/** Fires `back` when the owner leaves. */
export class FilesVault extends LitElement {
  static override styles = [styles, nameStyles];
  @property({ attribute: false }) phone!: Phone;
  @state() private told: VaultState | undefined;
  @state() private entries: Entry[] = [];
  @state() private folder = '';
  @state() private opened = '';
  @state() private query = '';
  @state() private naming: { entry?: Entry; name: string } | undefined;
  private readonly sending = new Sendings(
    this,
    (words) => (this.failed = words),
    () => void this.load(),
  );
  private readonly deleted = new Deleted(this, (entry) => this.restore(entry));
  @state() private failed = '';
  /** The owner looks at codes and keys. */
  @state() private keys = false;
  private replaced = '';
  private timer: ReturnType<typeof setInterval> | undefined;
  private off: () => void = () => undefined;
  @query('input[type=file]') private picker!: HTMLInputElement;

  constructor() {
    super();
    new Words(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    this.off = this.phone.files.onChange(() => void this.load());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
    this.off();
  }

  /** A step back within the vault; false where there is none. */
  up(): boolean {
    if (this.keys) this.keys = false;
    else if (this.opened) this.opened = '';
    else if (this.folder) this.folder = pathTo(this.entries, this.folder).at(-2)?.id ?? '';
    else return false;
    return true;
  }

  override render() {
    if (this.told?.state !== 'open' || this.keys) return this.door();
    const opened = this.entries.find(({ id }) => id === this.opened);
    return opened ? this.page(opened) : this.listing();
  }

  private door() {
    const door = this.told
      ? html`<vault-door .phone=${this.phone} .told=${this.told} @change=${this.changed}></vault-door>`
      : nothing;
    return html`${this.top(t('files.vault'))}${this.alert()}<div class="list">${door}</div>`;
  }

  private listing() {
    const here = pathTo(this.entries, this.folder).at(-1);
    const add = html`${this.icon('folder-plus', t('files.new-folder'), () => this.newName({ name: '' }))}
      ${this.icon('upload', t('files.upload'), () => this.choose(''))}
      ${here ? nothing : this.icon('settings', t('files.vault-keys'), () => (this.keys = true))}`;
    return html`${this.top(here?.name ?? t('files.vault'), add)}
      ${this.entries.length > 0 ? this.searchField() : nothing}
      ${this.alert()}${this.deleted.card()}
      <div class="list"><vault-asks .phone=${this.phone} .asks=${this.told?.asks ?? []} @change=${this.changed}></vault-asks>
        ${this.nameCard()}${this.uploads()}${this.list()}</div>
      <input type="file" multiple hidden @change=${this.pick}>`;
  }

  private page(entry: Entry) {
    const acts = html`${this.icon('pencil', t('files.rename', { name: entry.name }), () => this.newName({ entry, name: entry.name }))}
      ${this.icon('download', t('files.download', { name: entry.name }), () => void this.download(entry))}
      ${this.icon('trash', t('files.delete', { name: entry.name }), () => void this.erase(entry))}`;
    const under = html`${bytes(entry.size)} · <span class="unbroken">${day(entry.modifiedMs)}</span>`;
    const head = html`${nameLine(entry.name)}<span class="under">${under}</span>`;
    return html`${this.top(head, acts, 'file')}${this.alert()}
      <div class="list page">
        <files-preview .file=${entry} version=${entry.version} .read=${() => this.phone.vault.download(entry.id)}></files-preview>
        <div class="side">${this.nameCard()}${this.uploads()}<div class="card"><div class="details">
          <files-versions .phone=${this.phone} .source=${this.phone.vault} .entry=${entry} ?quiet=${isReadAtOnce(entry)} @change=${() => void this.load()}></files-versions>
          <files-shares .phone=${this.phone} .file=${entry.id} sealed quiet></files-shares>
          <div class="ask"><div class="acts"><pl-button @click=${() => this.choose(entry.id)}>${t('files.new-version')}</pl-button></div></div></div></div></div></div>
      <input type="file" hidden @change=${this.pick}>`;
  }

  private top(title: unknown, acts: unknown = nothing, kind = '') {
    const back = () => this.up() || this.dispatchEvent(new Event('back'));
    return html`<div class="top">${this.icon('chevron-left', t('files.back'), back)}<h1 class=${kind}>${title}</h1>${acts}</div>`;
  }

  private alert() {
    if (!this.failed) return nothing;
    return html`<div class="failed" role="alert"><span>${this.failed}</span>${this.icon('x', t('files.close'), () => (this.failed = ''))}</div>`;
  }

  private searchField() {
    return html`<pl-field class="search" type="search" label=${t('files.vault-search')} .value=${this.query} @input=${(event: Event) => (this.query = fieldValue(event))}></pl-field>`;
  }

  private list() {
    const shown = this.query.trim()
      ? named(this.entries, this.query)
      : inFolder(this.entries, this.folder, 'name', this.phone.env.tag);
    if (shown.length > 0) return html`<div class="card">${shown.map((entry) => this.row(entry))}</div>`;
    if (this.query.trim()) return html`<pl-empty glyph="search" text=${t('files.search-none')}></pl-empty>`;
    if (!this.sending.none || this.naming) return nothing;
    return html`<pl-empty glyph="lock" text=${t('files.vault-empty')}><pl-button kind="primary" @click=${() => this.choose('')}>${t('files.upload')}</pl-button></pl-empty>`;
  }

  private row(entry: Entry) {
    const inside = this.entries.filter((one) => one.parent === entry.id).length;
    const under = entry.folder
      ? t('files.items', { count: inside })
      : html`${bytes(entry.size)} · <span class="unbroken">${listDay(entry.modifiedMs)}</span>`;
    const act = () => this.enter(entry);
    return html`<div class="row"><span class="lead"><pl-icon name=${glyphOf(entry)}></pl-icon></span>
        <button class="what" @click=${act}>${nameLine(entry.name)}<span class="under">${under}</span></button>
        ${entry.folder ? this.icon('pencil', t('files.rename', { name: entry.name }), () => this.newName({ entry, name: entry.name })) : this.icon('download', t('files.download', { name: entry.name }), () => void this.download(entry))}
        ${this.icon('trash', t('files.delete', { name: entry.name }), () => void this.erase(entry))}
      </div>`;
  }

  private uploads() {
    return this.sending.render(
      ({ transfer }) => html`<span></span>${this.icon('x', t('files.cancel'), () => transfer.cancel())}`,
    );
  }

  private newName(naming: { entry?: Entry; name: string }): void {
    this.naming = naming;
    focusName(this);
  }

  private nameCard() {
    if (!this.naming) return nothing;
    const { entry, name } = this.naming;
    const done = () => void this.name();
    return html`<div class="card naming"><div class="ask"><pl-field label=${t(entry ? 'files.new-name' : 'files.folder-name')} .value=${name}
        @input=${(event: Event) => (this.naming = { ...this.naming, name: fieldValue(event) })} @enter=${done}></pl-field>
      <div class="acts"><pl-button @click=${() => (this.naming = undefined)}>${t('files.cancel')}</pl-button>
      <pl-button kind="primary" ?disabled=${!name.trim()} @click=${done}>${t(entry ? 'files.rename-it' : 'files.create')}</pl-button></div></div></div>`;
  }

  private icon(name: string, label: string, act: () => void) {
    return html`<button class="icon" aria-label=${label} title=${label} @click=${act}><pl-icon name=${name}></pl-icon></button>`;
  }

  private changed = (): void => {
    this.keys = false;
    void this.look();
  };

  private async look(): Promise<void> {
    const before = this.told?.state;
    try {
      this.told = await this.phone.vault.state();
      if (this.told.state === 'open' && before !== 'open') await this.load();
    } catch (error) {
      if (!this.told) this.failed = why(error);
    }
  }

  private readonly load = rereads(async () => {
    if (this.told?.state !== 'open') return;
    await this.attempt(async () => {
      this.entries = (await this.phone.vault.list()).map((one) => ({
        id: one.id,
        name: one.name || t('files.vault-unreadable'),
        parent: one.parent,
        type: one.type,
        size: one.size,
        modifiedMs: one.modified_ms,
        version: one.version,
        folder: one.type === FOLDER,
      }));
      this.deleted.meet(this.entries);
    });
  });

  private enter({ id, folder }: Entry): void {
    this.query = '';
    if (folder) this.folder = id;
    else this.opened = id;
  }

  /** New files into the folder that is shown; nothing where the vault is closed here. */
  take(files: FileList | undefined): void {
    if (this.told?.state !== 'open' || this.keys || this.opened) return;
    for (const file of files ?? []) this.upload(file, '');
  }

  private choose(replaced: string): void {
    this.replaced = replaced;
    this.picker.click();
  }

  private pick = (): void => {
    for (const file of this.picker.files ?? []) this.upload(file, this.replaced);
    this.picker.value = '';
  };

  private upload(file: File, replaced: string): void {
    this.sending.add(file, (show) => this.phone.vault.upload(file, file.name, this.folder, show, replaced));
  }

  private async name(): Promise<void> {
    const { naming } = this;
    const name = naming?.name.trim();
    if (!naming || !name) return;
    await this.attempt(async () => {
      if (naming.entry) await this.phone.vault.rename(naming.entry.id, name);
      else await this.phone.vault.folder(name, this.folder);
      this.naming = undefined;
    });
    await this.load();
  }

  private async download(entry: Entry): Promise<void> {
    await this.attempt(async () => saveAs(await this.phone.vault.download(entry.id), entry.name));
  }

  private async erase(entry: Entry): Promise<void> {
    await this.attempt(async () => {
      await this.phone.files.delete(entry.id);
      this.opened = '';
      this.deleted.tell(entry);
    });
    await this.load();
  }

  private async restore(entry: Entry): Promise<void> {
    await this.attempt(async () => {
      await this.phone.files.restore(entry.id);
    });
    await this.load();
  }

  private async attempt(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.failed = t('files.not-done', { why: why(error) });
    }
  }
}
customElements.define('files-vault', FilesVault);
