import { html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../../../kit/src/elements/switch.ts';
import { type Asked, DEVICES, KEYS } from '../finding/lost.ts';
import { newPlaceKey, openPlace, type Place, type PlaceKey, SHORTEST } from '../finding/place.ts';
import { type Device, moment } from './devices.ts';
import { SettingsPage } from './page.ts';

/** What can be done about a device that is elsewhere; of this one, whether it may be located. */
export class PlLost extends SettingsPage {
  @property({ attribute: false }) device!: Device;
  @state() private asked?: Asked;
  @state() private key?: PlaceKey;
  @state() private phrase = '';
  @state() private place?: Place;
  @state() private said = '';
  @state() private wiping = false;
  @state() private present = '';
  private offs: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const { sync } = this.phone;
    this.offs = [DEVICES, KEYS].map((one) => sync.subscribe(one, () => void this.read()));
    void this.read();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const off of this.offs) off();
  }

  override render() {
    return html`${this.problemLine()}${this.device.current ? this.here() : this.there()}`;
  }

  private here() {
    const { lost } = this.phone;
    const on = lost.locatable !== undefined && lost.locatable === this.key?.public;
    return html`<div class="card fields">
        <pl-switch id="locatable" label=${t('lost.locatable')} hint=${t('lost.locatable-hint')} ?on=${on} @change=${this.allow}></pl-switch>
      </div>`;
  }

  private there() {
    return html`<div class="card fields">
        <pl-button id="ring" ?busy=${this.busy} @click=${() => this.ask('ring', t('lost.rung'))}>${t('lost.ring')}</pl-button>
        <pl-button id="lock" ?busy=${this.busy} @click=${() => this.ask('lock', t('lost.locked'))}>${t('lost.lock')}</pl-button>
        <pl-button id="locate" ?busy=${this.busy} @click=${() => this.ask('locate', t('lost.asked'))}>${t('lost.locate')}</pl-button>
        ${this.said ? html`<p class="said" role="status">${this.said}</p>` : nothing}
      </div>
      ${this.asked?.place && this.key ? this.last(this.asked, this.key) : nothing}
      ${this.wipe()}`;
  }

  private last({ place, place_ms }: Asked, key: PlaceKey) {
    const { lat = 0, lon = 0, accuracy = 0, at_ms = 0 } = this.place ?? {};
    return html`<div class="card fields"><small id="place-at">${t('lost.place-at', { when: moment(place_ms ?? 0) })}</small>
      ${
        this.place
          ? html`<b id="place">${lat.toFixed(5)}, ${lon.toFixed(5)}</b>
          <small>${t('lost.within', { count: Math.round(accuracy), when: moment(at_ms) })}</small>`
          : html`<pl-field id="phrase" type="password" label=${t('places.phrase')} autocomplete="off" .value=${this.phrase}
            @input=${(event: Event) => (this.phrase = (event.currentTarget as PlField).value)}></pl-field>
          <pl-button id="show" ?busy=${this.busy} ?disabled=${!this.phrase} @click=${() => this.open(place!, key)}>${t('lost.show')}</pl-button>`
      }</div>`;
  }

  private wipe() {
    if (!this.wiping)
      return html`<pl-button id="wipe" kind="danger" @click=${() => (this.wiping = true)}>${t('lost.wipe')}</pl-button>
        <p class="note">${t('lost.wipe-note')}</p>`;
    return html`<div class="card fields">
      <pl-field id="present" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
        @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)}></pl-field>
      <pl-button id="wipe-now" kind="danger" ?busy=${this.busy} ?disabled=${!this.present} @click=${this.wipeNow}>${t('lost.wipe-now', { name: this.device.name })}</pl-button></div>`;
  }

  private async read(): Promise<void> {
    const { sync, lost } = this.phone;
    const asked = (await sync.get(DEVICES, this.device.id))?.fields as Asked | undefined;
    if (asked?.place !== this.asked?.place) this.place = undefined;
    this.asked = asked;
    this.key = await lost.key();
  }

  private async ask(what: string, said: string): Promise<void> {
    this.said = '';
    if (await this.work(() => this.phone.api.post(`/devices/${this.device.id}/${what}`))) this.said = said;
  }

  private async open(sealed: string, key: PlaceKey): Promise<void> {
    await this.work(async () => {
      this.place = await openPlace(sealed, key, this.phrase);
      this.phrase = '';
    });
  }

  private allow = async ({ detail }: CustomEvent<boolean>): Promise<void> => {
    const { lost } = this.phone;
    if (detail) await this.work(() => lost.allow());
    else lost.forbid();
    await this.updateComplete;
    const shown = this.renderRoot.querySelector('pl-switch');
    if (shown) shown.toggleAttribute('on', lost.locatable !== undefined);
  };

  private wipeNow = async (): Promise<void> => {
    const { id, name } = this.device;
    const done = await this.work(() => this.phone.api.post(`/devices/${id}/wipe`, { present: this.present }));
    if (done) this.go({ page: 'devices', said: t('lost.wiped', { name }) });
  };
}
customElements.define('pl-lost', PlLost);

/** The passphrase that opens places. */
export class PlPlaces extends SettingsPage {
  @state() private there?: boolean;
  @state() private phrase = '';
  @state() private present = '';
  @state() private tried = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.phone.lost.key().then((key) => {
      this.there = key !== undefined;
    });
  }

  override render() {
    const short = [...this.phrase].length < SHORTEST;
    return html`${this.problemLine()}<p class="note">${t('places.lead')}</p>
      ${this.there ? html`<p class="note">${t('places.replace')}</p>` : nothing}
      <div class="card fields">
        <pl-field id="phrase" type="password" label=${t('places.phrase')} autocomplete="off" .value=${this.phrase}
          .error=${this.tried && short ? t('places.short', { count: SHORTEST }) : undefined}
          @input=${(event: Event) => (this.phrase = (event.currentTarget as PlField).value)}></pl-field>
        <pl-field id="present" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
          .error=${this.tried && !this.present ? t('welcome.password-missing') : undefined}
          @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)}></pl-field>
        <pl-button id="set" kind="primary" ?busy=${this.busy} @click=${this.choose}>${t('places.set')}</pl-button>
      </div>`;
  }

  private choose = async (): Promise<void> => {
    this.tried = true;
    if (!this.present || [...this.phrase].length < SHORTEST) return;
    const done = await this.work(async () => {
      const key = await newPlaceKey(this.phrase);
      await this.phone.api.send('PUT', '/finding/key', { present: this.present, ...key });
      this.phone.sync.ring();
    });
    if (done) this.go({ page: 'devices', said: t('places.done') });
  };
}
customElements.define('pl-places', PlPlaces);
