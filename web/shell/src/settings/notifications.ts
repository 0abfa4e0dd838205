import { html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import type { PlSwitch } from '../../../kit/src/elements/switch.ts';
import '../../../kit/src/elements/switch.ts';
import '../../../kit/src/elements/segments.ts';
import type { LockShows } from '../lock/shown.ts';
import { type PushState, pushState, turnOff, turnOn } from '../push/subscription.ts';
import { Watch } from '../store.ts';
import { SettingsPage } from './page.ts';

/** Whether this device hears of what happens while its page is closed. */
export class PlNotifications extends SettingsPage {
  @state() private push?: PushState;
  @state() private tried = false;

  override connectedCallback(): void {
    super.connectedCallback();
    new Watch(this, [this.phone.preferences]);
    void this.work(this.read);
  }

  override render() {
    return html`${this.onLock()}${this.inBrowser()}`;
  }

  private onLock() {
    const { lockShows } = this.phone.preferences.value;
    const words: Record<LockShows, [string, string]> = {
      nothing: [t('lock.shows-nothing'), t('lock.shows-nothing-note')],
      came: [t('lock.shows-came'), t('lock.shows-came-note')],
      who: [t('lock.shows-who'), t('lock.shows-who-note')],
      all: [t('lock.shows-all'), t('lock.shows-all-note')],
    };
    const options = Object.entries(words).map(([value, [label]]) => ({ value, label }));
    return html`<h2>${t('lock.shows')}</h2>
      <pl-segments id="lock-shows" label=${t('lock.shows')} .value=${lockShows} .options=${options}
        @change=${(event: CustomEvent) => this.phone.preferences.change({ lockShows: event.detail })}></pl-segments>
      <p class="note">${words[lockShows][1]}</p>`;
  }

  private inBrowser() {
    if (!this.push)
      return this.problem
        ? this.problemLine()
        : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    if (this.push === 'unsupported') return html`<p class="note">${t('push.unsupported')}</p>`;
    if (this.push === 'denied') return html`<p class="note">${t('push.denied')}</p>`;
    return html`${this.problemLine()}
      <div class="card fields">
        <pl-switch id="push" label=${t('push.here')} hint=${t('push.here-hint')} ?on=${this.push === 'on'} @change=${this.turn}></pl-switch>
        ${
          this.push === 'on'
            ? html`<pl-button id="try" ?busy=${this.busy} @click=${this.tryOut}>${t('push.try')}</pl-button>
            ${this.tried ? html`<p class="said" role="status">${t('push.tried')}</p>` : nothing}`
            : nothing
        }
      </div>
      <p class="note">${t('push.note')}</p>`;
  }

  private read = async (): Promise<void> => {
    this.push = await pushState(this.phone.api);
  };

  private turn = async ({ detail }: CustomEvent<boolean>): Promise<void> => {
    this.tried = false;
    const { api, preferences } = this.phone;
    await this.work(() => (detail ? turnOn(api, preferences.value.language) : turnOff(api)));
    const { problem } = this;
    await this.work(this.read);
    this.problem ||= problem;
    // Where it failed the switch has moved without a change of what it stands for.
    const shown = this.renderRoot.querySelector<PlSwitch>('pl-switch');
    if (shown) shown.on = this.push === 'on';
  };

  private tryOut = async (): Promise<void> => {
    this.tried = await this.work(() => this.phone.api.post('/push/try'));
  };
}
customElements.define('pl-notifications', PlNotifications);
