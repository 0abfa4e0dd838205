import { css, html, LitElement, nothing } from 'lit';
import { property } from 'lit/decorators.js';
import { clockText, localeTag, t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/icon.ts';
import type { Phone } from '../phone/model.ts';
import { Watch } from '../store.ts';
import { batteryGauge, gaugeStyles, signalGauge } from './gauges.ts';
import { Minutes } from './minutes.ts';
import { type Reception, receptions, wifiGlyph } from './network.ts';

/** The line on top: clock and operator; what is not yet safe, signal, Wi-Fi, the cloud, battery, as far as there are any. */
export class PlStatusBar extends LitElement {
  static override styles = [
    gaugeStyles,
    css`
    :host { display: flex; align-items: center; justify-content: space-between; gap: 12px; height: 44px; padding: 0 26px;
      box-sizing: border-box; color: inherit; font: 600 15px/1 var(--pl-font); font-variant-numeric: tabular-nums; }
    div { display: flex; gap: 7px; align-items: center; white-space: nowrap; }
    .left { flex: 1; min-width: 0; gap: 10px; }
    time:empty { display: none; }
    .left span { font: 500 13px/1.4 var(--pl-font); overflow: hidden; text-overflow: ellipsis; }
    pl-icon { width: 18px; height: 18px; }
    .unsafe, .charge { display: flex; gap: 4px; align-items: center; font-size: 13px; }
    .small { font: 600 11px/1 var(--pl-font); letter-spacing: 0.02em; }
    .roaming { padding: 2px 4px; border-radius: 4px; box-shadow: inset 0 0 0 1.2px currentColor; font-size: 10px; }
  `,
  ];
  @property({ attribute: false }) phone!: Phone;
  @property({ type: Boolean }) clock = true;

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    new Minutes(this);
    const { telephony, battery, wifi } = this.phone.handset;
    new Watch(this, [this.phone.status, telephony, battery, wifi]);
  }

  override render() {
    const { unsafe } = this.phone.status.value;
    const telephony = this.phone.handset.telephony.value;
    const found = telephony ? receptions(telephony) : [];
    // A pill that leads back to a call has their place.
    const names = telephony?.calls.length ? [] : found.map(nameOf).filter(Boolean);
    return html`<div class="left"><time aria-label=${t('status.clock')}>${this.clock ? clockText(new Date(), localeTag()) : nothing}</time>
        ${names.length > 0 ? html`<span>${names.join(' · ')}</span>` : nothing}</div>
      <div role="status">
        ${
          unsafe > 0
            ? html`<span class="unsafe" aria-label=${t('home.unsafe', { count: unsafe })}>
              <pl-icon name="cloud-upload"></pl-icon>${unsafe}</span>`
            : nothing
        }
        ${telephony?.airplane ? html`<pl-icon name="plane" role="img" aria-label=${t('status.airplane')}></pl-icon>` : found.map(shown)}
        ${this.wifi()}${this.cloud()}${this.battery()}
      </div>`;
  }

  private wifi() {
    const wifi = this.phone.handset.wifi.value;
    if (!wifi?.connected) return nothing;
    return html`<pl-icon class="net" name=${wifiGlyph(wifi.strength)} role="img" aria-label=${t('status.wifi', { name: wifi.name })}></pl-icon>`;
  }

  /** On a handset that tells of its Wi-Fi the cloud is worth a sign only where it is not reached. */
  private cloud() {
    const { online, problem } = this.phone.status.value;
    if (online && this.phone.handset.wifi.value) return nothing;
    return html`<pl-icon name=${online ? 'wifi' : problem ? 'cloud-off' : 'cloud'} role="img"
      aria-label=${online ? t('status.online') : t('status.offline')}></pl-icon>`;
  }

  private battery() {
    const battery = this.phone.handset.battery.value;
    if (!battery) return nothing;
    const { percentage, charging } = battery;
    const label = t(charging ? 'status.charging' : 'status.battery', { percent: percentage });
    return html`<span class="charge" role="img" aria-label=${label}>${percentage}${batteryGauge(percentage, charging)}</span>`;
  }
}
customElements.define('pl-status-bar', PlStatusBar);

function nameOf({ said, operator }: Reception): string {
  return said ? t(said) : operator;
}

function shown({ bars, roaming, technology }: Reception) {
  if (bars === undefined) return nothing;
  return html`${roaming ? html`<span class="small roaming" role="img" aria-label=${t('status.roaming')}>R</span>` : nothing}
    ${technology ? html`<span class="small">${technology}</span>` : nothing}
    <span role="img" aria-label=${t('status.signal', { bars })}>${signalGauge(bars)}</span>`;
}
