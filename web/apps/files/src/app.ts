/** Files: folders, uploads that go on after a lost connection, downloads, what is used. */

import '@pileus/kit';
import { bytes, type GlyphName, localeTag, rereads, saveAs, t, Words } from '@pileus/kit';
import type { FileUsage, FoundFile, Phone, VaultState } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { Asking } from './asking.ts';
import { hasThumbnail, isReadAtOnce } from './content.ts';
import { Deleted } from './deleted.ts';
import {
  type Entry,
  entryOf,
  glyphOf,
  inFolder,
  isCalled,
  named,
  type Order,
  pathTo,
  short,
} from './entry.ts';
import type { FilesGiven, Wanted } from './given.ts';
import { focusName, nameLine, nameStyles } from './name.ts';
import './given.ts';
import { Looking } from './looking.ts';
import './moving.ts';
import type { FilesMove } from './moving.ts';
import './preview.ts';
import { Sendings } from './sendings.ts';
import './thumbnail.ts';
import './shares.ts';
import { fieldValue, styles } from './styles.ts';
import './trash.ts';
import './vault.ts';
import './vault-asks.ts';
import type { FilesVault } from './vault.ts';
import './versions.ts';
import { day, listDay, savedAs, why } from './words.ts';

export class FilesApp extends LitElement {
  static override styles = [styles, nameStyles];
  @property({ attribute: false }) phone!: Phone;
  @state() private entries: Entry[] | undefined;
  @state() private folder = '';
  @state() private order: Order = 'name';
  @state() private usage: FileUsage | undefined;
  private readonly sending = new Sendings(
    this,
    (words) => (this.failed = words),
    () => void this.load(),
  );
  @state() private failed = '';
  @state() private opened = '';
  private readonly deleted = new Deleted(this, (entry) => this.restore(entry));
  /** What is shown in place of the files. */
  @state() private aside: 'trash' | 'given' | 'vault' | undefined;
  @state() private given = 0;
  /** What of others is to be opened: a notice leads to it. */
  @state() private wanted: Wanted | undefined;
  /** Devices that ask to be let into the vault; a notice leads here. */
  @state() private asks: VaultState['asks'] = [];
  private readonly asking = new Asking(
    async () => (await this.phone.vault.state()).asks,
    (asks) => (this.asks = asks),
  );
  /** What can be done with the folder that is shown, is shown. */
  @state() private more = false;
  /** What is to go elsewhere. */
  @state() private moving: Entry | undefined;
  @state() private moved: { name: string; folder: string } | undefined;
  /** Names that new files got in place of their own. */
  @state() private renamed: readonly string[] = [];
  /** By their ids, what new files are called on their way. */
  private readonly sent = new Map<string, string>();
  @state() private query = '';
  /** What the cloud found, or this device where the cloud cannot be asked. */
  @state() private hits: { files: readonly FoundFile[]; local: boolean } | undefined;
  /** A new folder, or the new name of an entry. */
  @state() private naming: { entry?: Entry; name: string } | undefined;
  @state() private dropping = false;
  /** The file that the next picked one becomes the content of. */
  private replaced: Entry | undefined;
  private pause: ReturnType<typeof setTimeout> | undefined;
  @query('input[type=file]') private picker!: HTMLInputElement;

  constructor() {
    super();
    new Words(this);
    new Looking(this, () => {
      void this.readGiven();
      void this.asking.again();
    });
    this.addEventListener('dragover', (event) => {
      event.preventDefault();
      this.dropping = true;
    });
    this.addEventListener('dragleave', () => {
      this.dropping = false;
    });
    this.addEventListener('drop', (event) => {
      event.preventDefault();
      this.dropping = false;
      this.dropped(event.dataTransfer?.files);
    });
  }

  override firstUpdated(): void {
    void this.load();
    this.phone.files.onChange(() => void this.load());
    this.phone.records.subscribe('files.vault-ask', () => void this.asking.read());
    this.phone.records.subscribe('files.given', () => void this.readGiven());
    this.phone.onIntent((intent) => this.wish(intent));
    this.wish(this.phone.intent);
    void this.asking.read();
    this.phone.onBack(() => {
      if (this.moving) {
        if (!this.renderRoot.querySelector<FilesMove>('files-move')?.up()) this.moving = undefined;
        return true;
      }
      if (this.opened) {
        this.open('');
        return true;
      }
      if (!this.folder && !this.aside) return false;
      if (this.aside === 'given' && this.renderRoot.querySelector<FilesGiven>('files-given')?.up())
        return true;
      if (this.aside === 'vault' && this.renderRoot.querySelector<FilesVault>('files-vault')?.up())
        return true;
      if (this.aside) this.leave();
      else this.up();
      return true;
    });
  }

