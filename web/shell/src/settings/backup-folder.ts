import { css, html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { bytes, t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/icon.ts';
import { selectStyles } from '../../../kit/src/elements/select.ts';
import { saveAs } from '../../../kit/src/save.ts';
import { type Folders, foundWords, type Made } from './backup-rules.ts';
import { moment } from './devices.ts';
import './forget.ts';
import { type Going, SettingsPage } from './page.ts';
import { pageStyles, settingsStyles } from './settings.css.ts';

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
  static override styles = [
    settingsStyles,
    pageStyles,
    css`
      .times { display: grid; gap: 4px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); text-indent: 4px; }
      select { all: unset; box-sizing: border-box; width: 100%; height: 48px; padding-left: 16px; border-radius: var(--pl-radius);
        font: 400 16px/48px var(--pl-font); color: var(--pl-ink); text-indent: 0; cursor: pointer; }
      select:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 1px; }
      option { background: var(--pl-card); color: var(--pl-ink); }
    `,
    selectStyles,
  ];
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
      <p class="note">${this.folders.paths.join(', ')}</p>
      <label class="times">${t('backup.of-time')}
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
    return html`<button class="row" ?disabled=${still || this.busy} @click=${press}>
      <span class="lead soft"><pl-icon name=${GLYPHS[one.kind]}></pl-icon></span>
      <span><b>${one.name}</b><small>${foundWords(one.modified_ms, one.kind === 'file' ? bytes(one.size) : '', moment)}</small></span>
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
      saveAs(await answer.blob(), one.name);
    });
  };

  private path(): string {
    return `/backups/snapshots/${this.snapshot?.id ?? ''}`;
  }
}
customElements.define('pl-backup-folder', PlBackupFolder);
