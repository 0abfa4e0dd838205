import { html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { localeTag, t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../../../kit/src/elements/icon.ts';
import { type Going, SettingsPage } from './page.ts';

export interface Device {
  id: string;
  name: string;
  /** Milliseconds since 1970. */
  created_at: number;
  last_seen_at: number;
  current: boolean;
}

/** What the account is signed in on. */
export class PlDevices extends SettingsPage {
  @state() private devices?: readonly Device[];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.work(async () => {
      this.devices = await this.phone.api.get<Device[]>('/devices');
    });
  }

  override render() {
    if (!this.devices)
      return this.problem
        ? this.problemLine()
        : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    return html`<div class="card rows">${this.devices.map(
      (device) => html`<button class="row device" @click=${() => this.go({ page: 'device', device })}>
        <span class="lead soft"><pl-icon name="smartphone"></pl-icon></span>
        <span><b>${device.name}</b><small>${device.current ? t('settings.this-device') : t('settings.seen', { when: moment(device.last_seen_at) })}</small></span>
        <pl-icon name="chevron-right"></pl-icon></button>`,
    )}</div>
    <div class="card rows"><button class="row" id="pair" @click=${() => this.go({ page: 'pair' })}>
      <span class="lead soft"><pl-icon name="plus"></pl-icon></span><span><b>${t('pair.title')}</b><small>${t('pair.hint')}</small></span>
      <pl-icon name="chevron-right"></pl-icon></button>
      <button class="row" id="places" @click=${() => this.go({ page: 'places' })}>
      <span class="lead soft"><pl-icon name="key"></pl-icon></span><span><b>${t('places.title')}</b><small>${t('places.hint')}</small></span>
      <pl-icon name="chevron-right"></pl-icon></button></div>`;
  }
}
customElements.define('pl-devices', PlDevices);

/** One device: its name, and its end. */
export class PlDevice extends SettingsPage {
  @property({ attribute: false }) device!: Device;
  @state() private name?: string;

  override render() {
    const { created_at, last_seen_at, current } = this.device;
    const name = this.name ?? this.device.name;
    return html`${this.problemLine()}
      <div class="card fields">
        <pl-field id="device-name" label=${t('device.name')} .value=${name}
          @input=${(event: Event) => (this.name = (event.currentTarget as PlField).value)} @enter=${this.rename}></pl-field>
        <pl-button id="rename" kind="primary" ?busy=${this.busy} ?disabled=${!name.trim() || name.trim() === this.device.name} @click=${this.rename}>${t('action.save')}</pl-button>
      </div>
      <div class="card pad"><small>${t('device.since', { when: moment(created_at) })}</small>
        <small>${current ? t('settings.this-device') : t('settings.seen', { when: moment(last_seen_at) })}</small></div>
      <pl-lost .phone=${this.phone} .device=${this.device} @go=${({ detail }: CustomEvent<Going>) => this.go(detail)}></pl-lost>
      ${
        current
          ? nothing
          : html`<pl-button id="sign-off" kind="danger" @click=${this.signOff}>${t('settings.sign-out')}</pl-button>
          <p class="note">${t('device.sign-out-note')}</p>`
      }`;
  }

  private rename = async (): Promise<void> => {
    const name = this.name?.trim();
    if (!name) return;
    const done = await this.work(() => this.phone.api.send('PATCH', `/devices/${this.device.id}`, { name }));
    if (done) this.go({ page: 'devices' });
  };

  private signOff = async (): Promise<void> => {
    const done = await this.work(() => this.phone.api.delete(`/devices/${this.device.id}`));
    if (done) this.go({ page: 'devices', said: t('device.signed-out', { name: this.device.name }) });
  };
}
customElements.define('pl-device', PlDevice);

/** Day and minute, in the owner's language. */
export function moment(at: number): string {
  return new Intl.DateTimeFormat(localeTag(), { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}
