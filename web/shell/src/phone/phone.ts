import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { locale, t, Words } from '../../../kit/src/i18n/index.ts';
import { Motion } from '../../../kit/src/theme/motion.ts';
import '../../../kit/src/elements/icon.ts';
import { focusInto } from '../../../kit/src/theme/focus.ts';
import { isTyping, type PhoneKey, phoneKey } from '../../../sdk/src/keys.ts';
import { findApps, labelOf } from '../apps/apps.ts';
import type { App } from '../deps.ts';
import type { PlHome } from '../home/home.ts';
import '../finding/ringing.ts';
import '../home/home.ts';
import '../lock/lock.ts';
import type { PlShade } from '../notices/shade.ts';
import '../notices/shade.ts';
import { words } from '../session/problem.ts';
import '../sky/sky.ts';
import '../status/bar.ts';
import { Watch } from '../store.ts';
import { inkOn } from '../windows/edges.ts';
import { bottomSwipe, edgeSwipe, follow, pulled, type Trace } from '../windows/gesture.ts';
import type { PlStage } from '../windows/stage.ts';
import '../windows/choice.ts';
import '../windows/stage.ts';
import { front, openerOf } from '../windows/windows.ts';
import type { Phone } from './model.ts';
import { phoneStyles } from './phone.css.ts';

/** Pixels within which a pointer that left was only put down. */
const CLICK = 6;
/** What the bars are drawn in on the phone's own surfaces, and on the wallpaper. */
const INK = 'var(--pl-ink)';
const ON_SKY = '#fdfeff';

/** What is on the glass, and the gestures and keys that lead through it. */
export class PlPhone extends LitElement {
  static override styles = phoneStyles;
  @property({ attribute: false }) phone!: Phone;
  @state() private shade = false;
  @state() private menu?: { app: App; x: number; y: number };
  @state() private about?: App;
  @state() private searching = false;
  @state() private wanted = '';
  @state() private problem = '';
  @query('pl-stage') private stage!: PlStage;
  @query('pl-home') private home!: PlHome;
  @query('pl-shade') private drawer!: PlShade;
  private sheet = new Motion({ y: -1 }, ({ y }) => {
    const shade = this.renderRoot.querySelector<HTMLElement>('pl-shade');
    if (shade) shade.style.transform = `translateY(${y * 100}%)`;
  });

