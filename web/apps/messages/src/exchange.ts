/** Files of messages that come and go, and what became of them; and what else went wrong. */

import { problemWords, saveAs, t } from '@pileus/kit';
import { BridgeError, type ImportReport, type Phone } from '@pileus/sdk';
import { html, nothing, type ReactiveControllerHost } from 'lit';

/** What makes a file of its own in the format that other programs read. */
export type Kind = 'messages' | 'calls';

interface Result {
  report?: ImportReport;
  failed?: string;
}

/** As SMS Backup & Restore begins the names of its files. */
const NAMES: Record<Kind, string> = { messages: 'sms.xml', calls: 'calls.xml' };

export class Exchange {
  private progress: number | undefined;
  private exporting = false;
  private result: Result | undefined;
  /** What was imported last: asked again, it brings back what was deleted. */
  private file: File | undefined;

  constructor(private readonly host: ReactiveControllerHost & { phone: Phone }) {}

  get importing(): boolean {
    return this.progress !== undefined;
  }

  async take(file: File, restoreDeleted = false): Promise<void> {
    if (this.importing) return;
    this.file = file;
    const sent = (done: number, size: number) => this.tell(this.result, size ? Math.min(1, done / size) : 0);
    let result: Result | undefined;
    sent(0, 0);
    try {
      result = { report: await this.host.phone.messages.import(file, sent, restoreDeleted) };
    } catch (error) {
      result = importFailure(error);
    } finally {
      this.tell(result, undefined);
    }
  }

  async give(kind: Kind): Promise<void> {
    if (this.exporting) return;
    this.exporting = true;
    this.clear();
    try {
      saveAs(await this.host.phone.messages.export(kind), NAMES[kind]);
    } catch (error) {
      this.fail(error);
    } finally {
      this.exporting = false;
      this.host.requestUpdate();
    }
  }

  fail(error: unknown): void {
    this.tell({ failed: words(error) }, this.progress);
  }

  clear(): void {
    this.tell(undefined, this.progress);
  }

  render() {
    if (this.progress !== undefined)
      return html`<div class="report" role="status">${t('messages.importing', { percent: Math.floor(this.progress * 100) })}
        <progress max="1" .value=${this.progress} aria-label=${t('messages.import')}></progress></div>`;
    if (this.exporting) return html`<div class="report" role="status">${t('messages.exporting')}</div>`;
    return this.result ? this.told(this.result) : nothing;
  }

  private told({ report, failed }: Result) {
    const left = report ? report.skipped_count - report.skipped.length : 0;
    return html`<div class="report" role="status">
      ${failed ? html`<p class="bad">${failed}</p>` : nothing}
      ${
        report
          ? html`<p>${t(failed ? 'messages.kept' : 'messages.imported', { count: report.imported })}
        ${report.repeated ? t('messages.repeated', { count: report.repeated }) : nothing}
        ${report.deleted ? t('messages.stay-deleted', { count: report.deleted }) : nothing}
        ${report.skipped_count ? t('messages.skipped', { count: report.skipped_count }) : nothing}</p>`
          : nothing
      }
      ${
        report?.skipped_count
          ? html`<ul>${report.skipped.map((one) => html`<li>${t('messages.line', { line: String(one.line), why: one.why })}</li>`)}
            ${left > 0 ? html`<li>${t('messages.more-skipped', { count: left })}</li>` : nothing}</ul>`
          : nothing
      }
      <div class="acts">${report?.deleted && this.file ? html`<pl-button @click=${() => void this.take(this.file!, true)}>${t('messages.bring-back')}</pl-button>` : nothing}
      <pl-button @click=${() => this.clear()}>${t('messages.close')}</pl-button></div></div>`;
  }

  private tell(result: Result | undefined, progress: number | undefined): void {
    this.result = result;
    this.progress = progress;
    this.host.requestUpdate();
  }
}

function importFailure(error: unknown): Result {
  if (!(error instanceof BridgeError)) throw error;
  if (error.code === 'offline') return { failed: t('messages.offline') };
  const failed = t('messages.failed', { why: words(error) });
  const report = (error.data as { report?: ImportReport | null } | undefined)?.report;
  return report ? { failed, report } : { failed };
}

function words(error: unknown): string {
  if (!(error instanceof BridgeError)) throw error;
  return problemWords(error.code, error.message);
}
