import { html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { bytes, problemWords, t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/icon.ts';
import { words } from '../session/problem.ts';
import {
  type About,
  APPS,
  type AppKept,
  BACKUP,
  COLLECTIONS,
  type Folders,
  foldersOf,
  type Item,
  isAlarm,
  itemName,
  itemWords,
  JOBS,
  lastWords,
  openJob,
  phonesOwn,
  RESTORE,
  type Skipped,
  SNAPSHOTS,
  type Snapshot,
  type State,
  sizeWords,
} from './backup-rules.ts';
import { moment } from './devices.ts';
import './forget.ts';
import { type Going, SettingsPage } from './page.ts';
import './restoring.ts';
import { insideStyles, pageStyles, settingsStyles } from './settings.css.ts';

interface Overview {
  state: State;
  snapshots: readonly Snapshot[];
}
interface Wish {
  records?: Record<string, string[] | null>;
  apps?: string[];
  all?: boolean;
}

/** When the phone was backed up last, all its backups, and one more now. */
export class PlBackup extends SettingsPage {
  @state() private overview?: Overview;
  @state() private folders: readonly Folders[] = [];
  /** How much of the backup that is being made is done; undefined where none is. */
  @state() private running?: number;
  private offs: (() => void)[] = [];
  private turn = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.read();
    this.offs = [
      this.phone.sync.subscribe(BACKUP, () => void this.read()),
      this.phone.sync.subscribe(JOBS, () => void this.readJobs()),
      this.phone.sync.subscribe(SNAPSHOTS, () => {
        void this.read();
        void this.readFolders();
      }),
      this.phone.usage.watch(() => this.requestUpdate()),
    ];
    void this.readJobs();
    void this.readFolders();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const off of this.offs) off();
  }

  override render() {
    if (!this.overview)
      return this.problem
        ? this.problemLine()
        : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    const { state, snapshots } = this.overview;
    const alarm = isAlarm(state, Date.now(), this.phone.usage.value?.since);
    return html`${this.problemLine()}
      <div class="card rows"><div class="row still ${alarm ? 'alarm' : ''}">
        <span class="lead soft"><pl-icon name=${alarm ? 'circle-alert' : 'cloud-upload'}></pl-icon></span>
        <span><b>${lastWords(state, Date.now())}</b>
          <small>${state.last_ms === undefined ? t('backup.soon') : sizeWords(state)}</small></span></div></div>
      ${state.failed_code ? html`<p class="problem" role="alert">${problemWords(state.failed_code, t('backup.failed'))}</p>` : nothing}
      ${this.running === undefined ? nothing : this.making(this.running)}
      <pl-button id="now" kind="primary" ?busy=${this.busy || this.running !== undefined} @click=${this.begin}>${t('backup.now')}</pl-button>
      <p class="note">${t('backup.lead')}</p>
      ${
        snapshots.length === 0
          ? nothing
          : html`<h2>${t('backup.all')}</h2><div class="card rows">${snapshots.map(
              (
                snapshot,
              ) => html`<button class="row" @click=${() => this.go({ page: 'backup-one', snapshot })}>
                <span class="lead soft"><pl-icon name="undo"></pl-icon></span>
                <span><b>${moment(snapshot.time_ms)}</b><small>${bytes(snapshot.bytes)}</small></span><pl-icon name="chevron-right"></pl-icon></button>`,
            )}</div>`
      }
      ${this.folders.length === 0 ? nothing : html`<h2>${t('backup.folders')}</h2><div class="card rows">${this.folders.map((one) => this.computer(one))}</div>`}`;
  }

  private making(progress: number) {
    const part = Math.round(progress * 100);
    return html`<div class="card pad" role="status"><b>${t('backup.making')}</b>
      <div class="bar" role="progressbar" aria-label=${t('backup.making')} aria-valuenow=${part}><i .style=${`transform:scaleX(${Math.max(0.006, progress)})`}></i></div></div>`;
  }

  private computer(one: Folders) {
    return html`<button class="row ${one.stopped ? 'alarm' : ''}" @click=${() => this.go({ page: 'backup-folder', folders: one })}>
      <span class="lead soft"><pl-icon name=${one.stopped ? 'circle-alert' : 'folder'}></pl-icon></span>
      <span><b>${one.paths.join(', ')}</b><small>${one.host} · ${lastWords(one, Date.now())}</small></span><pl-icon name="chevron-right"></pl-icon></button>`;
  }

  private readFolders = async (): Promise<void> => {
    this.folders = foldersOf(await this.phone.sync.query(SNAPSHOTS), Date.now());
  };

  /** Whatever else goes on: the cloud may tell that a backup was made while one is asked for. */
  private read = async (): Promise<void> => {
    const turn = ++this.turn;
    try {
      const overview = await this.phone.api.get<Overview>('/backups/phone');
      if (turn !== this.turn) return;
      this.overview = overview;
      this.problem = '';
    } catch (error) {
      if (turn === this.turn) this.problem = words(error);
    }
  };

  private readJobs = async (): Promise<void> => {
    const open = openJob(await this.phone.sync.query(JOBS), BACKUP);
    const ended = this.running !== undefined && !open;
    this.running = open ? Number(open.fields.progress ?? 0) : undefined;
    if (ended) await this.read();
  };

  private begin = async (): Promise<void> => {
    if (this.running !== undefined) return;
    await this.work(() => this.phone.api.post('/backups/phone', {}));
    this.phone.sync.ring();
  };
}
customElements.define('pl-backup', PlBackup);

