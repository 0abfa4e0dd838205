import { html } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import { forgottenWords, type Made } from './backup-rules.ts';
import { moment } from './devices.ts';
import { SettingsPage } from './page.ts';

/** Deletes one backup, after a question and for the account's password; fires `go` to the backups. */
export class PlForget extends SettingsPage {
  @property({ attribute: false }) snapshot!: Made;
  /** There is no other backup of the same. */
  @property({ type: Boolean }) last = false;
  @state() private asked = false;
  @state() private present = '';

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('snapshot')) this.asked = false;
  }

  override render() {
    if (!this.asked)
      return html`<button class="text alone" id="forget" @click=${this.ask}>${t('backup.forget')}</button>`;
    return html`<div class="card fields" role="group" aria-labelledby="question">
      <div><b id="question">${t('backup.forget-sure', { when: moment(this.snapshot.time_ms) })}</b>
        <small>${t(this.last ? 'backup.forget-last' : 'backup.forget-lead')}</small></div>
      ${this.problemLine()}
      <pl-field id="present" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
        @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)} @enter=${this.forget}></pl-field>
      <pl-button id="confirm" kind="danger" ?busy=${this.busy} ?disabled=${!this.present} @click=${this.forget}>${t('backup.forget-it')}</pl-button>
      <pl-button id="keep" @click=${() => (this.asked = false)}>${t('backup.forget-not')}</pl-button></div>`;
  }

  private ask = async (): Promise<void> => {
    this.asked = true;
    this.present = '';
    this.problem = '';
    await this.updateComplete;
    this.renderRoot.querySelector<PlField>('#present')?.focus();
  };

  private forget = async (): Promise<void> => {
    if (!this.present) return;
    await this.work(async () => {
      await this.phone.usage.read();
      const before = this.phone.usage.value?.used ?? 0;
      await this.phone.api.post('/backups/forget', { ids: [this.snapshot.id], present: this.present });
      await this.phone.usage.read();
      this.phone.sync.ring();
      this.go({ page: 'backup', said: forgottenWords(before - (this.phone.usage.value?.used ?? 0)) });
    });
  };
}
customElements.define('pl-forget', PlForget);
