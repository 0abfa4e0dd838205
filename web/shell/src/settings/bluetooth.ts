import { html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import type { PlSwitch } from '../../../kit/src/elements/switch.ts';
import '../../../kit/src/elements/switch.ts';
import type { GlyphName } from '../../../kit/src/icons/glyphs.ts';
import type { Bluetooth, BluetoothDevice } from '../handset/radios.ts';
import { Watch } from '../store.ts';
import { SettingsPage } from './page.ts';
import { insideStyles, pageStyles, settingsStyles } from './settings.css.ts';

/** By what names of the Icon Naming Specification begin with. */
const GLYPHS: readonly [string, GlyphName][] = [
  ['audio-card', 'volume'],
  ['audio', 'headphones'],
  ['phone', 'smartphone'],
  ['computer', 'tablet'],
];

const ACTS = {
  connect: 'bluetooth.connect',
  disconnect: 'bluetooth.disconnect',
  remove: 'bluetooth.remove',
} as const;

/** Devices near: paired, connected, forgotten. While the page is open the phone looks for new ones. */
export class PlBluetooth extends SettingsPage {
  static override styles = [settingsStyles, pageStyles, insideStyles];
  /** The device that is open under its row. */
  @state() private open = '';
  /** The device that is paired or connected just now. */
  @state() private meeting = '';
  private off: () => void = () => undefined;
  private searching = false;

  override connectedCallback(): void {
    super.connectedCallback();
    const { bluetooth } = this.phone.handset.radios;
    new Watch(this, [bluetooth]);
    this.off = bluetooth.watch(() => this.search());
    this.search();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.off();
    if (this.searching) void this.phone.handset.radios.search(false).catch(() => undefined);
    this.searching = false;
  }

  override render() {
    const bluetooth = this.phone.handset.radios.bluetooth.value;
    if (!bluetooth) return html`<p class="note">${t('problem.no-bluetooth')}</p>`;
    const own = bluetooth.devices.filter(({ paired }) => paired);
    const others = bluetooth.devices.filter(({ paired }) => !paired);
    return html`${this.problemLine()}
      <div class="card fields"><pl-switch id="bluetooth" label=${t('bluetooth.title')} hint=${bluetooth.powered ? '' : t('mobile.off')}
        ?on=${bluetooth.powered} @change=${this.turnBluetooth}></pl-switch></div>
      ${bluetooth.powered && own.length > 0 ? html`<h2>${t('bluetooth.own')}</h2><div class="card">${own.map((one) => this.device(one))}</div>` : nothing}
      ${bluetooth.powered ? this.near(bluetooth, others) : nothing}`;
  }

  private near(bluetooth: Bluetooth, others: readonly BluetoothDevice[]) {
    return html`<h2>${t('bluetooth.near')}</h2>
      ${others.length > 0 ? html`<div class="card">${others.map((one) => this.device(one))}</div>` : nothing}
      <p class="note" role="status">${bluetooth.searching ? t('bluetooth.searching') : t('bluetooth.hint')}</p>`;
  }

  private device(one: BluetoothDevice) {
    const open = this.open === one.id;
    const glyph = GLYPHS.find(([name]) => one.icon.startsWith(name))?.[1] ?? 'bluetooth';
    return html`<button class="row" aria-expanded=${one.connected ? open : nothing} @click=${() => this.press(one)}>
        <span class="lead soft"><pl-icon name=${glyph}></pl-icon></span>
        <span><b>${one.name}</b><small>${this.meeting === one.id ? t(one.paired ? 'bluetooth.connecting' : 'bluetooth.pairing') : said(one)}</small></span>
        ${one.connected ? html`<pl-icon name="check"></pl-icon>` : html`<span></span>`}</button>
      ${
        open && one.paired
          ? html`<div class="inside">${one.connected ? this.button(one, 'disconnect') : this.button(one, 'connect')}${this.button(one, 'remove')}</div>`
          : nothing
      }`;
  }

  private button({ id }: BluetoothDevice, act: 'connect' | 'disconnect' | 'remove') {
    const kind = act === 'remove' ? 'danger' : 'plain';
    return html`<pl-button kind=${kind} ?busy=${this.busy} @click=${() => void this.meet(id, act)}>${t(ACTS[act])}</pl-button>`;
  }

  private press(one: BluetoothDevice): void {
    if (one.paired) this.open = this.open === one.id ? '' : one.id;
    else void this.meet(one.id, 'pair');
  }

  private async meet(id: string, act: 'pair' | 'connect' | 'disconnect' | 'remove'): Promise<void> {
    if (act === 'pair' || act === 'connect') this.meeting = id;
    if ((await this.work(() => this.phone.handset.radios.withDevice(id, act))) && act !== 'disconnect')
      this.open = '';
    this.meeting = '';
  }

  /** As soon as it is on; once. */
  private search(): void {
    const { radios } = this.phone.handset;
    const on = radios.bluetooth.value?.powered === true;
    if (on === this.searching) return;
    this.searching = on;
    if (on) void radios.search(true).catch(() => (this.searching = false));
  }

  private turnBluetooth = (event: CustomEvent<boolean>): Promise<void> => {
    const { radios } = this.phone.handset;
    return this.turned(
      event.currentTarget as PlSwitch,
      () => radios.switchBluetooth(event.detail),
      () => radios.bluetooth.value?.powered ?? false,
    );
  };
}

function said({ connected, paired, battery }: BluetoothDevice): string {
  if (connected && battery !== undefined) return t('bluetooth.battery', { percent: battery });
  return connected ? t('wifi.connected') : paired ? t('mobile.on') : t('bluetooth.pair');
}
customElements.define('pl-bluetooth', PlBluetooth);
