import { html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import type { PlSwitch } from '../../../kit/src/elements/switch.ts';
import '../../../kit/src/elements/switch.ts';
import { idOf, type Wifi, type WifiNetwork } from '../handset/radios.ts';
import { wifiGlyph } from '../status/network.ts';
import { Watch } from '../store.ts';
import { SettingsPage } from './page.ts';
import { insideStyles, pageStyles, settingsStyles } from './settings.css.ts';

/** A phone that is in a network looks around seldom by itself. */
const SCAN_MS = 15_000;
/** What is open under the rows beside a network's id. */
const OTHER = 'other';
const HOTSPOT = 'hotspot';

/** The networks around, joined and forgotten; and a network of the phone's own. */
export class PlWifi extends SettingsPage {
  static override styles = [settingsStyles, pageStyles, insideStyles];
  /** A network's id, or one of the two above. */
  @state() private open = '';
  @state() private name = '';
  @state() private password = '';
  /** The network that is being joined from here. */
  @state() private joining = '';
  private timer = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    const { wifi } = this.phone.handset;
    new Watch(this, [wifi]);
    this.scan();
    this.timer = window.setInterval(() => this.scan(), SCAN_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  override render() {
    const wifi = this.phone.handset.wifi.value;
    if (!wifi) return html`<p class="note">${t('problem.no-wifi')}</p>`;
    const away = wifi.known.filter(({ id }) => !wifi.networks.some((one) => one.id === id));
    return html`${this.problemLine()}
      <div class="card fields"><pl-switch id="wifi" label=${t('wifi.title')} hint=${how(wifi)} ?on=${wifi.enabled} @change=${this.turnWifi}></pl-switch></div>
      ${wifi.enabled ? this.around(wifi) : nothing}
      ${
        away.length > 0
          ? html`<h2>${t('wifi.away')}</h2><div class="card">${away.map(
              ({
                id,
                name,
              }) => html`<div class="row"><span class="lead soft"><pl-icon name="history"></pl-icon></span><b>${name}</b>
          <button class="text" aria-label=${t('wifi.forget-name', { name })} @click=${() => this.forget(id)}>${t('wifi.forget')}</button></div>`,
            )}</div>`
          : nothing
      }
      ${wifi.enabled ? this.own(wifi) : nothing}`;
  }

  private around(wifi: Wifi) {
    const none = html`<p class="note" role="status">${t('wifi.none')}</p>`;
    return html`<h2>${t('wifi.around')}</h2>
      ${wifi.networks.length === 0 ? none : nothing}
      <div class="card">${wifi.networks.map((one) => this.network(one))}
        <button class="row" aria-expanded=${this.open === OTHER} @click=${() => this.unfold(OTHER)}>
          <span class="lead soft"><pl-icon name="plus"></pl-icon></span><b>${t('wifi.other')}</b><span></span></button>
        ${
          this.open === OTHER
            ? html`<div class="inside">${this.nameField(t('wifi.name'))}${this.passwordField(t('wifi.password-or-none'), () => void this.joinOther())}
          <pl-button id="join" kind="primary" ?busy=${this.busy} @click=${() => void this.joinOther()}>${t('wifi.join')}</pl-button></div>`
            : nothing
        }</div>`;
  }

  private network(one: WifiNetwork) {
    const { id, name } = one;
    const open = this.open === id;
    return html`<button class="row" aria-expanded=${open} @click=${() => void this.press(one)}>
        <span class="lead soft"><pl-icon name=${wifiGlyph(one.strength)}></pl-icon></span>
        <span><b>${name}</b><small>${this.joining === id ? t('wifi.joining') : said(one)}</small></span>
        ${one.active ? html`<pl-icon name="check"></pl-icon>` : one.security === 'open' ? html`<span></span>` : html`<pl-icon name="lock"></pl-icon>`}</button>
      ${open ? html`<div class="inside">${this.inside(one)}</div>` : nothing}`;
  }

  private inside(one: WifiNetwork) {
    if (one.known)
      return html`${one.active ? nothing : html`<pl-button kind="primary" ?busy=${this.busy} @click=${() => void this.join(one.id)}>${t('wifi.join')}</pl-button>`}
        <pl-button kind="danger" ?busy=${this.busy} @click=${() => this.forget(one.id)}>${t('wifi.forget')}</pl-button>`;
    if (one.security === 'enterprise' || one.security === 'wep')
      return html`<p class="note">${t('problem.wifi-security')}</p>`;
    const join = () => void this.join(one.id, this.password);
    return html`${this.passwordField(t('mobile.password'), join)}
      <pl-button id="join" kind="primary" ?busy=${this.busy} @click=${join}>${t('wifi.join')}</pl-button>`;
  }

  private own(wifi: Wifi) {
    const row = html`<pl-switch id="hotspot" label=${t('wifi.hotspot')} hint=${wifi.hotspot ? t('wifi.hotspot-on', { name: wifi.hotspot }) : t('wifi.hotspot-hint')}
      ?on=${wifi.hotspot !== ''} @change=${this.turnHotspot}></pl-switch>`;
    const asked = this.open === HOTSPOT && !wifi.hotspot;
    return html`<h2>${t('wifi.own')}</h2><div class="card fields">${row}
      ${
        asked
          ? html`${this.nameField(t('wifi.name'))}${this.passwordField(t('wifi.hotspot-password'), () => void this.startHotspot())}
        <pl-button id="start" kind="primary" ?busy=${this.busy} @click=${() => void this.startHotspot()}>${t('wifi.hotspot-start')}</pl-button>`
          : nothing
      }</div>`;
  }

  private nameField(label: string) {
    return html`<pl-field id="name" label=${label} .value=${this.name} @input=${(event: Event) => (this.name = (event.currentTarget as PlField).value)}></pl-field>`;
  }

  private passwordField(label: string, go: () => void) {
    return html`<pl-field id="password" type="password" label=${label} .value=${this.password} @enter=${go}
      @input=${(event: Event) => (this.password = (event.currentTarget as PlField).value)}></pl-field>`;
  }

  private scan(): void {
    const { radios } = this.phone.handset;
    if (radios.wifi.value?.enabled) void radios.scan().catch(() => undefined); // the next one will
  }

  private unfold(what: string): void {
    this.open = this.open === what ? '' : what;
    this.name = this.password = this.problem = '';
  }

  /** An open one, or one that was joined before, is joined at once. */
  private async press(one: WifiNetwork): Promise<void> {
    if (one.active || one.security !== 'open') {
      if (one.known && !one.active) await this.join(one.id);
      else this.unfold(one.id);
    } else await this.join(one.id);
  }

  private async join(id: string, password = '', hidden = false): Promise<void> {
    this.joining = id;
    const wish = { id, ...(password ? { password } : {}), ...(hidden ? { hidden } : {}) };
    const done = await this.work(() => this.phone.handset.radios.join(wish));
    this.joining = '';
    if (done) this.unfold('');
    // A password that is known no more is asked for.
    else if (this.phone.handset.wifi.value?.networks.some((one) => one.id === id)) this.open = id;
  }

  private async joinOther(): Promise<void> {
    const name = this.name.trim();
    if (name) await this.join(idOf(name), this.password, true);
  }

  private forget(id: string): void {
    void this.work(() => this.phone.handset.radios.forget(id)).then((done) => done && this.unfold(''));
  }

  private turnWifi = async (event: CustomEvent<boolean>): Promise<void> => {
    const { radios } = this.phone.handset;
    await this.turned(
      event.currentTarget as PlSwitch,
      () => radios.switchWifi(event.detail),
      () => radios.wifi.value?.enabled ?? false,
    );
    this.scan();
  };

  private turnHotspot = async (event: CustomEvent<boolean>): Promise<void> => {
    const turned = event.currentTarget as PlSwitch;
    const { radios } = this.phone.handset;
    if (event.detail) {
      this.unfold(HOTSPOT);
      turned.on = false; // until it is there
    } else
      await this.turned(
        turned,
        () => radios.stopHotspot(),
        () => Boolean(radios.wifi.value?.hotspot),
      );
  };

  private async startHotspot(): Promise<void> {
    const { radios } = this.phone.handset;
    const name = this.name.trim();
    if (name && (await this.work(() => radios.startHotspot(name, this.password)))) this.unfold('');
  }
}

function how({ enabled, blocked, connected, connecting, name, hotspot }: Wifi): string {
  if (blocked) return t('wifi.blocked');
  if (!enabled) return t('mobile.off');
  if (hotspot) return t('wifi.hotspot-on', { name: hotspot });
  if (connecting) return t('wifi.joining');
  return connected ? t('wifi.in', { name }) : t('mobile.on');
}

function said({ active, known, security }: WifiNetwork): string {
  if (active) return t('wifi.connected');
  if (known) return t('wifi.known');
  return t(security === 'open' ? 'wifi.open' : 'wifi.protected');
}
customElements.define('pl-wifi', PlWifi);
