import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { clockText, localeTag, t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/icon.ts';
import '../../../kit/src/elements/slider.ts';
import type { GlyphName } from '../../../kit/src/icons/glyphs.ts';
import { rereads } from '../../../kit/src/rereads.ts';
import { focusInto } from '../../../kit/src/theme/focus.ts';
import type { Notice } from '../deps.ts';
import type { Phone } from '../phone/model.ts';
import { words } from '../session/problem.ts';
import { Minutes } from '../status/minutes.ts';
import { Watch } from '../store.ts';
import { follow } from '../windows/gesture.ts';
import './card.ts';
import { group } from './notices.ts';

/** The sheet that comes down from the status bar: round toggles and the notices by app. Fires `done`. */
export class PlShade extends LitElement {
  static override styles = css`
    :host { position: absolute; inset: 0; color: var(--pl-ink); background: var(--pl-glass); backdrop-filter: blur(36px) saturate(1.6);
      display: grid; grid-template-rows: auto 1fr 44px; border-radius: inherit; overflow: hidden; }
    :host([buttons]) { grid-template-rows: auto 1fr 44px 48px; }
    :host(:focus) { outline: none; }
    .inner { width: 100%; max-width: 460px; margin: 0 auto; box-sizing: border-box; padding: 0 16px; }
    .ground { touch-action: none; }
    header { display: flex; align-items: baseline; justify-content: space-between; padding: 56px 4px 18px; }
    header time { font: 300 44px/1.1 var(--pl-font); letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
    header span { font: 500 15px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    .toggles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 8px; padding: 16px 8px 12px; border-radius: 24px; background: var(--pl-card); }
    button { all: unset; cursor: pointer; box-sizing: border-box; }
    .toggles { row-gap: 14px; }
    .toggles.three { grid-template-columns: repeat(3, minmax(0, 1fr)); }
    .sliders { margin-top: 10px; padding: 6px 20px; border-radius: 24px; background: var(--pl-card); }
    .problem { margin: 10px 4px 0; color: var(--pl-red); font: 500 14px/1.4 var(--pl-font); }
    .toggle { display: grid; justify-items: center; gap: 8px; font: 500 12px/1.3 var(--pl-font); text-align: center; }
    .toggle i { width: 56px; height: 56px; border-radius: 50%; display: grid; place-items: center; background: var(--pl-sunken); transition: transform 120ms; }
    .toggle[aria-pressed='true'] i { background: var(--pl-accent-strong); color: var(--pl-on-accent); }
    .toggle:active i { transform: scale(0.94); }
    button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; border-radius: 16px; }
    .list { overflow-y: auto; scrollbar-width: none; padding-top: 16px; }
    section { display: grid; gap: 6px; margin-bottom: 12px; }
    pl-notice { --pl-glass: var(--pl-card); }
    .empty { text-align: center; color: var(--pl-ink-soft); font: 400 15px/1.5 var(--pl-font); padding: 40px 0; }
    .clear { display: block; margin: 4px auto 16px; min-height: 44px; line-height: 44px; padding: 0 20px; border-radius: 22px; background: var(--pl-sunken); font: 500 14px/44px var(--pl-font); }
    .grip { touch-action: none; display: grid; place-items: center; }
    .grip i { width: 134px; height: 5px; border-radius: 3px; background: var(--pl-ink); opacity: 0.5; }
    .grip pl-icon { width: 22px; height: 22px; color: var(--pl-ink-soft); }
  `;
  @property({ attribute: false }) phone!: Phone;
  /** The phone's buttons are on the glass: the grip stays clear of them. */
  @property({ type: Boolean, reflect: true }) buttons = false;
  @state() private problem = '';
  /** Where a finger moved the sliders to. */
  private readonly wanted = { sun: 0, volume: 0 };
  /** One question at a time, however quick the finger is; the last place counts. */
  private readonly setting = {
    sun: rereads(() => this.attempt(() => this.phone.handset.setBrightness(this.wanted.sun))),
    volume: rereads(() => this.attempt(() => this.phone.handset.setVolume(this.wanted.volume))),
  };

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    new Minutes(this);
    const { notices, preferences, theme, windows, handset } = this.phone;
    const { telephony, wifi, mobile, brightness, sound, radios } = handset;
    new Watch(this, [notices, preferences, theme, windows, telephony, wifi, mobile, brightness, sound]);
    new Watch(this, [radios.bluetooth]);
  }

  /** Into the sheet, so that the keyboard goes on from there. */
  enter(): void {
    focusInto(this, this.renderRoot.querySelector<HTMLElement>('.toggle'));
  }

  override render() {
    const now = new Date();
    const date = new Intl.DateTimeFormat(localeTag(), {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
    }).format(now);
    const notices = this.phone.notices.value;
    return html`<div class="inner ground" @pointerdown=${this.push}><header><time>${clockText(now, localeTag())}</time><span>${date}</span></header>${this.toggles()}</div>
      <div class="list ${notices.length === 0 ? 'ground' : ''}" @pointerdown=${notices.length === 0 ? this.push : nothing}><div class="inner">
        ${notices.length === 0 ? html`<p class="empty">${t('shade.empty')}</p>` : nothing}
        ${group(notices).map(
          (one) =>
            html`<section aria-label=${this.phone.app(one.app)?.label ?? t('app.name')}>${one.notices.map(
              (
                notice,
              ) => html`<pl-notice .notice=${notice} .app=${this.phone.app(one.app)} @open=${() => this.open(notice)}
              @clear=${() => this.phone.dismiss(notice)} @act=${(event: CustomEvent<{ action: number }>) => this.act(notice, event.detail.action)}></pl-notice>`,
            )}</section>`,
        )}
        ${notices.some((one) => !one.ongoing) ? html`<button class="clear" @click=${() => this.phone.dismissAll()}>${t('shade.clear')}</button>` : nothing}
      </div></div>
      <div class="grip" role="button" tabindex="0" aria-label=${t('shade.close')} @pointerdown=${(event: PointerEvent) => this.drag(event)} @keydown=${this.key}>${this.buttons ? html`<pl-icon name="chevron-up"></pl-icon>` : html`<i></i>`}</div>`;
  }

  private toggles() {
    const { theme, preferences } = this.phone;
    const dark = theme.value === 'dark';
    const buttons = preferences.value.navigation === 'buttons';
    const radios = this.radios();
    return html`<div class="toggles ${radios.length === 1 || radios.length === 2 ? 'three' : ''}">${radios}
      ${this.toggle('moon', t('shade.dark'), dark, () => preferences.change({ theme: dark ? 'light' : 'dark' }))}
      ${this.toggle('languages', t('shade.language'), false, () =>
        preferences.change({ language: document.documentElement.lang.startsWith('zh') ? 'en' : 'zh' }),
      )}
      ${this.toggle('triangle', t('shade.buttons'), buttons, () => preferences.change({ navigation: buttons ? 'gestures' : 'buttons' }))}
      ${this.toggle('lock', t('shade.lock'), false, () => {
        this.phone.act({ type: 'lock' });
        this.done();
      })}
    </div>${this.sliders()}${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}`;
  }

  /** What a handset has of them. */
  private radios() {
    const { handset } = this.phone;
    const { radios } = handset;
    const [wifi, mobile, telephony] = [handset.wifi.value, handset.mobile.value, handset.telephony.value];
    const bluetooth = radios.bluetooth.value;
    const radio = (glyph: GlyphName, label: string, on: boolean, turn: (on: boolean) => Promise<void>) =>
      this.toggle(glyph, label, on, () => this.attempt(() => turn(!on)));
    return [
      ...(wifi
        ? [
            radio(wifi.enabled ? 'wifi' : 'wifi-off', t('wifi.title'), wifi.enabled, (on) =>
              radios.switchWifi(on),
            ),
          ]
        : []),
      ...(mobile
        ? [radio('signal', t('mobile.data'), mobile.enabled, (on) => handset.switchMobileData(on))]
        : []),
      ...(bluetooth
        ? [radio('bluetooth', t('bluetooth.title'), bluetooth.powered, (on) => radios.switchBluetooth(on))]
        : []),
      ...(telephony
        ? [radio('plane', t('status.airplane'), telephony.airplane, (on) => handset.airplane(on))]
        : []),
    ];
  }

  private sliders() {
    const { brightness, sound } = this.phone.handset;
    const output = sound.value?.outputs.find(({ active }) => active);
    if (brightness.value === undefined && !output) return nothing;
    return html`<div class="sliders">
      ${brightness.value === undefined ? nothing : this.slider('sun', t('shade.brightness'), brightness.value, 1)}
      ${output ? this.slider('volume', t('shade.volume'), output.volume, 0) : nothing}</div>`;
  }

  private slider(glyph: 'sun' | 'volume', label: string, value: number, least: number) {
    return html`<pl-slider id=${glyph} .glyph=${glyph} .label=${label} .value=${value} .least=${least}
      @change=${(event: CustomEvent<number>) => this.slide(glyph, event.detail)}></pl-slider>`;
  }

  private slide(what: 'sun' | 'volume', percent: number): void {
    this.wanted[what] = percent;
    void this.setting[what]();
  }

  private attempt(act: () => Promise<void>): Promise<void> {
    this.problem = '';
    return act().catch((error: unknown) => {
      this.problem = words(error);
    });
  }

  private toggle(glyph: GlyphName, label: string, on: boolean, act: () => unknown) {
    return html`<button class="toggle" aria-pressed=${on} aria-label=${label} @click=${act}><i><pl-icon name=${glyph}></pl-icon></i>${label}</button>`;
  }

  private open(notice: Notice): void {
    void this.phone.pressNotice(notice);
    this.done();
  }

  private act(notice: Notice, action: number): void {
    void this.phone.pressNotice(notice, action);
  }

  /** A finger on the bare sheet pushes it up as one on its grip does, but a tap there means nothing. */
  private push = (event: PointerEvent): void => {
    const on = event.composedPath().some((one) => one instanceof HTMLButtonElement);
    if (!on) this.drag(event, false);
  };

  private drag = (event: PointerEvent, taps = true): void => {
    follow(event, {
      move: (trace) => this.dispatchEvent(new CustomEvent('pull', { detail: trace.dy })),
      end: (trace) => {
        const tapped = taps && Math.abs(trace.dy) < 6;
        if (tapped || trace.dy < -80 || trace.vy < -0.3) this.done();
        else this.dispatchEvent(new CustomEvent('stay'));
      },
    });
  };

  private key = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === ' ') this.done();
  };

  private done(): void {
    this.dispatchEvent(new CustomEvent('done'));
  }
}
customElements.define('pl-shade', PlShade);
