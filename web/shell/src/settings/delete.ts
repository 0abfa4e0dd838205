import { html } from 'lit';
import { state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import { moment } from './devices.ts';
import { SettingsPage } from './page.ts';

/** The end of the account, after a grace period. */
export class PlDelete extends SettingsPage {
  @state() private present = '';

  override render() {
    return html`${this.problemLine()}
      <div class="card fields">
        <span>${t('delete.lead')}</span><small>${t('delete.copies')}</small>
        <pl-field id="present" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
          @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)} @enter=${this.leave}></pl-field>
        <pl-button id="confirm" kind="danger" ?busy=${this.busy} ?disabled=${!this.present} @click=${this.leave}>${t('delete.confirm')}</pl-button>
      </div>`;
  }

  private leave = async (): Promise<void> => {
    if (!this.present) return;
    await this.work(async () => {
      const { at } = await this.phone.api.post<{ at: number }>('/account/deletion', {
        present: this.present,
      });
      this.phone.signOut(t('delete.done', { when: moment(at) }));
    });
  };
}
customElements.define('pl-delete', PlDelete);
