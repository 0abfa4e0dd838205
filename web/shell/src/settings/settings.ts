import { html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { bytes, t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/icon.ts';
import '../../../kit/src/elements/segments.ts';
import type { GlyphName } from '../../../kit/src/icons/glyphs.ts';
import type { Phone } from '../phone/model.ts';
import type { Passkey } from '../session/passkey.ts';
import { words } from '../session/problem.ts';
import { SKIES, type SkyName } from '../sky/sky.ts';
import { Watch } from '../store.ts';
import './activity.ts';
import './app-passwords.ts';
import type { AppPassword } from './app-passwords.ts';
import './backup.ts';
import './backup-folder.ts';
import './bluetooth.ts';
import type { Folders, Snapshot } from './backup-rules.ts';
import './delete.ts';
import './devices.ts';
import './family.ts';
import type { Relative } from './family.ts';
import './lost.ts';
import './mobile.ts';
import './notifications.ts';
import './pair.ts';
import { type Device, moment } from './devices.ts';
import type { Going, PageName } from './page.ts';
import './passkeys.ts';
import './people.ts';
import type { Member } from './people.ts';
import './pin.ts';
import './recovery.ts';
import './security.ts';
import './storage.ts';
import './vault.ts';
import './wifi.ts';
import { frameStyles, settingsStyles } from './settings.css.ts';

interface Server {
  version: string;
}
const PAGES: readonly { id: PageName; glyph: GlyphName; tone: string }[] = [
  { id: 'look', glyph: 'palette', tone: '#6a5af0' },
  { id: 'account', glyph: 'user', tone: '#1f74ec' },
  { id: 'notifications', glyph: 'bell', tone: '#b4306f' },
  { id: 'wifi', glyph: 'wifi', tone: '#2563b8' },
  { id: 'bluetooth', glyph: 'bluetooth', tone: '#3b5bdb' },
  { id: 'mobile', glyph: 'signal', tone: '#0f766e' },
  { id: 'backup', glyph: 'cloud-upload', tone: '#0e7490' },
  { id: 'devices', glyph: 'smartphone', tone: '#0d8f62' },
  { id: 'security', glyph: 'shield', tone: '#c2410c' },
  { id: 'family', glyph: 'heart', tone: '#be3455' },
  { id: 'people', glyph: 'users', tone: '#8a3ea8' },
  { id: 'about', glyph: 'info', tone: '#5b6980' },
];
const PARENTS: Readonly<Partial<Record<PageName, PageName>>> = {
  device: 'devices',
  pair: 'devices',
  places: 'devices',
  password: 'security',
  passkeys: 'security',
  passkey: 'passkeys',
  'app-passwords': 'security',
  'app-password': 'app-passwords',
  recovery: 'security',
  pin: 'security',
  vault: 'security',
  delete: 'account',
  activity: 'security',
  'backup-one': 'backup',
  'backup-folder': 'backup',
  person: 'people',
  child: 'family',
};

/** The phone's settings: a list, and on a tablet list and detail side by side. */
export class PlSettings extends LitElement {
  static override styles = [frameStyles, settingsStyles];
  @property({ attribute: false }) phone!: Phone;
  @state() private page?: PageName;
  @state() private device?: Device;
  @state() private passkey?: Passkey;
  @state() private appPassword?: AppPassword;
  @state() private snapshot?: Snapshot;
  @state() private folders?: Folders;
  @state() private member?: Member;
  @state() private child?: Relative;
  /** Whether the account administers this cloud. */
  @state() private owner = false;
  @state() private said = '';
  @state() private server?: Server;
  @state() private problem = '';

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    new Watch(this, [
      this.phone.preferences,
      this.phone.home.sky,
      this.phone.usage,
      this.phone.status,
      this.phone.form,
      this.phone.handset.mobile,
      this.phone.handset.wifi,
      this.phone.handset.radios.bluetooth,
    ]);
    void this.ask();
  }

  /** Without the cloud there is nobody to look after: People stays hidden, and nothing else is missing. */
  private async ask(): Promise<void> {
    const account = await this.phone.api.get<{ role: string }>('/account').catch(() => undefined);
    this.owner = account?.role === 'owner';
  }

  back(): boolean {
    const parent = this.page && PARENTS[this.page];
    if (!this.page || (this.wide && !parent)) return false;
    this.page = parent;
    this.said = '';
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

  private list(page?: PageName) {
    const title = this.titles();
    const chosen = page && (PARENTS[page] ?? page);
    const usage = this.phone.usage.value;
    return html`<nav aria-label=${t('settings.title')}><h1>${t('settings.title')}</h1>
      <button class="me card" @click=${() => this.show('account')}>
        <span class="face">${[...this.phone.session.name][0]?.toUpperCase()}</span>
        <span><b>${this.phone.session.name}</b><small>${usage ? t('home.space', { used: bytes(usage.used), limit: bytes(usage.limit) }) : ''}</small></span>
        <pl-icon name="chevron-right"></pl-icon></button>
      <div class="card rows">${PAGES.filter(({ id }) => this.there(id)).map(
        ({
          id,
          glyph,
          tone,
        }) => html`<button class="row" aria-current=${id === chosen ? 'page' : 'false'} @click=${() => this.show(id)}>
          <span class="lead" .style=${`background:${tone}`}><pl-icon name=${glyph}></pl-icon></span><span>${title[id]}</span>
          <pl-icon name="chevron-right"></pl-icon></button>`,
      )}</div></nav>`;
  }

  /** What only a cloud's owner, or only a handset with such a radio has. */
  private there(page: PageName): boolean {
    const { wifi, mobile, radios } = this.phone.handset;
    if (page === 'wifi') return wifi.value !== undefined;
    if (page === 'bluetooth') return radios.bluetooth.value !== undefined;
    if (page === 'mobile') return mobile.value !== undefined;
    return page !== 'people' || this.owner;
  }

  private titles(): Record<PageName, string> {
    return {
      look: t('settings.look'),
      account: t('settings.account'),
      notifications: t('settings.notifications'),
      wifi: t('wifi.title'),
      bluetooth: t('bluetooth.title'),
      mobile: t('mobile.title'),
      devices: t('settings.devices'),
      device: this.device?.name ?? '',
      pair: t('pair.title'),
      places: t('places.title'),
      security: t('settings.security'),
      password: t('security.password'),
      recovery: t('security.recovery'),
      passkeys: t('security.passkeys'),
      passkey: this.passkey?.name ?? '',
      'app-passwords': t('security.app-passwords'),
      'app-password': this.appPassword?.name ?? '',
      pin: t('security.pin'),
      vault: t('security.vault'),
      delete: t('account.delete'),
      activity: t('security.activity'),
      backup: t('settings.backup'),
      'backup-one': this.snapshot ? moment(this.snapshot.time_ms) : '',
      'backup-folder': this.folders?.host ?? '',
      family: t('family.title'),
      child: this.child?.name ?? '',
      people: t('people.title'),
      person: this.member?.name ?? '',
      about: t('settings.about'),
    };
  }

  private detail(page: PageName) {
    const back =
      this.wide && !PARENTS[page]
        ? nothing
        : html`<button class="back" aria-label=${t('action.back')} @click=${() => this.back()}><pl-icon name="arrow-left"></pl-icon></button>`;
    return html`<header>${back}<h1>${this.titles()[page]}</h1></header>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${this.said ? html`<p class="said" role="status">${this.said}</p>` : nothing}${this.body(page)}`;
  }

  private body(page: PageName) {
    switch (page) {
      case 'look':
        return this.look();
      case 'account':
        return this.account();
      case 'notifications':
        return html`<pl-notifications .phone=${this.phone} @go=${this.go}></pl-notifications>`;
      case 'wifi':
        return html`<pl-wifi .phone=${this.phone}></pl-wifi>`;
      case 'bluetooth':
        return html`<pl-bluetooth .phone=${this.phone}></pl-bluetooth>`;
      case 'mobile':
        return html`<pl-mobile .phone=${this.phone}></pl-mobile>`;
      case 'devices':
        return html`<pl-devices .phone=${this.phone} @go=${this.go}></pl-devices>`;
      case 'device':
        return html`<pl-device .phone=${this.phone} .device=${this.device!} @go=${this.go}></pl-device>`;
      case 'pair':
        return html`<pl-pair .phone=${this.phone} @go=${this.go}></pl-pair>`;
      case 'places':
        return html`<pl-places .phone=${this.phone} @go=${this.go}></pl-places>`;
      case 'security':
        return html`<pl-security .phone=${this.phone} @go=${this.go}></pl-security>`;
      case 'password':
        return html`<pl-password .phone=${this.phone} @go=${this.go}></pl-password>`;
      case 'recovery':
        return html`<pl-recovery .phone=${this.phone} @go=${this.go}></pl-recovery>`;
      case 'passkeys':
        return html`<pl-passkeys .phone=${this.phone} @go=${this.go}></pl-passkeys>`;
      case 'passkey':
        return html`<pl-passkey .phone=${this.phone} .passkey=${this.passkey!} @go=${this.go}></pl-passkey>`;
      case 'app-passwords':
        return html`<pl-app-passwords .phone=${this.phone} @go=${this.go}></pl-app-passwords>`;
      case 'app-password':
        return html`<pl-app-password .phone=${this.phone} .password=${this.appPassword!} @go=${this.go}></pl-app-password>`;
      case 'pin':
        return html`<pl-pin .phone=${this.phone} @go=${this.go}></pl-pin>`;
      case 'vault':
        return html`<pl-vault .phone=${this.phone} @go=${this.go}></pl-vault>`;
      case 'delete':
        return html`<pl-delete .phone=${this.phone}></pl-delete>`;
      case 'activity':
        return html`<pl-activity .phone=${this.phone} @go=${this.go}></pl-activity>`;
      case 'backup':
        return html`<pl-backup .phone=${this.phone} @go=${this.go}></pl-backup>`;
      case 'backup-one':
        return html`<pl-backup-one .phone=${this.phone} .snapshot=${this.snapshot!} @go=${this.go}></pl-backup-one>`;
      case 'backup-folder':
        return html`<pl-backup-folder .phone=${this.phone} .folders=${this.folders!} @go=${this.go}></pl-backup-folder>`;
      case 'family':
        return html`<pl-family .phone=${this.phone} @go=${this.go}></pl-family>`;
      case 'child':
        return html`<pl-child .phone=${this.phone} .child=${this.child!} @go=${this.go}></pl-child>`;
      case 'people':
        return html`<pl-people .phone=${this.phone} @go=${this.go}></pl-people>`;
      case 'person':
        return html`<pl-person .phone=${this.phone} .member=${this.member!} @go=${this.go}></pl-person>`;
      case 'about':
        return this.about();
    }
  }

  private go = ({ detail }: CustomEvent<Going>): void => {
    this.device = detail.device;
    this.passkey = detail.passkey;
    this.appPassword = detail.appPassword;
    this.snapshot = detail.snapshot;
    this.folders = detail.folders;
    this.member = detail.member;
    this.child = detail.child;
    this.show(detail.page, detail.said);
  };

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
        ) => html`<button role="radio" aria-checked=${this.phone.home.sky.value === name} @click=${() => void this.phone.home.chooseSky(name)}>
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
      <div class="card pad line"><pl-icon name=${unsafe ? 'cloud-upload' : 'cloud'}></pl-icon><span>${unsafe ? t('home.unsafe', { count: unsafe }) : t('settings.all-sent')}</span></div>
      <pl-storage .phone=${this.phone} @go=${this.go}></pl-storage>
      <button class="card me take" id="export" @click=${() => this.download()}>
        <span class="lead soft"><pl-icon name="download"></pl-icon></span>
        <span><b>${t('account.export')}</b><small>${t('account.export-lead')}</small></span></button>
      <pl-button kind="danger" @click=${() => this.leave()}>${t('settings.sign-out')}</pl-button>
      ${unsafe ? html`<p class="note">${t('settings.sign-out-unsafe', { count: unsafe })}</p>` : nothing}
      <button class="text alone" id="delete" @click=${() => this.show('delete')}>${t('account.delete')}</button>`;
  }

  private about() {
    return html`<div class="card pad about"><pl-app-icon app="pileus"></pl-app-icon><b>Pileus</b>
      <small>${this.server ? t('settings.version', { version: this.server.version }) : ''}</small><p>${t('settings.about-words')}</p></div>`;
  }

  private show(page: PageName, said = ''): void {
    this.page = page;
    this.problem = '';
    this.said = said;
    if (page === 'about')
      void this.load(async () => (this.server = await this.phone.api.get<Server>('/server')));
    if (page === 'account') void this.phone.usage.read();
  }

  private async download(): Promise<void> {
    await this.load(async () => {
      const { path } = await this.phone.api.post<{ path: string }>('/account/export');
      const link = document.createElement('a');
      link.href = this.phone.api.baseUrl + path;
      link.download = '';
      link.click();
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