  override render() {
    const leave = this.leave;
    if (this.aside === 'trash')
      return html`<files-trash .phone=${this.phone} @back=${leave} @change=${() => void this.load()}></files-trash>`;
    if (this.aside === 'given')
      return html`<files-given .phone=${this.phone} .wanted=${this.wanted} @back=${leave}></files-given>`;
    if (this.aside === 'vault') return html`<files-vault .phone=${this.phone} @back=${leave}></files-vault>`;
    if (this.moving) return this.mover(this.moving);
    const opened = this.entries?.find(({ id }) => id === this.opened);
    if (opened) return this.page(opened);
    const here = pathTo(this.entries ?? [], this.folder).at(-1);
    return html`<div class="top">
        ${here ? this.icon('chevron-left', t('files.back'), () => this.up()) : nothing}
        <h1>${here?.name ?? t('files.title')}</h1>
        ${here ? this.icon('more-vertical', t('files.more', { name: here.name }), () => (this.more = !this.more)) : nothing}
        ${this.icon('folder-plus', t('files.new-folder'), () => this.newName({ name: '' }))}
        ${this.icon('upload', t('files.upload'), () => this.choose())}
      </div>
      ${this.used()}
      ${this.searchField()}
      <pl-segments label=${t('files.sort')} .value=${this.order} .options=${(['name', 'date', 'size'] as const).map((value) => ({ value, label: t(`files.by-${value}`) }))}
        @change=${(event: CustomEvent<Order>) => (this.order = event.detail)}></pl-segments>
      ${this.alert()}${this.told()}
      ${this.deleted.card()}
      <div class="list ${this.dropping ? 'drop' : ''}">${this.askCard()}${this.folderCard(here)}${this.nameCard()}${this.uploads()}${this.list()}${this.places()}</div>
      ${this.input()}`;
  }

  /** One file: what is in it, its versions and shares. */
  private page(entry: Entry) {
    const under = html`${bytes(entry.size)} · <span class="unbroken">${day(entry.modifiedMs)}</span>`;
    return html`<div class="top">${this.icon('chevron-left', t('files.back'), () => this.open(''))}
        <h1 class="file">${nameLine(entry.name)}<span class="under">${under}</span></h1>
        ${this.pencil(entry)}
        ${this.icon('download', t('files.download', { name: entry.name }), () => void this.download(entry))}
        ${this.icon('trash', t('files.delete', { name: entry.name }), () => void this.erase(entry))}</div>
      ${this.alert()}${this.told()}
      <div class="list page">
        <files-preview .file=${entry} version=${entry.version} .read=${() => this.phone.files.download(entry.id)} .small=${() => this.phone.files.thumbnail(entry.id)}></files-preview>
        <div class="side">${this.nameCard()}${this.uploads()}<div class="card">${this.details(entry)}</div></div></div>
      ${this.input()}`;
  }

  private mover(entry: Entry) {
    const moved = ({ detail }: CustomEvent<string>) => {
      this.moving = undefined;
      this.moved = { name: entry.name, folder: detail };
      void this.load();
    };
    return html`<files-move .phone=${this.phone} .entries=${this.entries ?? []} .entry=${entry}
      @back=${() => (this.moving = undefined)} @moved=${moved}></files-move>`;
  }

  private told() {
    const { moved, renamed } = this;
    const names = moved && { name: short(moved.name), folder: short(moved.folder) };
    return html`${names ? this.note(t('files.moved', names), () => (this.moved = undefined)) : nothing}
      ${renamed.length > 0 ? this.note(savedAs(renamed), () => (this.renamed = [])) : nothing}`;
  }

  private note(words: string, close: () => void) {
    return html`<div class="failed told" role="status"><span>${words}</span>${this.icon('x', t('files.close'), close)}</div>`;
  }

  private alert() {
    if (!this.failed) return nothing;
    return html`<div class="failed" role="alert"><span>${this.failed}</span>${this.icon('x', t('files.close'), () => (this.failed = ''))}</div>`;
  }

  private input() {
    return html`<input type="file" multiple hidden @change=${this.pick}>`;
  }

  private searchField() {
    if (!this.entries?.length) return nothing;
    return html`<pl-field class="search" type="search" label=${t('files.search')} .value=${this.query} @input=${(event: Event) => this.look((event.currentTarget as HTMLElement & { value: string }).value)}></pl-field>`;
  }

  private used() {
    if (!this.usage) return nothing;
    const { used, limit } = this.usage;
    return html`<div class="usage">${t('files.used', { used: bytes(used), limit: bytes(limit) })}
      <progress max=${limit} .value=${used} aria-label=${t('files.used-label')}></progress></div>`;
  }