/** What a backup holds: all of a kind comes back, or what is chosen in it. */
export class PlBackupOne extends SettingsPage {
  static override styles = [settingsStyles, pageStyles, insideStyles];
  @property({ attribute: false }) snapshot!: Snapshot;
  @state() private counts?: Readonly<Record<string, number>>;
  @state() private apps: readonly AppKept[] = [];
  @state() private open = '';
  @state() private items?: readonly Item[];
  @state() private wanted = '';
  @state() private job = '';
  @state() private going = false;
  @state() private skipped: readonly Skipped[] = [];
  @state() private last = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.phone.sync.query(SNAPSHOTS).then((records) => {
      this.last = phonesOwn(records) < 2;
    });
    void this.work(async () => {
      const about = await this.phone.api.get<About>(this.path());
      this.counts = about.collections;
      this.apps = about.apps;
      this.skipped = about.skipped;
      const open = openJob(await this.phone.sync.query(JOBS), RESTORE);
      if (open) this.follow(open.id);
    });
  }

  override render() {
    if (!this.counts)
      return this.problem
        ? this.problemLine()
        : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    const there = Object.keys(COLLECTIONS).filter((name) => (this.counts?.[name] ?? 0) > 0);
    return html`${this.problemLine()}
      ${this.job ? html`<pl-restoring .phone=${this.phone} .job=${this.job} @ended=${this.ended}></pl-restoring>` : nothing}
      ${this.skipped.length > 0 ? html`<ul class="note">${this.skipped.map((one) => html`<li>${one.label || one.item}: ${problemWords(one.code, one.code)}</li>`)}</ul>` : nothing}
      ${there.length + this.apps.length === 0 ? html`<p class="note">${t('backup.empty')}</p>` : nothing}
      <div class="card rows">${there.map((name) => this.kind(name))}${this.apps.length > 0 ? this.appsKind() : nothing}</div>
      ${there.length + this.apps.length === 0 ? nothing : html`<pl-button id="everything" kind="primary" ?busy=${this.busy || this.going} @click=${() => this.bring({ all: true })}>${t('backup.restore-everything')}</pl-button>`}
      <p class="note">${t('backup.restore-note')}</p>
      ${this.going ? nothing : html`<pl-forget .phone=${this.phone} .snapshot=${this.snapshot} ?last=${this.last} @go=${(event: CustomEvent<Going>) => this.go(event.detail)}></pl-forget>`}`;
  }

  private kind(name: string) {
    const open = this.open === name;
    return html`${this.head(t(COLLECTIONS[name] ?? ''), this.counts?.[name] ?? 0, open, () => this.look(name))}
      ${open ? this.inside(name) : nothing}`;
  }

  private head(label: string, count: number, open: boolean, toggle: () => void) {
    return html`<button class="row" aria-expanded=${open} @click=${toggle}>
        <span class="lead soft"><pl-icon name=${open ? 'chevron-up' : 'chevron-down'}></pl-icon></span>
        <span><b>${label}</b><small>${t('backup.count', { count })}</small></span></button>`;
  }

  /** What apps kept in files of their own: an app comes back as a whole. */
  private appsKind() {
    const open = this.open === APPS;
    const toggle = () => {
      this.open = open ? '' : APPS;
    };
    return html`${this.head(t('backup.apps'), this.apps.length, open, toggle)}
      ${
        open
          ? html`<div class="inside"><p class="note">${t('backup.apps-note')}</p>${this.apps.map(
              (
                one,
              ) => html`<div class="item"><span>${one.label}<small>${bytes(one.bytes)}</small></span><pl-button ?busy=${this.busy}
                @click=${() => this.bring({ apps: [one.app] })} aria-label=${t('backup.restore-one', { name: one.label })}>${t('backup.restore')}</pl-button></div>`,
            )}</div>`
          : nothing
      }`;
  }

  private inside(name: string) {
    return html`<div class="inside">
      <pl-button class="all" ?busy=${this.busy || this.going} @click=${() => this.restore(name)}>${t('backup.restore-all')}</pl-button>
      <input type="search" aria-label=${t('backup.seek')} placeholder=${t('backup.seek')} .value=${this.wanted} @change=${this.seek}>
      ${this.items?.map((item) => {
        const called = itemName(name, item, this.phone.apps.value);
        return html`<div class="item"><span>${called}<small>${itemWords(item, moment)}</small></span>
          ${item.state === 'same' ? nothing : html`<pl-button @click=${() => this.restore(name, item.id)} aria-label=${t('backup.restore-one', { name: called })}>${t('backup.restore')}</pl-button>`}</div>`;
      })}
      ${this.items?.length === 0 ? html`<p class="note">${t('search.none')}</p>` : nothing}</div>`;
  }

  private look = async (name: string): Promise<void> => {
    this.open = this.open === name ? '' : name;
    this.wanted = '';
    this.items = undefined;
    if (this.open) await this.work(this.read);
  };

  private seek = async (event: Event): Promise<void> => {
    this.wanted = (event.target as HTMLInputElement).value;
    await this.work(this.read);
  };

  private read = async (): Promise<void> => {
    const asked = new URLSearchParams({ collection: this.open, q: this.wanted });
    this.items = await this.phone.api.get<readonly Item[]>(`${this.path()}/items?${asked}`);
  };

  private restore = (name: string, id?: string): Promise<void> =>
    this.bring({ records: { [name]: id === undefined ? null : [id] } });

  private bring = async (wish: Wish): Promise<void> => {
    await this.work(async () => {
      this.follow((await this.phone.api.post<{ job: string }>(`${this.path()}/restore`, wish)).job);
    });
  };

  private follow(job: string): void {
    this.job = job;
    this.going = true;
    this.phone.sync.ring();
  }

  private ended = async (): Promise<void> => {
    this.going = false;
    if (this.open && this.open !== APPS) await this.work(this.read);
  };

  private path(): string {
    return `/backups/phone/${this.snapshot.id}`;
  }
}
customElements.define('pl-backup-one', PlBackupOne);
