/** Import and export under way, and what became of them. */

import { problemWords, saveAs, t } from '@pileus/kit';
import { BridgeError, type CardReport, type Phone } from '@pileus/sdk';
import { html, nothing, type ReactiveControllerHost } from 'lit';

interface Result {
  report?: CardReport;
  failed?: string;
}

export class Exchange {
  private progress: number | undefined;
  private result: Result | undefined;

  constructor(private readonly host: ReactiveControllerHost) {}

  async take(phone: Phone, file: File): Promise<void> {
    if (this.progress !== undefined) return;
    this.set(0, undefined);
    try {
      const report = await phone.contacts.import(file, (sent, size) =>
        this.set(size ? Math.min(1, sent / size) : 0),
      );
      this.set(undefined, { report });
    } catch (error) {
      this.set(undefined, failure(error));
    }
  }

  async give(phone: Phone, version: '3.0' | '4.0', contact?: string): Promise<void> {
    try {
      saveAs(await phone.contacts.export(version, contact), 'contacts.vcf');
    } catch (error) {
      this.set(undefined, failure(error));
    }
  }

  render() {
    if (this.progress !== undefined)
      return html`<div class="report" role="status">${t('contacts.importing', { percent: Math.floor(this.progress * 100) })}
        <progress max="1" .value=${this.progress} aria-label=${t('contacts.import')}></progress></div>`;
    if (!this.result) return nothing;
    const { report, failed } = this.result;
    return html`<div class="report" role="status">${failed ? html`<p class="bad">${failed}</p>` : nothing}
      ${
        report
          ? html`<p>${t('contacts.imported', { count: report.imported })}
        ${report.merged ? t('contacts.gained', { count: report.merged }) : nothing}
        ${report.same ? t('contacts.same', { count: report.same }) : nothing}
        ${report.skipped_count ? t('contacts.skipped', { count: report.skipped_count }) : nothing}</p>`
          : nothing
      }
      ${
        report?.skipped_count
          ? html`<pl-skipped app="contacts" .items=${report.skipped} .count=${report.skipped_count}></pl-skipped>`
          : nothing
      }
      <pl-button @click=${() => this.set(undefined, undefined)}>${t('contacts.close')}</pl-button></div>`;
  }

  private set(progress: number | undefined, result?: Result): void {
    this.progress = progress;
    this.result = result;
    this.host.requestUpdate();
  }
}

function failure(error: unknown): Result {
  if (!(error instanceof BridgeError)) throw error;
  if (error.code === 'offline') return { failed: t('contacts.offline') };
  const failed = problemWords(error.code, error.message);
  const report = (error.data as { report?: CardReport | null } | undefined)?.report;
  return report ? { failed, report } : { failed };
}
