import { html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import type { PlSwitch } from '../../../kit/src/elements/switch.ts';
import '../../../kit/src/elements/switch.ts';
import type { Bearer, Mobile } from '../handset/states.ts';
import { Watch } from '../store.ts';
import { SettingsPage } from './page.ts';

const APN = /^([A-Za-z0-9]([A-Za-z0-9.-]{0,98}[A-Za-z0-9])?)?$/;

/** The phone's mobile data: on or off, abroad too, and by which access point. */
export class PlMobile extends SettingsPage {
  /** What is typed; undefined while it is what the phone has. */
  @state() private apn?: string;
  @state() private user?: string;
  @state() private password = '';
  @state() private tried = false;
  @state() private saved = false;

  override connectedCallback(): void {
    super.connectedCallback();
    new Watch(this, [this.phone.handset.mobile]);
  }

  override render() {
    const mobile = this.phone.handset.mobile.value;
    if (!mobile) return html`<p class="note">${t('problem.no-mobile')}</p>`;
    const malformed = !APN.test(this.typed(mobile));
    return html`${this.problemLine()}
      <div class="card fields">
        <pl-switch id="data" label=${t('mobile.data')} hint=${how(mobile)} ?on=${mobile.enabled} @change=${this.turnData}></pl-switch>
        <pl-switch id="roaming" label=${t('mobile.roaming')} hint=${mobile.abroad ? t('mobile.abroad') : t('mobile.roaming-hint')}
          ?on=${mobile.roaming} @change=${this.turnRoaming}></pl-switch>
      </div>
      <h2>${t('mobile.point')}</h2>
      ${this.saved ? html`<p class="said" role="status">${t('mobile.saved')}</p>` : nothing}
      <div class="card fields">
        <pl-field id="apn" label=${t('mobile.apn')} hint=${this.typed(mobile) ? '' : t('mobile.apn-own')} .value=${this.typed(mobile)}
          .error=${this.tried && malformed ? t('mobile.apn-form') : undefined}
          @input=${(event: Event) => (this.apn = (event.currentTarget as PlField).value)} @enter=${this.save}></pl-field>
        <pl-field id="user" label=${t('mobile.user')} .value=${this.user ?? mobile.user}
          @input=${(event: Event) => (this.user = (event.currentTarget as PlField).value)} @enter=${this.save}></pl-field>
        <pl-field id="password" type="password" label=${t('mobile.password')} hint=${mobile.user ? t('mobile.password-kept') : ''} .value=${this.password}
          autocomplete="off" @input=${(event: Event) => (this.password = (event.currentTarget as PlField).value)} @enter=${this.save}></pl-field>
        <pl-button id="save" kind="primary" ?busy=${this.busy} @click=${this.save}>${t('mobile.save')}</pl-button>
      </div>
      <p class="note">${t('mobile.note')}</p>`;
  }

  private typed(mobile: Mobile): string {
    return (this.apn ?? mobile.apn).trim();
  }

  private turnData = (event: CustomEvent<boolean>): Promise<void> => {
    const { handset } = this.phone;
    this.saved = false;
    return this.turned(
      event.currentTarget as PlSwitch,
      () => handset.switchMobileData(event.detail),
      () => handset.mobile.value?.enabled,
    );
  };

  private turnRoaming = (event: CustomEvent<boolean>): Promise<void> => {
    const { handset } = this.phone;
    this.saved = false;
    return this.turned(
      event.currentTarget as PlSwitch,
      () => handset.switchRoaming(event.detail),
      () => handset.mobile.value?.roaming,
    );
  };

  private save = async (): Promise<void> => {
    this.tried = true;
    this.saved = false;
    const { handset } = this.phone;
    const mobile = handset.mobile.value;
    if (!mobile || !APN.test(this.typed(mobile))) return;
    const wish = { name: this.typed(mobile), user: (this.user ?? mobile.user).trim(), ip: mobile.ip };
    if (!(await this.work(() => handset.chooseApn({ ...wish, password: this.password || null })))) return;
    this.saved = true;
    this.tried = false;
    this.apn = this.user = undefined;
    this.password = '';
  };
}

/** What mobile data is like now: connected by which access point, or why not. */
function how({ enabled, connected, bearers }: Mobile): string {
  if (!enabled) return t('mobile.off');
  const apn = (name: string) => name || t('mobile.apn-own');
  const up = bearers.find((bearer) => bearer.connected && !bearer.why);
  if (connected) return up ? t('mobile.up', { apn: apn(up.apn) }) : t('mobile.data');
  const bad = bearers.find(({ why }) => why);
  if (!bad) return t('mobile.on');
  return whyNot(bad.why, apn(bad.apn));
}

function whyNot(why: Bearer['why'], apn: string): string {
  if (why === 'access-point') return t('mobile.why-access-point', { apn });
  if (why === 'no-carrier') return t('mobile.why-no-carrier', { apn });
  return why === 'refused' ? t('mobile.why-refused', { apn }) : t('mobile.why-no-ppp');
}
customElements.define('pl-mobile', PlMobile);
