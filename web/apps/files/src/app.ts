/** Files: folders, uploads that go on after a lost connection, downloads, what is used. */

import '@pileus/kit';
import { bytes, localeTag, problemWords, t, Words } from '@pileus/kit';
import { BridgeError, type Phone, type Transfer, type Upload } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { type Entry, entryOf, glyphOf, inFolder, type Order, pathTo, short } from './entry.ts';
import { styles } from './styles.ts';

interface Sending {
  name: string;
  upload: Upload;
  transfer: Transfer<string>;
}

export class FilesApp extends LitElement {
  static override styles = styles;
  @property({ attribute: false }) phone!: Phone;
  @state() private entries: Entry[] | undefined;
  @state() private folder = '';
  @state() private order: Order = 'name';
  @state() private usage: { used: number; limit: number } | undefined;
  @state() private sending: readonly Sending[] = [];
  @state() private failed = '';
  @state() private asked = '';
  @state() private naming: string | undefined;
  @state() private dropping = false;
  @query('input[type=file]') private picker!: HTMLInputElement;

  constructor() {
    super();
    new Words(this);
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
      this.upload(event.dataTransfer?.files);
    });
  }

  override firstUpdated(): void {
    void this.load();
    this.phone.files.onChange(() => void this.load());
    this.phone.onBack(() => {
      if (!this.folder) return false;
      this.up();
      return true;
    });
  }

  override render() {
    const here = pathTo(this.entries ?? [], this.folder).at(-1);
    return html`<div class="top">
        ${here ? this.icon('chevron-left', t('files.back'), () => this.up()) : nothing}
        <h1>${here?.name ?? t('files.title')}</h1>
        ${this.icon('folder-plus', t('files.new-folder'), () => (this.naming = ''))}
        ${this.icon('upload', t('files.upload'), () => this.picker.click())}
      </div>
      ${this.used()}
      <pl-segments label=${t('files.sort')} .value=${this.order} .options=${(['name', 'date', 'size'] as const).map((value) => ({ value, label: t(`files.by-${value}`) }))}
        @change=${(event: CustomEvent<Order>) => (this.order = event.detail)}></pl-segments>
      ${this.failed ? html`<div class="failed" role="alert"><span>${this.failed}</span>${this.icon('x', t('files.close'), () => (this.failed = ''))}</div>` : nothing}
      <div class="list ${this.dropping ? 'drop' : ''}">${this.newFolder()}${this.uploads()}${this.list()}</div>
      <input type="file" multiple hidden @change=${this.pick}>`;
  }

  private used() {
    if (!this.usage) return nothing;
    const { used, limit } = this.usage;
    return html`<div class="usage">${t('files.used', { used: bytes(used), limit: bytes(limit) })}
      <progress max=${limit} .value=${used} aria-label=${t('files.used-label')}></progress></div>`;
  }

  private list() {
    if (!this.entries) return nothing;
    const shown = inFolder(this.entries, this.folder, this.order, localeTag());
    if (shown.length === 0 && this.sending.length === 0)
      return html`<pl-empty glyph="folder" text=${t('files.empty')}><pl-button kind="primary" @click=${() => this.picker.click()}>${t('files.upload')}</pl-button></pl-empty>`;
    return shown.length > 0
      ? html`<div class="card">${shown.map((entry) => this.row(entry))}</div>`
      : nothing;
  }

  private row(entry: Entry) {
    const date = new Date(entry.modifiedMs).toLocaleDateString(localeTag(), { dateStyle: 'medium' });
    const inside = entry.folder ? this.entries!.filter((one) => one.parent === entry.id).length : 0;
    const under = entry.folder
      ? t('files.items', { count: inside })
      : html`${bytes(entry.size)} · <span class="unbroken">${date}</span>`;
    const what = html`<span class="name">${entry.name}</span><span class="under">${under}</span>`;
    return html`<div class="row"><span class="lead"><pl-icon name=${glyphOf(entry)}></pl-icon></span>
        ${entry.folder ? html`<button class="what" @click=${() => (this.folder = entry.id)}>${what}</button>` : html`<div class="what">${what}</div>`}
        ${entry.folder ? html`<span></span>` : this.icon('download', t('files.download', { name: entry.name }), () => void this.download(entry))}
        ${this.icon('trash', t('files.delete', { name: entry.name }), () => (this.asked = entry.id))}
      </div>
      ${
        this.asked === entry.id
          ? html`<div class="ask"><p>${t('files.sure', { name: entry.name })}</p><div class="acts">
            <pl-button @click=${() => (this.asked = '')}>${t('files.cancel')}</pl-button>
            <pl-button kind="danger" @click=${() => void this.erase(entry)}>${t('files.yes')}</pl-button></div></div>`
          : nothing
      }`;
  }

  private uploads() {
    if (this.sending.length === 0) return nothing;
    return html`<div class="card">${this.sending.map(({ name, upload, transfer }) => {
      const sizes = { sent: bytes(upload.sent), size: bytes(upload.size) };
      const paused = upload.state === 'paused';
      return html`<div class="row"><span class="lead"><pl-icon name="cloud-upload"></pl-icon></span>
        <div class="what"><span class="name">${name}</span><span class="under" role="status">${t(`files.${upload.state}`, sizes)}</span>
          <progress max=${upload.size || 1} .value=${upload.sent} aria-label=${name}></progress></div>
        <pl-button @click=${() => (paused ? transfer.resume() : transfer.pause())}>${t(paused ? 'files.resume' : 'files.pause')}</pl-button>
        ${this.icon('x', t('files.cancel'), () => transfer.cancel())}</div>`;
    })}</div>`;
  }

  private newFolder() {
    if (this.naming === undefined) return nothing;
    const make = () => void this.makeFolder();
    return html`<div class="card"><div class="ask"><pl-field label=${t('files.folder-name')} .value=${this.naming}
        @input=${(event: Event) => (this.naming = (event.currentTarget as HTMLElement & { value: string }).value)} @enter=${make}></pl-field>
      <div class="acts"><pl-button @click=${() => (this.naming = undefined)}>${t('files.cancel')}</pl-button>
      <pl-button kind="primary" ?disabled=${!this.naming.trim()} @click=${make}>${t('files.create')}</pl-button></div></div></div>`;
  }

  private icon(name: string, label: string, act: () => void) {
    return html`<button class="icon" aria-label=${label} title=${label} @click=${act}><pl-icon name=${name}></pl-icon></button>`;
  }

  private async load(): Promise<void> {
    this.entries = (await this.phone.files.list()).map(entryOf);
    this.usage = await this.phone.files.usage().catch(() => this.usage);
  }

  private up(): void {
    this.folder = pathTo(this.entries ?? [], this.folder).at(-2)?.id ?? '';
  }

  private pick = (): void => {
    this.upload(this.picker.files);
    this.picker.value = '';
  };

  private upload(files: FileList | null | undefined): void {
    for (const file of files ?? []) {
      const transfer = this.phone.files.upload(file, file.name, this.folder, (upload) =>
        this.change(transfer, { name: file.name, upload, transfer }),
      );
      const start: Upload = { sent: 0, size: file.size, state: 'sending' };
      this.sending = [...this.sending, { name: file.name, upload: start, transfer }];
      transfer.done
        .catch((error: unknown) => {
          if (!(error instanceof BridgeError && error.code === 'cancelled'))
            this.failed = t('files.failed', { name: short(file.name), why: why(error) });
        })
        .finally(() => {
          this.change(transfer, undefined);
          void this.load();
        });
    }
  }

  private change(transfer: Transfer<string>, sending: Sending | undefined): void {
    this.sending = this.sending.flatMap((one) =>
      one.transfer !== transfer ? [one] : sending ? [sending] : [],
    );
  }

  private async download(entry: Entry): Promise<void> {
    await this.attempt(async () => {
      const url = URL.createObjectURL(await this.phone.files.download(entry.id));
      const link = document.createElement('a');
      link.href = url;
      link.download = entry.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
  }

  private async erase(entry: Entry): Promise<void> {
    this.asked = '';
    if (this.entries?.some((one) => one.parent === entry.id)) {
      this.failed = t('files.not-empty');
      return;
    }
    await this.attempt(() => this.phone.files.delete(entry.id));
    await this.load();
  }

  private async makeFolder(): Promise<void> {
    const name = this.naming?.trim();
    if (!name) return;
    this.naming = undefined;
    await this.attempt(() => this.phone.files.folder(name, this.folder));
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

function why(error: unknown): string {
  const code = error instanceof BridgeError ? error.code : '';
  if (code === 'offline') return t('files.offline');
  if (code === 'quota-exceeded') return t('files.full');
  return problemWords(code, (error as Error).message);
}
