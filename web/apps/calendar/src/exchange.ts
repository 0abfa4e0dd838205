/** Files of events that come and go, and what became of them. */

import { problemWords, saveAs, t } from '@pileus/kit';
import { BridgeError, type EventReport, type Phone } from '@pileus/sdk';
import { html, nothing, type ReactiveControllerHost } from 'lit';

interface Result {
  report?: EventReport;
  failed?: string;
}

export class Exchange {
  private result: Result | undefined;

  constructor(private readonly host: ReactiveControllerHost) {}

  async take(phone: Phone, file: File): Promise<void> {
    await this.attempt(async () => ({ report: await phone.calendar.import(file, () => undefined) }));
  }

  async give(phone: Phone): Promise<void> {
    await this.attempt(async () => {
      saveAs(await phone.calendar.export(), 'calendar.ics');
      return undefined;
    });
  }

  render() {
    if (!this.result) return nothing;
    const { failed, report } = this.result;
    const left = report?.skipped_count ?? 0;
    return html`<div class="said" role="status">${failed ? html`<p class="bad">${failed}</p>` : nothing}
      ${report ? html`<p>${t('calendar.imported', { count: report.imported + report.updated })} ${left ? t('calendar.skipped', { count: left }) : nothing}</p>` : nothing}
      <button class="icon" aria-label=${t('calendar.close')} @click=${() => this.set(undefined)}><pl-icon name="x"></pl-icon></button>
      ${left ? html`<pl-skipped app="calendar" .items=${report!.skipped} .count=${left}></pl-skipped>` : nothing}</div>`;
  }

  private async attempt(work: () => Promise<Result | undefined>): Promise<void> {
    try {
      this.set(await work());
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      this.set({ failed: problemWords(error.code, error.message) });
    }
  }

  private set(result: Result | undefined): void {
    this.result = result;
    this.host.requestUpdate();
  }
}
