import { html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { bytes, t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/icon.ts';
import type { Folders, Made } from './backup-rules.ts';
import { moment } from './devices.ts';
import './forget.ts';
import { type Going, SettingsPage } from './page.ts';
import { saveAs } from './save.ts';

interface Entry {
  name: string;
  path: string;
  kind: 'file' | 'folder' | 'link' | 'other';
  size: number;
  modified_ms: number;
}
interface Listing {
  entries: readonly Entry[];
  more: number | null;
}
const GLYPHS = { file: 'file', folder: 'folder', link: 'link', other: 'file' } as const;

/** What is in the folders that a computer backed up, at each time: a file of it can be saved. */
export class PlBackupFolder extends SettingsPage {
  @property({ attribute: false }) folders!: Folders;
  @state() private snapshot?: Made;
  /** The folders on the way from the top. */
  @state() private way: readonly Entry[] = [];
  @state() private entries: readonly Entry[] = [];
  @state() private more: number | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.snapshot = this.folders.snapshots[0];
    void this.work(() => this.read());
  }

  override render() {
    const here = this.way.at(-1);
    return html`${this.problemLine()}
      <label class="field">${t('backup.of-time')}
        <select @change=${this.choose}>${this.folders.snapshots.map(
          (one) =>
            html`<option value=${one.id} ?selected=${one.id === this.snapshot?.id}>${moment(one.time_ms)}</option>`,
        )}</select></label>
      <div class="card rows">
        ${here ? html`<button class="row" id="up" @click=${this.up}><span class="lead soft"><pl-icon name="arrow-left"></pl-icon></span><span><b>/${this.way.map((one) => one.name).join('/')}</b></span></button>` : nothing}
        ${this.entries.map((one) => this.row(one))}
      </div>
      ${this.entries.length === 0 && !this.busy && !this.problem ? html`<p class="note">${t('backup.folder-empty')}</p>` : nothing}
      ${this.more === null ? nothing : html`<pl-button ?busy=${this.busy} @click=${() => this.work(() => this.read(this.more ?? 0))}>${t('backup.more')}</pl-button>`}
      <p class="note">${t('backup.folder-note')}</p>
      ${this.snapshot ? html`<pl-forget .phone=${this.phone} .snapshot=${this.snapshot} ?last=${this.folders.snapshots.length < 2} @go=${(event: CustomEvent<Going>) => this.go(event.detail)}></pl-forget>` : nothing}`;
  }

  private row(one: Entry) {
    const still = one.kind === 'link' || one.kind === 'other';
    const press = () => (one.kind === 'folder' ? this.enter([...this.way, one]) : this.save(one));
    const size = one.kind === 'file' ? ` · ${bytes(one.size)}` : '';
    return html`<button class="row" ?disabled=${still || this.busy} @click=${press}>
      <span class="lead soft"><pl-icon name=${GLYPHS[one.kind]}></pl-icon></span>
      <span><b>${one.name}</b><small>${moment(one.modified_ms)}${size}</small></span>
      ${one.kind === 'file' ? html`<pl-icon name="download"></pl-icon>` : nothing}</button>`;
  }

  private enter = async (way: readonly Entry[]): Promise<void> => {
    const before = this.way;
    this.way = way;
    if (!(await this.work(() => this.read()))) this.way = before;
  };

  private up = (): Promise<void> => this.enter(this.way.slice(0, -1));

  private choose = async (event: Event): Promise<void> => {
    const { value } = event.target as HTMLSelectElement;
    this.snapshot = this.folders.snapshots.find((one) => one.id === value);
    this.way = [];
    await this.work(() => this.read());
  };

  private async read(start = 0): Promise<void> {
    if (start === 0) this.entries = [];
    const asked = new URLSearchParams({ path: this.way.at(-1)?.path ?? '', start: String(start) });
    const found = await this.phone.api.get<Listing>(`${this.path()}/folder?${asked}`);
    this.entries = [...this.entries, ...found.entries];
    this.more = found.more;
  }

  private save = async (one: Entry): Promise<void> => {
    await this.work(async () => {
      const asked = new URLSearchParams({ path: one.path });
      const answer = await this.phone.api.send('GET', `${this.path()}/file?${asked}`);
      saveAs(one.name, await answer.blob());
    });
  };

  private path(): string {
    return `/backups/snapshots/${this.snapshot?.id ?? ''}`;
  }
}
customElements.define('pl-backup-folder', PlBackupFolder);