  private list() {
    if (!this.entries) return nothing;
    if (this.query.trim()) return this.found(this.entries);
    const shown = inFolder(this.entries, this.folder, this.order, localeTag());
    if (shown.length === 0 && this.sending.none)
      return html`<pl-empty glyph="folder" text=${t('files.empty')}><pl-button kind="primary" @click=${() => this.choose()}>${t('files.upload')}</pl-button></pl-empty>`;
    return shown.length > 0
      ? html`<div class="card">${shown.map((entry) => this.row(entry))}</div>`
      : nothing;
  }

  private found(entries: readonly Entry[]) {
    const files = this.hits?.files ?? [];
    const shown = files.flatMap(({ file }) => entries.find(({ id }) => id === file) ?? []);
    const local = this.hits?.local ? html`<p class="usage">${t('files.search-local')}</p>` : nothing;
    if (shown.length > 0)
      return html`${local}<div class="card">${shown.map((entry) => this.row(entry))}</div>`;
    return this.hits
      ? html`${local}<pl-empty glyph="search" text=${t('files.search-none')}></pl-empty>`
      : nothing;
  }

  private row(entry: Entry) {
    const inside = entry.folder ? this.entries!.filter((one) => one.parent === entry.id).length : 0;
    const under = entry.folder
      ? t('files.items', { count: inside })
      : html`${bytes(entry.size)} · <span class="unbroken">${listDay(entry.modifiedMs)}</span>`;
    const act = () => (entry.folder ? this.enter(entry) : this.open(entry.id));
    return html`<div class="row"><span class="lead">${this.lead(entry)}</span>
        <button class="what" @click=${act}>${nameLine(entry.name)}<span class="under">${under}</span></button>
        ${entry.folder ? this.pencil(entry) : this.icon('download', t('files.download', { name: entry.name }), () => void this.download(entry))}
        ${this.icon('trash', t('files.delete', { name: entry.name }), () => void this.erase(entry))}
      </div>`;
  }

  private lead(entry: Entry) {
    return !entry.folder && hasThumbnail(entry)
      ? html`<files-thumbnail .phone=${this.phone} .entry=${entry}></files-thumbnail>`
      : html`<pl-icon name=${glyphOf(entry)}></pl-icon>`;
  }

  private details(entry: Entry) {
    return html`<div class="details"><files-versions .phone=${this.phone} .entry=${entry} ?quiet=${isReadAtOnce(entry)} @change=${() => void this.load()}></files-versions>
      <files-shares .phone=${this.phone} .file=${entry.id} quiet></files-shares>
      <div class="ask"><div class="acts"><pl-button @click=${() => this.take(entry)}>${t('files.move-to')}</pl-button>
        <pl-button @click=${() => this.choose(entry)}>${t('files.new-version')}</pl-button></div></div></div>`;
  }

  private askCard() {
    if (this.asks.length === 0) return nothing;
    return html`<vault-asks .phone=${this.phone} .asks=${this.asks} @change=${() => void this.asking.read()}></vault-asks>`;
  }

  private folderCard(here: Entry | undefined) {
    if (!here || !this.more) return nothing;
    return html`<div class="card"><div class="details"><files-shares .phone=${this.phone} .file=${here.id} quiet></files-shares>
      <div class="ask"><div class="acts"><pl-button @click=${() => this.rename(here)}>${t('files.rename-it')}</pl-button>
        <pl-button @click=${() => this.take(here)}>${t('files.move-to')}</pl-button></div></div></div></div>`;
  }

  /** Ways from the root to what is not among the files. */
  private places() {
    const trash = this.usage?.trash ?? 0;
    if (this.folder || this.query) return nothing;
    const row = (glyph: GlyphName, aside: 'trash' | 'given' | 'vault', name: string, under: string) =>
      html`<div class="row"><span class="lead"><pl-icon name=${glyph}></pl-icon></span>
        <button class="what" @click=${() => (this.aside = aside)}><span class="name">${name}</span><span class="under">${under}</span></button>
        <span></span><pl-icon name="chevron-right"></pl-icon></div>`;
    return html`<div class="card">
      ${row('lock', 'vault', t('files.vault'), t('files.vault-is'))}
      ${this.given ? row('users', 'given', t('files.given'), t('files.items', { count: this.given })) : nothing}
      ${trash ? row('trash', 'trash', t('files.trash'), bytes(trash)) : nothing}</div>`;
  }

