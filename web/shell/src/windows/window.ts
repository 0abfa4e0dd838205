import { css, html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { locale, localeTag, onLocale, t, Words } from '../../../kit/src/i18n/index.ts';
import { appIcon, iconColour } from '../../../kit/src/icons/apps.ts';
import { letterColours } from '../../../kit/src/icons/letter.ts';
import '../../../kit/src/elements/app-icon.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/empty.ts';
import type { PileusSurface } from '../../../kit/src/surface/index.ts';
import type { SyncStatus } from '../../../kit/src/sync/types.ts';
import { reducedMotion } from '../../../kit/src/theme/motion.ts';
import '../../../kit/src/surface/index.ts';
import { phoneKey } from '../../../sdk/src/keys.ts';
import { labelOf } from '../apps/apps.ts';
import { mountAppFrame } from '../bridge/frame.ts';
import type { App, AppFrame, Intent } from '../deps.ts';
import { cloudNotice } from '../notices/cloud.ts';
import { depsOf } from '../phone/deps.ts';
import type { Phone } from '../phone/model.ts';
import { Problem, words } from '../session/problem.ts';
import '../settings/settings.ts';
import { CloudApp, type Place } from './cloud.ts';
import { averageColour } from './colour.ts';
import { type Bars, barsOf } from './edges.ts';

type Phase = 'starting' | 'running' | 'paused' | 'finished' | 'crashed';
interface StateDetail {
  state?: Phase | number;
  progress?: number;
  code?: string;
  message?: string;
  /** The first lines of what the app said as it fell. */
  details?: string;
}
const NOT_RESPONDING = 'app-not-responding';
/** Between two looks at a picture's edges. */
const EDGES_MS = 200;
/** A start screen is always dark enough for white. */
const STARTING: Bars = { top: 'rgb(0 0 0)', bottom: 'rgb(0 0 0)' };
/** How an app that has ended by itself says so; one that was ended says something else. */
const ENDED: readonly string[] = ['finished', 'session-ended'];
const isPhones = (event: KeyboardEvent): boolean => phoneKey(event) !== undefined;
const PHASES: readonly Phase[] = ['starting', 'running', 'paused', 'finished', 'crashed'];

/** What is inside an app's window: a frame, a live picture, or a page of the shell, and what goes wrong. */
export class PlWindow extends LitElement {
  static override styles = css`
    :host { position: absolute; inset: 0; display: block; background: var(--pl-surface); color: var(--pl-ink); }
    .place { position: absolute; inset: 44px 0 28px; overflow: hidden; }
    :host([buttons]) .place { bottom: 48px; }
    .place > * { width: 100%; height: 100%; display: block; border: 0; }
    .place > iframe { pointer-events: var(--pl-frames, auto); }
    .dim { opacity: 0.45; }
    .under { position: absolute; left: 0; right: 0; height: 44px; transition: background-color 160ms; }
    .under.bottom { bottom: 0; height: 28px; }
    :host([buttons]) .under.bottom { height: 48px; }
    .start { position: absolute; inset: 0; display: grid; place-items: center; color: #fdfeff; transition: opacity 220ms; }
    .start[gone] { opacity: 0; pointer-events: none; }
    .start pl-app-icon { width: 96px; height: 96px; filter: drop-shadow(0 10px 30px #0003); }
    .line { position: absolute; left: 50%; bottom: 22%; width: 160px; height: 3px; margin-left: -80px; border-radius: 2px; background: #ffffff3d; overflow: hidden; }
    .line i { display: block; height: 100%; background: #fdfeff; transform-origin: left; transition: transform 240ms; }
    .said { position: absolute; left: 24px; right: 24px; bottom: calc(22% - 40px); text-align: center; font: 500 14px/1.4 var(--pl-font); }
    .cover { position: absolute; inset: 44px 0 28px; display: grid; grid-template-columns: minmax(0, 1fr); align-content: safe center; overflow: auto; background: color-mix(in srgb, var(--pl-surface) 92%, transparent);
      backdrop-filter: blur(24px); }
    :host([buttons]) .cover { bottom: 48px; }
    .lost { position: absolute; top: 56px; left: 50%; transform: translateX(-50%); padding: 9px 16px; border-radius: 20px; max-width: 86%; box-sizing: border-box;
      font: 500 14px/1.4 var(--pl-font); background: #10151ce6; color: #f6f8fb; text-align: center; }
    details { width: min(100%, 560px); font: 400 14px/1.4 var(--pl-font); }
    summary { width: fit-content; margin: 0 auto; min-height: 44px; padding: 0 16px; display: flex; align-items: center; gap: 4px; border-radius: 22px; cursor: pointer; color: var(--pl-link); list-style: none; }
    summary::-webkit-details-marker { display: none; }
    summary pl-icon { width: 18px; height: 18px; transition: transform 160ms; }
    details[open] summary pl-icon { transform: rotate(180deg); }
    summary:focus-visible, pre:focus-visible { outline: 2px solid var(--pl-accent); }
    pre { margin: 4px 0 0; padding: 14px 16px; max-height: 260px; overflow: auto; overscroll-behavior: contain; text-align: left; tab-size: 2; user-select: text; -webkit-user-select: text; cursor: text; touch-action: pan-x pan-y;
      font: 400 12px/1.6 ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--pl-ink); background: var(--pl-card); border-radius: var(--pl-radius); }
    @media (prefers-reduced-motion: reduce) { .line i, .under, summary pl-icon { transition: none; } }
  `;
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) app!: App;
  @property({ type: Boolean, reflect: true }) buttons = false;
  /** Not in front. */
  @property({ type: Boolean }) asleep = false;
  @state() private phase: Phase = 'starting';
  @state() private progress = 0;
  @state() private message = '';
  @state() private details = '';
  @state() private edges?: Bars;
  private looked = 0;
  @state() private elsewhere = '';
  @state() private ended = false;
  @state() private lost = false;
  /** The app does not come to its input; its owner may wait or close it. */
  @state() private stuck = false;
  /** The first frame is on the glass: until then there is nothing behind the start screen. */
  @state() private painted = false;
  @state() private colour = '#5b6b82';
  /** It could not start because the cloud did not answer: it starts when it does. */
  private alone = false;
  @query('.place') private place!: HTMLElement;
  @query('pileus-surface') private surface?: PileusSurface;
  private offs: (() => void)[] = [];
  private frame?: AppFrame;
  private intent?: Intent;
  private cloud?: CloudApp;
  /** The owner stepped back before the app was there to hear of it: until it is, it may not sleep. */
  @state() private owesBack = false;

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    this.colour = iconColour(this.app.id) ?? (this.app.icon ? this.colour : letterColours(this.app.id).deep);
    if (!appIcon(this.app.id) && this.app.icon)
      void averageColour(this.app.icon).then((colour) => (this.colour = colour ?? this.colour));
    const motion = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');
    const tell = () =>
      this.surface?.configure({
        locale: localeTag(),
        theme: this.phone.theme.value,
        reduced_motion: reducedMotion(),
      });
    const answered = ({ online }: SyncStatus) => {
      if (online && this.alone && this.phase === 'crashed') this.restart();
    };
    motion?.addEventListener('change', tell);
    const still = () => motion?.removeEventListener('change', tell);
    this.offs = [
      onLocale(tell),
      this.phone.theme.watch(tell),
      this.phone.status.watch(answered),
      this.phone.windows.watch(({ intents }) => this.wish(intents[this.app.id])),
      still,
    ];
    if (this.app.kind === 'cloud') this.cloud = new CloudApp(this.phone.api, this.app.id, () => this.room());
  }

  override firstUpdated(): void {
    if (this.app.kind === 'shell') this.phase = 'running';
  }

  protected override updated(): void {
    // One that this device had open before its page was left starts when it is looked at.
    if (this.app.kind === 'web' && !this.frame && !this.asleep) this.mount();
    this.phone.mark(this.app.id, this.starting ? STARTING : this.under);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.frame?.close();
    clearTimeout(this.looked);
    this.phone.mark(this.app.id, undefined);
    for (const off of this.offs.splice(0)) off();
  }

  /** The start screen is to be seen: not behind a cover, whose words would be lost on its colour. */
  private get starting(): boolean {
    if (this.elsewhere || this.ended) return false;
    const living = this.phase === 'running' || this.phase === 'paused';
    return this.phase === 'starting' || (living && this.cloud !== undefined && !this.painted);
  }

  /** The colours in which a picture that is seen as it is goes on under the bars. */
  private get under(): Bars | undefined {
    const covered = this.elsewhere || this.ended || this.lost || this.stuck;
    return covered || this.phase === 'crashed' || this.phase === 'finished' ? undefined : this.edges;
  }

  override focus(): void {
    if (this.frame) this.frame.focus();
    else this.surface?.focus();
  }

  /** True when the app took the step back. */
  async back(): Promise<boolean> {
    if (this.frame) return this.frame.onBack();
    if (this.surface && this.phase === 'running' && !this.elsewhere) {
      this.surface.back();
      return true;
    }
    const page = this.renderRoot.querySelector<HTMLElement & { back(): boolean }>('pl-settings');
    return page?.back() ?? false;
  }

  /** Gives the app its step back once it is there: what another app wanted of it then ends without an answer. */
  leaveSoon(): void {
    this.owesBack = this.surface !== undefined && this.starting;
  }

  /** Lets a web app say what it has kept back, before its window goes. */
  async leave(): Promise<void> {
    await this.frame?.leave();
  }

  /** Ends a streamed app's session; its record and data stay. */
  async end(): Promise<void> {
    await this.cloud?.end().catch(() => undefined);
  }

  override render() {
    const under = this.under;
    return html`${under ? html`<div class="under" .style=${`background-color:${under.top}`}></div><div class="under bottom" .style=${`background-color:${under.bottom}`}></div>` : nothing}
      <div class="place ${this.lost || this.elsewhere ? 'dim' : ''}">${this.content()}</div>
      ${this.app.kind === 'shell' ? nothing : this.startScreen()} ${this.cover()}
      ${this.lost && !this.elsewhere ? html`<div class="lost" role="status">${t('window.lost')}</div>` : nothing}`;
  }

  private content() {
    if (this.app.kind === 'shell') return html`<pl-settings .phone=${this.phone}></pl-settings>`;
    if (this.app.kind === 'web') return nothing;
    return html`<pileus-surface tabindex="0" ?asleep=${this.asleep && !this.owesBack} .connect=${this.connect} .leaves=${isPhones} aria-label=${this.app.label} @state=${this.stated}
      @detached=${this.detached} @notify=${this.notified} @show=${this.show} @connection=${this.connection}
      @frame=${this.framed}></pileus-surface>`;
  }

  private startScreen() {
    const gone = !this.starting;
    return html`<div class="start" ?gone=${gone} .style=${`background:linear-gradient(165deg, color-mix(in srgb, ${this.colour} 82%, #fff), ${this.colour})`}
      role="status" aria-label=${t('window.starting', { app: labelOf(this.app, locale()) })} aria-hidden=${gone}>
      <pl-app-icon app=${this.app.id} src=${this.app.icon} label=${this.app.label}></pl-app-icon>
      <div class="line" ?hidden=${this.app.kind !== 'cloud'}><i .style=${`transform:scaleX(${Math.max(0.04, this.progress)})`}></i></div>
      ${this.message && !gone ? html`<div class="said">${this.message}</div>` : nothing}</div>`;
  }

  private cover() {
    const app = labelOf(this.app, locale());
    if (this.elsewhere)
      return this.sheet(
        'smartphone',
        t('window.elsewhere', { device: this.elsewhere }),
        t('window.take-back'),
        this.again,
      );
    if (this.phase === 'crashed')
      return this.sheet(
        'circle-alert',
        this.message || t('window.crashed', { app }),
        t('window.restart'),
        this.restart,
        this.details ? this.why(this.details) : nothing,
      );
    if (this.phase === 'finished' || this.ended)
      return this.sheet('check', t('window.finished', { app }), t('window.restart'), this.restart);
    if (this.stuck)
      return this.sheet(
        'circle-alert',
        this.message || t('window.stuck', { app }),
        t('window.wait'),
        () => (this.stuck = false),
        html`<pl-button @click=${this.closeApp}>${t('window.close-app')}</pl-button>`,
      );
    return nothing;
  }

  private sheet(glyph: string, text: string, action: string, act: () => void, other: unknown = nothing) {
    return html`<div class="cover" role="alert"><pl-empty glyph=${glyph} text=${text}>
      <pl-button kind="primary" @click=${act}>${action}</pl-button>${other}</pl-empty></div>`;
  }

  /** What the app itself said, for whoever can do something about it. */
  private why(details: string) {
    return html`<details><summary>${t('window.details')}<pl-icon name="chevron-down"></pl-icon></summary>
      <pre tabindex="0" lang="en" translate="no">${details}</pre></details>`;
  }

  private closeApp = async (): Promise<void> => {
    const ended = this.end();
    this.phone.act({ type: 'close', app: this.app.id });
    await ended;
    void this.phone.running.read();
  };

  private mount(): void {
    this.intent = this.phone.windows.value.intents[this.app.id];
    this.frame = mountAppFrame(this.place, this.app, depsOf(this.phone, this.intent));
    const frame = this.place.querySelector('iframe');
    const ready = () => (this.phase = 'running');
    if (frame) frame.addEventListener('load', ready, { once: true });
    else ready();
  }

  /** Tells an app that is open already what it was opened for this time. */
  private wish(intent: Intent | undefined): void {
    if (!this.frame || !intent || intent === this.intent) return;
    this.intent = intent;
    this.frame.wish(intent);
  }

  private connect = async (): Promise<Place | undefined> => {
    try {
      const place = await this.cloud!.connect();
      this.lost = false;
      if (!place) this.fail('');
      return place;
    } catch (error) {
      this.alone = error instanceof Problem && ['offline', 'unavailable'].includes(error.code);
      if (this.phase === 'starting') this.fail(words(error));
      else this.lost = true;
      throw error;
    }
  };

  private room() {
    const { clientWidth: width, clientHeight: height } = this.place;
    return { width, height, ratio: devicePixelRatio, theme: this.phone.theme.value };
  }

  private fail(message: string): void {
    this.message = message;
    this.phase = 'crashed';
  }

  private stated = (event: CustomEvent<StateDetail>): void => {
    const { state, progress, message, code, details } = event.detail;
    const phase = typeof state === 'number' ? PHASES[state] : state;
    if (phase) this.phase = phase;
    if (typeof progress === 'number') this.progress = progress;
    this.message = message ?? '';
    this.details = details ?? '';
    this.stuck = code === NOT_RESPONDING;
    if (phase === 'running') this.lost = false;
    // Its owner went back out of it, or it has nothing more to show: its icon begins it anew.
    if (phase === 'finished' && this.painted && ENDED.includes(code ?? ''))
      return this.phone.act({ type: 'close', app: this.app.id });
    this.giveBack();
  };

  private detached = (event: CustomEvent<{ reason: number; device?: string; message?: string }>): void => {
    const { reason, device, message } = event.detail;
    if (reason === 0) this.elsewhere = device || t('window.other-device');
    else if (reason === 1) this.ended = this.phase !== 'crashed';
    else if (message) this.fail(message);
    else this.lost = true;
  };

  private framed = (): void => {
    if (!this.painted) this.painted = true;
    this.giveBack();
    if (this.looked !== 0) return;
    this.look();
    this.looked = window.setTimeout(() => {
      this.looked = 0;
      this.look();
    }, EDGES_MS);
  };

  private look(): void {
    const edges = this.surface && barsOf(this.surface.canvas);
    if (edges?.top !== this.edges?.top || edges?.bottom !== this.edges?.bottom) this.edges = edges;
  }

  /** An app takes input when it has drawn itself: what comes before is lost, and its last picture takes none. */
  private giveBack(): void {
    if (!this.owesBack || this.phase !== 'running' || !this.painted) return;
    this.surface?.back();
    this.owesBack = false;
  }

  private connection = (event: CustomEvent<{ lost?: boolean }>): void => {
    this.lost = event.detail.lost ?? false;
  };

  private notified = (event: CustomEvent<Record<string, unknown>>): void => {
    const notice = cloudNotice(event.detail, this.app.id, Date.now());
    if (event.detail.cancelled) this.phone.notices.cancel(notice.key);
    else this.phone.notices.post(notice);
  };

  private show = (event: CustomEvent<Record<string, unknown>>): void => {
    this.phone.follow(event.detail, this.app.id);
  };

  private again = (): void => {
    this.elsewhere = '';
    this.surface?.reconnect();
  };

  private restart = (): void => {
    this.alone = false;
    this.phase = 'starting';
    this.painted = false;
    this.ended = false;
    this.stuck = false;
    this.progress = 0;
    this.message = '';
    this.details = '';
    this.edges = undefined;
    if (this.cloud) this.cloud.session = undefined;
    this.surface?.reconnect();
  };
}
customElements.define('pl-window', PlWindow);