  private ringing() {
    const by = this.phone.lost.ringing.value;
    if (by === undefined) return nothing;
    return html`<pl-ringing .by=${by} @stop=${() => void this.phone.lost.stopRinging()}></pl-ringing>`;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    const { windows, apps, home, preferences, form, bars, choice, lost } = this.phone;
    new Watch(this, [windows, apps, home.sky, preferences, form, bars, choice, lost.ringing]);
    window.addEventListener('keydown', this.key);
    this.phone.pressed = (key) => this.press(key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('keydown', this.key);
  }

  override render() {
    const { view, locked } = this.phone.windows.value;
    const inApp = view === 'app';
    const under = inApp ? this.phone.bars.value.get(this.phone.windows.value.order[0] ?? '') : undefined;
    const onApp = (colour: string | undefined) =>
      !inApp ? ON_SKY : colour === undefined ? INK : inkOn(colour);
    const top = this.shade ? INK : locked ? ON_SKY : onApp(under?.top);
    const bottom = this.shade || this.phone.choice.value !== undefined ? INK : onApp(under?.bottom);
    const buttons = this.phone.preferences.value.navigation === 'buttons';
    const hidden = locked || this.shade || this.searching;
    return html`
      <pl-sky name=${this.phone.home.sky.value}></pl-sky><div class="scrim"></div>
      <pl-home class=${inApp ? 'behind' : ''} ?buttons=${buttons} .phone=${this.phone} ?inert=${view !== 'home' || hidden} @menu=${this.showMenu} @search=${this.search}></pl-home>
      <pl-stage .phone=${this.phone} .iconRect=${(app: string) => this.home?.iconRect(app)} ?inert=${hidden}></pl-stage>
      ${locked ? html`<pl-lock .phone=${this.phone}></pl-lock>` : nothing}
      ${this.searching ? this.searchPage() : nothing}
      <pl-shade .phone=${this.phone} ?inert=${!this.shade} ?buttons=${buttons} class=${this.shade ? 'open' : ''} @done=${() => this.closeShade()}
        @pull=${(event: CustomEvent<number>) => this.sheet.set({ y: Math.min(0, event.detail / this.clientHeight) })} @stay=${() => this.sheet.to({ y: 0 })}></pl-shade>
      <pl-status-bar .style=${`color:${top}`} ?clock=${!locked && !this.shade} .clock=${!locked && !this.shade} .phone=${this.phone}
        tabindex="0" role="button" aria-label=${t('status.open-shade')} @pointerdown=${this.pullShade} @keydown=${this.barKey}></pl-status-bar>
      ${locked ? nothing : this.navigation(buttons, bottom)}
      ${inApp && !buttons && !hidden ? html`<div class="edge left" @pointerdown=${this.edge}></div><div class="edge right" @pointerdown=${this.edge}></div>` : nothing}
      ${this.menu ? this.menuBox(this.menu) : nothing} ${this.about ? this.aboutSheet(this.about) : nothing}
      ${this.phone.choice.value && !locked ? html`<pl-choice .phone=${this.phone} .choice=${this.phone.choice.value}></pl-choice>` : nothing}
      ${this.ringing()}`;
  }

  private navigation(buttons: boolean, ink: string) {
    // In the open shade the grip has the bar's place.
    if (!buttons)
      return html`<div class="bar" .style=${`color:${ink}`} ?hidden=${this.shade} role="button" tabindex="0" aria-label=${t('navigation.home')} @pointerdown=${this.swipe} @click=${(event: MouseEvent) => event.detail === 0 && this.goHome()}
        @keydown=${(event: KeyboardEvent) => event.key === 'Enter' && this.goHome()}><i></i></div>`;
    return html`<nav class="buttons" .style=${`color:${ink}`} aria-label=${t('settings.navigation')}>
      <button aria-label=${t('action.back')} @click=${() => this.back()}><pl-icon name="triangle"></pl-icon></button>
      <button aria-label=${t('navigation.home')} @click=${() => this.goHome()}><pl-icon name="circle"></pl-icon></button>
      <button aria-label=${t('recents.title')} @click=${() => this.recents()}><pl-icon name="square"></pl-icon></button></nav>`;
  }

  private searchPage() {
    const named = this.phone.apps.value.map((app) => ({ app, label: labelOf(app, locale()) }));
    const found = findApps(named, this.wanted);
    return html`<div class="search" role="dialog" aria-label=${t('search.title')} @click=${(event: Event) => event.target === event.currentTarget && this.endSearch()}>
      <label><pl-icon name="search"></pl-icon><input type="search" aria-label=${t('search.title')} placeholder=${t('search.title')} .value=${this.wanted}
        @input=${(event: Event) => (this.wanted = (event.target as HTMLInputElement).value)} @keydown=${(event: KeyboardEvent) => this.searchKey(event, found[0]?.app)}>
        <button aria-label=${t('search.close')} @click=${() => this.endSearch()}><pl-icon name="x"></pl-icon></button></label>
      <div class="found">${found.map(
        ({ app, label }) =>
          html`<button @click=${() => this.openFound(app)}><pl-app-icon app=${app.id} src=${app.icon} label=${label}></pl-app-icon>${label}</button>`,
      )}</div>
      ${found.length === 0 ? html`<p role="status">${t('search.none')}</p>` : nothing}</div>`;
  }

  private menuBox({ app, x, y }: { app: App; x: number; y: number }) {
    return html`<div class="veil" @pointerdown=${() => (this.menu = undefined)}></div>
      <div class="menu" role="menu" .style=${`left:${x}px;top:${y}px`}>
        <button role="menuitem" @click=${() => this.showAbout(app)}><pl-icon name="info"></pl-icon>${t('menu.info')}</button>
        ${app.kind === 'cloud' ? html`<button role="menuitem" class="danger" @click=${() => this.uninstall(app)}><pl-icon name="trash"></pl-icon>${t('menu.uninstall')}</button>` : nothing}
      </div>`;
  }

  private aboutSheet(app: App) {
    const kind =
      app.kind === 'cloud' ? t('info.cloud') : app.kind === 'shell' ? t('info.shell') : t('info.web');
    return html`<div class="veil dark" @click=${() => (this.about = undefined)}></div>
      <div class="sheet" role="dialog" aria-modal="true" aria-label=${labelOf(app, locale())}>
        <pl-app-icon app=${app.id} src=${app.icon} label=${app.label}></pl-app-icon><h2>${labelOf(app, locale())}</h2>
        <p>${kind}${app.version ? html` · ${app.version}` : nothing}</p>${app.package ? html`<small>${app.package}</small>` : nothing}
        ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        ${app.kind === 'cloud' ? html`<pl-button kind="danger" @click=${() => this.uninstall(app)}>${t('menu.uninstall')}</pl-button>` : nothing}
        <pl-button id="close" @click=${() => (this.about = undefined)}>${t('action.close')}</pl-button></div>`;
  }

  private showMenu = (event: CustomEvent<{ app: App; rect: DOMRect } | undefined>): void => {
    if (!event.detail) {
      this.menu = undefined;
      return;
    }
    const { app, rect } = event.detail;
    const glass = this.getBoundingClientRect();
    const rows = app.kind === 'cloud' ? 2 : 1;
    const x = Math.min(Math.max(12, rect.left - glass.left - 20), this.clientWidth - 212);
    const below = rect.bottom - glass.top + 12;
    const y = below + rows * 52 > this.clientHeight - 40 ? rect.top - glass.top - rows * 52 - 24 : below;
    this.menu = { app, x, y };
    void this.focusIn('.menu', 'button');
  };

  private showAbout(app: App): void {
    this.menu = undefined;
    this.problem = '';
    this.about = app;
    void this.focusIn('.sheet', '#close');
  }

  private async uninstall(app: App): Promise<void> {
    this.menu = undefined;
    try {
      await this.phone.uninstall(app.id);
      this.about = undefined;
    } catch (error) {
      this.about = app;
      this.problem = words(error);
    }
  }

  private search = (): void => {
    this.searching = true;
    this.wanted = '';
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.search input')?.focus());
  };

  private searchKey(event: KeyboardEvent, first: App | undefined): void {
    if (event.isComposing) return;
    if (event.key === 'Enter' && first) this.openFound(first);
    if (event.key === 'Escape') {
      event.stopPropagation();
      this.endSearch();
    }
  }

  private openFound(app: App): void {
    this.endSearch();
    this.phone.open(app.id);
  }

  private endSearch(): void {
    this.searching = false;
  }

  private openShade(): void {
    this.shade = true;
    this.drawer.requestUpdate();
    void this.sheet.to({ y: 0 });
    void this.updateComplete.then(() => this.drawer.enter());
  }

  private closeShade(): void {
    this.shade = false;
    void this.sheet.to({ y: -1 });
  }

  private pullShade = (event: PointerEvent): void => {
    if (this.phone.windows.value.locked) return;
    this.drawer.requestUpdate();
    follow(event, {
      move: (trace) => this.sheet.set({ y: Math.min(0, trace.dy / this.clientHeight - 1) }),
      end: (trace) => {
        const tapped = Math.abs(trace.dy) < 6;
        if (tapped || pulled(trace, this.clientHeight, true)) this.openShade();
        else this.closeShade();
      },
    });
  };

  private barKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    // Else the same key would press the toggle that gets the focus.
    event.preventDefault();
    this.openShade();
  };

