import { html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../../../kit/src/elements/segments.ts';
import { isEasy, isPin } from '../lock/pin.ts';
import { Watch } from '../store.ts';
import { SettingsPage } from './page.ts';

/** The PIN of this device's lock screen. Whoever has one shows by the account's password that it is theirs to change. */
export class PlPin extends SettingsPage {
  @state() private present = '';
  @state() private pin = '';
  @state() private again = '';
  @state() private tried = false;

  override connectedCallback(): void {
    super.connectedCallback();
    new Watch(this, [this.phone.pin, this.phone.preferences]);
  }

  override render() {
    const { set } = this.phone.pin.value;
    return html`${this.problemLine()}<p class="note">${t('pin.lead')}</p>
      ${set ? this.untouched() : nothing}
      <div class="card fields">
        ${set ? this.field('present', t('recovery.password'), this.present, this.tried && !this.present ? t('welcome.password-missing') : undefined) : nothing}
        ${this.field('pin', t('pin.new'), this.pin, this.tried && !isPin(this.pin) ? t('pin.digits') : undefined)}
        ${isPin(this.pin) && isEasy(this.pin) ? html`<p class="note" role="status">${t('pin.easy')}</p>` : nothing}
        ${this.field('again', t('pin.again'), this.again, this.tried && this.again !== this.pin ? t('pin.different') : undefined)}
        <pl-button id="choose" kind="primary" ?busy=${this.busy} @click=${this.choose}>${set ? t('pin.change') : t('pin.choose')}</pl-button>
        ${set ? html`<pl-button id="off" kind="danger" ?disabled=${this.busy} @click=${this.off}>${t('pin.off')}</pl-button>` : nothing}
      </div>`;
  }

  private untouched() {
    const { lockAfter } = this.phone.preferences.value;
    const minutes = (count: number) => ({ value: String(count), label: t('pin.minutes', { count }) });
    return html`<h2>${t('pin.after')}</h2>
      <pl-segments label=${t('pin.after')} .value=${lockAfter} .options=${[...[1, 5, 15].map(minutes), { value: '0', label: t('pin.never') }]}
        @change=${(event: CustomEvent) => this.phone.preferences.change({ lockAfter: event.detail })}></pl-segments>`;
  }

  private field(name: 'present' | 'pin' | 'again', label: string, value: string, error: string | undefined) {
    const secret = name === 'present';
    return html`<pl-field id=${name} type="password" label=${label} .value=${value} .error=${error}
      keys=${secret ? 'text' : 'numeric'} autocomplete=${secret ? 'current-password' : 'off'}
      @input=${(event: Event) => (this[name] = (event.currentTarget as PlField).value)} @enter=${this.choose}></pl-field>`;
  }

  private choose = async (): Promise<void> => {
    this.tried = true;
    const { set } = this.phone.pin.value;
    if (!isPin(this.pin) || this.again !== this.pin || (set && !this.present)) return;
    const done = await this.work(async () => {
      if (set) await this.prove();
      await this.phone.pin.choose(this.pin);
    });
    if (done) this.go({ page: 'security', said: t('pin.chosen') });
  };

  private off = async (): Promise<void> => {
    this.tried = this.present === '';
    if (!this.present) return;
    const done = await this.work(async () => {
      await this.prove();
      this.phone.pin.clear();
    });
    if (done) this.go({ page: 'security', said: t('pin.is-off') });
  };

  private prove(): Promise<unknown> {
    return this.phone.api.post('/account/proof', { present: this.present });
  }
}
customElements.define('pl-pin', PlPin);
