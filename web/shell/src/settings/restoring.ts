import { html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { problemWords, t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import { saveAs } from '../../../kit/src/save.ts';
import type { Fields } from '../../../kit/src/sync/types.ts';
import { type Entry, JOBS, type Report, reportWords } from './backup-rules.ts';
import { SettingsPage } from './page.ts';

interface Page {
  entries: readonly Entry[];
  next: number | null;
}

/** A restore that goes on, and what became of each item; fires `ended`. */
export class PlRestoring extends SettingsPage {
  @property() job = '';
  @state() private fields: Fields = {};
  @state() private entries: readonly Entry[] = [];
  @state() private next: number | null = 0;
  private off = (): void => undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.off = this.phone.sync.subscribe(JOBS, (ids) => {
      if (ids.includes(this.job)) void this.look();
    });
    void this.look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.off();
  }

  override render() {
    if (!this.ended()) return this.going();
    const report = this.fields.result as Report | null | undefined;
    const failed = this.fields.state === 'failed';
    return html`${this.problemLine()}
      ${failed ? html`<p class="problem" role="alert">${problemWords(String(this.fields.code), t('backup.restore-failed'))}</p>` : nothing}
      ${report ? html`<p class="said" role="status">${reportWords(report)}</p>` : nothing}
      ${this.entries.length > 0 ? this.list() : nothing}`;
  }

  private going() {
    const part = Math.round(Number(this.fields.progress ?? 0) * 100);
    return html`${this.problemLine()}<div class="card" role="status">
      <b>${t('backup.restoring')}</b>
      <div class="bar" role="progressbar" aria-label=${t('backup.restoring')} aria-valuenow=${part}><i .style=${`transform:scaleX(${Math.max(0.006, part / 100)})`}></i></div>
      <pl-button id="cancel" ?busy=${this.busy} @click=${this.cancel}>${t('backup.cancel')}</pl-button></div>`;
  }

  private list() {
    return html`<details><summary>${t('backup.report')}</summary>
      <ul class="note">${this.entries.map((one) => html`<li>${one.label || one.item}: ${outcomeWords(one)}</li>`)}</ul>
      ${this.next === null ? nothing : html`<pl-button ?busy=${this.busy} @click=${this.more}>${t('backup.more')}</pl-button>`}
      <pl-button ?busy=${this.busy} @click=${this.save}>${t('backup.report-save')}</pl-button></details>`;
  }

  private ended(): boolean {
    return this.fields.state === 'done' || this.fields.state === 'failed';
  }

  private async look(): Promise<void> {
    if (this.ended()) return;
    const { job } = this;
    const record = await this.phone.sync.get(JOBS, job);
    if (!record || job !== this.job) return;
    this.fields = record.fields;
    if (!this.ended()) return;
    this.dispatchEvent(new CustomEvent('ended'));
    await this.more();
  }

  private more = async (): Promise<void> => {
    await this.work(async () => {
      const page = await this.phone.api.get<Page>(`${this.path()}?start=${this.next ?? 0}`);
      this.entries = [...this.entries, ...page.entries];
      this.next = page.next;
    });
  };

  private cancel = async (): Promise<void> => {
    await this.work(() => this.phone.api.delete(this.path()));
  };

  private save = async (): Promise<void> => {
    await this.work(async () => {
      const file = await this.phone.api.send('GET', `${this.path()}/file`);
      saveAs(await file.blob(), `pileus-restore-${this.job}.jsonl`);
    });
  };

  private path(): string {
    return `/backups/phone/restores/${this.job}`;
  }
}
customElements.define('pl-restoring', PlRestoring);

function outcomeWords({ outcome, code }: Entry): string {
  return outcome === 'restored' ? t('backup.outcome-restored') : problemWords(code ?? '', code ?? '');
}