  private uploads() {
    return this.sending.render(({ upload, transfer }) => {
      const paused = upload.state === 'paused';
      return html`<pl-button @click=${() => (paused ? transfer.resume() : transfer.pause())}>${t(paused ? 'files.resume' : 'files.pause')}</pl-button>
        ${this.icon('x', t('files.cancel'), () => transfer.cancel())}`;
    });
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

  private pencil(entry: Entry) {
    return this.icon('pencil', t('files.rename', { name: entry.name }), () => this.rename(entry));
  }

  private icon(name: string, label: string, act: () => void) {
    return html`<button class="icon" aria-label=${label} title=${label} @click=${act}><pl-icon name=${name}></pl-icon></button>`;
  }

  private readonly load = rereads(async () => {
    this.entries = (await this.phone.files.list()).map(entryOf);
    this.meet(this.entries);
    this.deleted.meet(this.entries);
    this.usage = await this.phone.files.usage().catch(() => this.usage);
    await this.readGiven();
  });

  /** The new files that are there by now: what became of their names. */
  private meet(entries: readonly Entry[]): void {
    for (const [id, wish] of this.sent) {
      const there = entries.find((one) => one.id === id);
      if (!there) continue;
      this.sent.delete(id);
      if (!isCalled(there.name, wish)) this.renamed = [...this.renamed, there.name];
    }
  }

  private readonly readGiven = rereads(async () => {
    this.given = await this.phone.files.given().then(
      (given) => given.length,
      () => this.given,
    );
  });

  private look(query: string): void {
    this.query = query;
    clearTimeout(this.pause);
    if (!query.trim()) {
      this.hits = undefined;
      return;
    }
    this.pause = setTimeout(() => void this.search(query), 200);
  }

  private async search(query: string): Promise<void> {
    const hits = await this.phone.files.search(query).then(
      ({ files }) => ({ files, local: false }),
      () => {
        const found = named(this.entries ?? [], query);
        return { files: found.map(({ id }) => ({ file: id, by: 'name' as const })), local: true };
      },
    );
    if (query === this.query) this.hits = hits;
  }

  /** Back to the files. */
  private leave = (): void => {
    this.aside = undefined;
    this.wanted = undefined;
  };

  /** What the app was opened for. */
  private wish({ view, owner, file }: Phone['intent']): void {
    if (view !== 'given' && view !== 'vault') return;
    this.moving = undefined;
    this.open('');
    this.aside = view;
    if (view === 'given') this.wanted = { owner: String(owner), file: String(file) };
  }

  private enter(folder: Entry): void {
    this.query = '';
    this.hits = undefined;
    this.folder = folder.id;
    this.more = false;
    this.moved = undefined;
    this.renamed = [];
    this.open('');
  }

  private open(file: string): void {
    this.opened = file;
    this.naming = undefined;
    this.moved = undefined;
  }

  private choose(replaced?: Entry): void {
    this.replaced = replaced;
    this.picker.multiple = replaced === undefined;
    this.picker.click();
  }

  private up(): void {
    this.folder = pathTo(this.entries ?? [], this.folder).at(-2)?.id ?? '';
  }

  private pick = (): void => {
    this.upload(this.picker.files, this.replaced);
    this.picker.value = '';
  };

  private upload(files: FileList | null | undefined, replaced?: Entry): void {
    if (this.sending.none) this.renamed = [];
    for (const file of files ?? [])
      this.sending.add(
        file,
        (show) => this.phone.files.upload(file, file.name, this.folder, show, replaced?.id),
        (id) => !replaced && this.sent.set(id, file.name),
      );
  }

  /** Onto what is shown: what falls on the vault is not to lie in the clear. */
  private dropped(files: FileList | undefined): void {
    if (this.aside === 'given') this.renderRoot.querySelector<FilesGiven>('files-given')?.take(files);
    else if (this.aside === 'vault') this.renderRoot.querySelector<FilesVault>('files-vault')?.take(files);
    else if (!this.aside && !this.moving) this.upload(files);
  }

  private async download(entry: Entry): Promise<void> {
    await this.attempt(async () => saveAs(await this.phone.files.download(entry.id), entry.name));
  }

  private async erase(entry: Entry): Promise<void> {
    await this.attempt(async () => {
      await this.phone.files.delete(entry.id);
      this.open('');
      this.deleted.tell(entry);
    });
    await this.load();
  }

  private async restore(entry: Entry): Promise<void> {
    await this.attempt(() => this.phone.files.restore(entry.id));
    await this.load();
  }

  private rename(entry: Entry): void {
    this.more = false;
    this.newName({ entry, name: entry.name });
  }

  private newName(naming: { entry?: Entry; name: string }): void {
    this.naming = naming;
    focusName(this); // the row may lie far below the field
  }

  private take(entry: Entry): void {
    this.failed = '';
    this.more = false;
    this.naming = undefined;
    this.moved = undefined;
    this.moving = entry;
  }

  /** What was typed stays where it did not work. */
  private async name(): Promise<void> {
    const { naming } = this;
    const name = naming?.name.trim();
    if (!naming || !name) return;
    this.failed = '';
    await this.attempt(async () => {
      if (naming.entry) await this.phone.files.rename(naming.entry.id, name);
      else await this.phone.files.folder(name, this.folder);
      if (this.naming === naming) this.naming = undefined;
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
customElements.define('files-app', FilesApp);