  private swipe = (event: PointerEvent): void => {
    follow(event, {
      move: (trace) => this.stage.lift(trace),
      // A mouse has no swipe at hand: it clicks.
      end: (trace, up) =>
        up.pointerType === 'mouse' && Math.hypot(trace.dx, trace.dy) < CLICK
          ? this.goHome()
          : this.land(trace),
    });
  };

  private land(trace: Trace): void {
    const meant = bottomSwipe(trace, this.clientHeight);
    const { order, view } = this.phone.windows.value;
    if (meant === 'home') return this.goHome();
    if (meant === 'recents') return this.recents();
    const next = order[1];
    if (meant === 'switch' && view === 'app' && next) return this.phone.act({ type: 'open', app: next });
    this.stage.settle();
  }

  private edge = (event: PointerEvent): void => {
    follow(event, { end: (trace) => void (edgeSwipe(trace) && this.back()) });
  };

  private key = (event: KeyboardEvent): void => {
    if (this.phone.windows.value.locked) return;
    const key = phoneKey(event) ?? (event.key === 'Tab' && event.altKey ? 'F4' : undefined);
    if (key) this.press(key);
    else if (event.key === '/' && !isTyping(event) && this.phone.windows.value.view === 'home') this.search();
    else return;
    event.preventDefault();
  };

  private press(key: PhoneKey): void {
    if (key === 'Home') this.goHome();
    else if (key === 'F4') this.recents();
    else void this.back();
  }

  private goHome(): void {
    this.closeOverlays();
    this.phone.act({ type: 'home' });
    this.stage.settle();
  }

  private recents(): void {
    this.closeOverlays();
    const { view } = this.phone.windows.value;
    this.phone.act({ type: view === 'recents' ? 'leave-recents' : 'recents' });
  }

  /** One step back: what lies on top first, then the app's own step, then the app that opened it, or home. */
  private async back(): Promise<void> {
    if (this.closeOverlays()) return;
    const { view } = this.phone.windows.value;
    if (view === 'recents') return this.phone.act({ type: 'leave-recents' });
    const app = front(this.phone.windows.value);
    const window = this.stage.window(app);
    if (!app || (await window?.back())) return;
    const opener = openerOf(this.phone.windows.value, app);
    if (!opener) return this.goHome();
    window?.leaveSoon();
    this.phone.act({ type: 'open', app: opener });
  }

  private closeOverlays(): boolean {
    const open = Boolean(this.menu || this.about || this.searching || this.shade);
    this.menu = undefined;
    this.about = undefined;
    this.searching = false;
    if (this.shade) this.closeShade();
    return open;
  }

  private async focusIn(whole: string, first: string): Promise<void> {
    await this.updateComplete;
    const opened = this.renderRoot.querySelector<HTMLElement>(whole);
    if (opened) focusInto(opened, opened.querySelector<HTMLElement>(first));
  }
}
customElements.define('pl-phone', PlPhone);
