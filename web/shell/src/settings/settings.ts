import { html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { bytes, localeTag, t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/icon.ts';
import '../../../kit/src/elements/segments.ts';
import type { GlyphName } from '../../../kit/src/icons/glyphs.ts';
import type { Phone } from '../phone/model.ts';
import { words } from '../session/problem.ts';
import { SKIES, type SkyName } from '../sky/sky.ts';
import { Watch } from '../store.ts';
import { settingsStyles } from './settings.css.ts';

interface Device {
  id: string;
  name: string;
  created_at: string | number;
  last_seen_at: string | number;
  current: boolean;
}
interface Server {
  version: string;
}
type Page = 'look' | 'account' | 'devices' | 'about';
const PAGES: readonly { id: Page; glyph: GlyphName; tone: string }[] = [
  { id: 'look', glyph: 'palette', tone: '#6a5af0' },
  { id: 'account', glyph: 'user', tone: '#1f74ec' },
  { id: 'devices', glyph: 'smartphone', tone: '#0d8f62' },
  { id: 'about', glyph: 'info', tone: '#5b6980' },
];

/** The phone's settings: a list, and on a tablet list and detail side by side. */
export class PlSettings extends LitElement {
  static override styles = settingsStyles;
  @property({ attribute: false }) phone!: Phone;
  @state() private page?: Page;
  @state() private devices?: readonly Device[];
  @state() private server?: Server;
  @state() private problem = '';

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    new Watch(this, [
      this.phone.preferences,
      this.phone.sky,
      this.phone.usage,
      this.phone.status,
      this.phone.form,
    ]);
  }

  back(): boolean {
    if (!this.page || this.wide) return false;
    this.page = undefined;
    return true;
  }

  private get wide(): boolean {
    return this.phone.form.value === 'tablet';
  }

  override render() {
    const page = this.page ?? (this.wide ? 'look' : undefined);
    if (this.wide) return html`<div class="wide">${this.list(page)}<main>${this.detail(page!)}</main></div>`;
    return page ? html`<main>${this.detail(page)}</main>` : this.list();
  }

  private list(chosen?: Page) {
    const title: Record<Page, string> = this.titles();
    const usage = this.phone.usage.value;
    return html`<nav aria-label=${t('settings.title')}><h1>${t('settings.title')}</h1>
      <button class="me card" @click=${() => this.show('account')}>
        <span class="face">${[...this.phone.session.name][0]?.toUpperCase()}</span>
        <span><b>${this.phone.session.name}</b><small>${usage ? t('home.space', { used: bytes(usage.used), limit: bytes(usage.limit) }) : ''}</small></span>
        <pl-icon name="chevron-right"></pl-icon></button>
      <div class="card rows">${PAGES.map(
        ({
          id,
          glyph,
          tone,
        }) => html`<button class="row" aria-current=${id === chosen ? 'page' : 'false'} @click=${() => this.show(id)}>
          <span class="lead" .style=${`background:${tone}`}><pl-icon name=${glyph}></pl-icon></span><span>${title[id]}</span>
          <pl-icon name="chevron-right"></pl-icon></button>`,
      )}</div></nav>`;
  }

  private titles(): Record<Page, string> {
    return {
      look: t('settings.look'),
      account: t('settings.account'),
      devices: t('settings.devices'),
      about: t('settings.about'),
    };
  }

  private detail(page: Page) {
    const back = this.wide
      ? nothing
      : html`<button class="back" aria-label=${t('action.back')} @click=${() => this.back()}><pl-icon name="arrow-left"></pl-icon></button>`;
    const body = { look: this.look, account: this.account, devices: this.deviceList, about: this.about }[
      page
    ];
    return html`<header>${back}<h1>${this.titles()[page]}</h1></header>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}${body.call(this)}`;
  }

  private look() {
    const { theme, language, navigation } = this.phone.preferences.value;
    const change = this.phone.preferences.change.bind(this.phone.preferences);
    const names: Record<SkyName, string> = {
      morning: t('sky.morning'),
      noon: t('sky.noon'),
      dusk: t('sky.dusk'),
      night: t('sky.night'),
    };
    return html`
      <h2>${t('settings.theme')}</h2>
      <pl-segments label=${t('settings.theme')} .value=${theme} .options=${[
        { value: 'auto', label: t('choice.auto') },
        { value: 'light', label: t('theme.light') },
        { value: 'dark', label: t('theme.dark') },
      ]} @change=${(event: CustomEvent) => change({ theme: event.detail })}></pl-segments>
      <h2>${t('settings.wallpaper')}</h2>
      <div class="skies" role="radiogroup" aria-label=${t('settings.wallpaper')}>${SKIES.map(
        (
          name,
        ) => html`<button role="radio" aria-checked=${this.phone.sky.value === name} @click=${() => void this.phone.chooseSky(name)}>
          <span><pl-sky name=${name}></pl-sky></span>${names[name]}</button>`,
      )}</div>
      <h2>${t('settings.language')}</h2>
      <pl-segments label=${t('settings.language')} .value=${language} .options=${[
        { value: 'auto', label: t('choice.auto') },
        { value: 'en', label: 'English' },
        { value: 'zh', label: '中文' },
      ]} @change=${(event: CustomEvent) => change({ language: event.detail })}></pl-segments>
      <h2>${t('settings.navigation')}</h2>
      <pl-segments label=${t('settings.navigation')} .value=${navigation} .options=${[
        { value: 'gestures', label: t('navigation.gestures') },
        { value: 'buttons', label: t('navigation.buttons') },
      ]} @change=${(event: CustomEvent) => change({ navigation: event.detail })}></pl-segments>`;
  }

  private account() {
    const usage = this.phone.usage.value;
    const { unsafe } = this.phone.status.value;
    const share = usage && usage.limit > 0 ? Math.min(1, usage.used / usage.limit) : 0;
    return html`<div class="card pad">
        <b>${t('settings.storage')}</b>
        <div class="bar" role="progressbar" aria-label=${t('settings.storage')} aria-valuenow=${Math.round(share * 100)}><i .style=${`transform:scaleX(${Math.max(0.006, share)})`}></i></div>
        <small>${usage ? t('home.space', { used: bytes(usage.used), limit: bytes(usage.limit) }) : t('settings.storage-unknown')}</small>
      </div>
      <div class="card pad line"><pl-icon name=${unsafe ? 'cloud-upload' : 'cloud'}></pl-icon><span>${unsafe ? t('home.unsafe', { count: unsafe }) : t('home.safe')}</span></div>
      <pl-button kind="danger" @click=${() => this.leave()}>${t('settings.sign-out')}</pl-button>
      ${unsafe ? html`<p class="note">${t('settings.sign-out-unsafe', { count: unsafe })}</p>` : nothing}`;
  }

  private deviceList() {
    if (!this.devices)
      return this.problem ? nothing : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    const when = new Intl.DateTimeFormat(localeTag(), { dateStyle: 'medium', timeStyle: 'short' });
    return html`<div class="card rows">${this.devices.map(
      (
        device,
      ) => html`<div class="row still"><span class="lead soft"><pl-icon name="smartphone"></pl-icon></span>
        <span><b>${device.name}</b><small>${device.current ? t('settings.this-device') : t('settings.seen', { when: when.format(moment(device.last_seen_at)) })}</small></span>
        ${device.current ? nothing : html`<button class="text" @click=${() => this.signOff(device)}>${t('settings.sign-out')}</button>`}</div>`,
    )}</div>`;
  }

  private about() {
    return html`<div class="card pad about"><pl-app-icon app="pileus"></pl-app-icon><b>Pileus</b>
      <small>${this.server ? t('settings.version', { version: this.server.version }) : ''}</small><p>${t('settings.about-words')}</p></div>`;
  }

  private show(page: Page): void {
    this.page = page;
    this.problem = '';
    if (page === 'devices')
      void this.load(async () => (this.devices = await this.phone.api.get<Device[]>('/devices')));
    if (page === 'about')
      void this.load(async () => (this.server = await this.phone.api.get<Server>('/server')));
    if (page === 'account') void this.phone.readUsage();
  }

  private async signOff(device: Device): Promise<void> {
    await this.load(async () => {
      await this.phone.api.delete(`/devices/${device.id}`);
      this.devices = this.devices?.filter((one) => one.id !== device.id);
    });
  }

  private async leave(): Promise<void> {
    await this.phone.api.post('/sign-out').catch(() => undefined);
    this.phone.signOut();
  }

  private async load(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.problem = words(error);
    }
  }
}
customElements.define('pl-settings', PlSettings);

/** Times come as ISO text, seconds or milliseconds. */
function moment(value: string | number): Date {
  if (typeof value === 'string') return new Date(value);
  return new Date(value < 1e11 ? value * 1000 : value);
}
