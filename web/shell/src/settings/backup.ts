import { html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { bytes, problemWords, t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/icon.ts';
import {
  type About,
  APPS,
  type AppKept,
  BACKUP,
  COLLECTIONS,
  isAlarm,
  lastWords,
  type Report,
  reportWords,
  type Skipped,
  type Snapshot,
  STATE,
  STATES,
  type State,
  sizeWords,
} from './backup-rules.ts';
import { moment } from './devices.ts';
import { SettingsPage } from './page.ts';
import { insideStyles, pageStyles, settingsStyles } from './settings.css.ts';

interface Overview {
  state: State;
  snapshots: readonly Snapshot[];
}
interface Item {
  id: string;
  label: string;
  state: keyof typeof STATES;
}

interface Wish {
  records?: Record<string, string[] | null>;
  apps?: string[];
}

/** When the phone was backed up last, all its backups, and one more now. */
export class PlBackup extends SettingsPage {
  @state() private overview?: Overview;
  @state() private running = false;
  private offs: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.work(this.read);
    this.offs = [this.phone.sync.subscribe(BACKUP, () => void this.ended())];
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
    const alarm = isAlarm(state, Date.now());
    return html`${this.problemLine()}
      <div class="card rows"><div class="row still ${alarm ? 'alarm' : ''}">
        <span class="lead soft"><pl-icon name=${alarm ? 'circle-alert' : 'cloud-upload'}></pl-icon></span>
        <span><b>${lastWords(state, Date.now())}</b>
          <small>${state.last_ms === undefined ? t('backup.soon') : sizeWords(state)}</small></span></div></div>
      ${state.failed_code ? html`<p class="problem" role="alert">${problemWords(state.failed_code, t('backup.failed'))}</p>` : nothing}
      <pl-button id="now" kind="primary" ?busy=${this.running} @click=${this.begin}>${t('backup.now')}</pl-button>
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
      }`;
  }

  private read = async (): Promise<void> => {
    this.overview = await this.phone.api.get<Overview>('/backups/phone');
  };

  private begin = async (): Promise<void> => {
    if (this.running) return;
    this.running = await this.work(() => this.phone.api.post('/backups/phone', {}));
  };

  /** The cloud told that a backup was made, or failed. */
  private async ended(): Promise<void> {
    await this.phone.sync.get(BACKUP, STATE);
    this.running = false;
    await this.work(this.read);
  }
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
  @state() private said = '';
  @state() private skipped: readonly Skipped[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.work(async () => {
      const about = await this.phone.api.get<About>(this.path());
      this.counts = about.collections;
      this.apps = about.apps;
      this.skipped = about.skipped;
    });
  }

  override render() {
    if (!this.counts)
      return this.problem
        ? this.problemLine()
        : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    const there = Object.keys(COLLECTIONS).filter((name) => (this.counts?.[name] ?? 0) > 0);
    return html`${this.problemLine()}
      ${this.said ? html`<p class="said" role="status">${this.said}</p>` : nothing}
      ${this.skipped.length > 0 ? html`<ul class="note">${this.skipped.map((one) => html`<li>${one.label || one.item}: ${problemWords(one.code, one.code)}</li>`)}</ul>` : nothing}
      ${there.length + this.apps.length === 0 ? html`<p class="note">${t('backup.empty')}</p>` : nothing}
      <div class="card rows">${there.map((name) => this.kind(name))}${this.apps.length > 0 ? this.appsKind() : nothing}</div>
      <p class="note">${t('backup.restore-note')}</p>`;
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
      <pl-button class="all" ?busy=${this.busy} @click=${() => this.restore(name)}>${t('backup.restore-all')}</pl-button>
      <input type="search" aria-label=${t('backup.seek')} placeholder=${t('backup.seek')} .value=${this.wanted} @change=${this.seek}>
      ${this.items?.map(
        (
          item,
        ) => html`<div class="item"><span>${item.label || t('backup.nameless')}<small>${t(STATES[item.state])}</small></span>
          ${item.state === 'same' ? nothing : html`<pl-button @click=${() => this.restore(name, item.id)} aria-label=${t('backup.restore-one', { name: item.label })}>${t('backup.restore')}</pl-button>`}</div>`,
      )}
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

  private restore = async (name: string, id?: string): Promise<void> => {
    await this.bring({ records: { [name]: id === undefined ? null : [id] } });
    await this.work(this.read);
  };

  private bring = async (wish: Wish): Promise<void> => {
    this.said = '';
    await this.work(async () => {
      const report = await this.phone.api.post<Report>(`${this.path()}/restore`, wish);
      this.said = reportWords(report);
      this.skipped = report.skipped;
      this.phone.sync.ring();
    });
  };

  private path(): string {
    return `/backups/phone/${this.snapshot.id}`;
  }
}
customElements.define('pl-backup-one', PlBackupOne);
