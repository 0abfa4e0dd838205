import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { locale, t, Words } from '../../../kit/src/i18n/index.ts';
import { Motion } from '../../../kit/src/theme/motion.ts';
import '../../../kit/src/elements/app-icon.ts';
import '../../../kit/src/elements/icon.ts';
import { labelOf } from '../apps/apps.ts';
import type { App } from '../deps.ts';
import type { Phone } from '../phone/model.ts';
import { Watch } from '../store.ts';
import { type Card, cardOf } from './cards.ts';
import { follow, type Trace } from './gesture.ts';
import { stageStyles } from './stage.css.ts';
import './window.ts';
import type { PlWindow } from './window.ts';
import { awake, front } from './windows.ts';

type Spot = { x: number; y: number; scale: number; opacity: number };
const GAP = 22;
/** A pointer that the stage followed would give it the click, too. */
const own = (event: Event): void => event.stopPropagation();

/** All open windows. They are never taken out of the page while open, so a card in recents is the live window. */
export class PlStage extends LitElement {
  static override styles = stageStyles;
  @property({ attribute: false }) phone!: Phone;
  /** Where an app's icon is on the glass, in client coordinates. */
  @property({ attribute: false }) iconRect: (app: string) => DOMRect | undefined = () => undefined;
  private motions = new Map<string, Motion<keyof Spot>>();
  private rail = new Motion({ at: 0 }, () => this.place(false));
  /** The finger moved, so the click that follows is none. */
  private slid = false;
  private closing = new Set<string>();
  /** Windows that are in sight, or on their way to be. */
  private shown = new Set<string>();

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    const { windows, apps, running, pictures, preferences, form } = this.phone;
    new Watch(this, [windows, apps, running, pictures, preferences, form]);
  }

  window(app: string | undefined): PlWindow | undefined {
    const box = app ? this.box(app) : undefined;
    return box?.querySelector<PlWindow>('pl-window') ?? undefined;
  }

  override render() {
    const { view, order } = this.phone.windows.value;
    const recents = view === 'recents';
    const front = view === 'app' ? order[0] : undefined;
    const ids = [...order].sort();
    return html`<div class="stage ${recents ? 'recents' : ''} ${this.phone.preferences.value.navigation}" role=${recents ? 'list' : nothing} aria-label=${recents ? t('recents.title') : nothing}
        @pointerdown=${recents ? this.slide : nothing} @click=${recents ? this.outside : nothing}>
      ${repeat(
        ids,
        (id) => id,
        (id) => this.windowBox(id, recents, id === front),
      )}
      ${recents ? this.others() : nothing}
      ${recents && order.length === 0 && this.elsewhere().length === 0 ? html`<p class="none">${t('recents.empty')}</p>` : nothing}
    </div>`;
  }

  private windowBox(id: string, recents: boolean, inFront: boolean) {
    const app = this.phone.app(id);
    if (!app) return nothing;
    const label = labelOf(app, locale());
    return html`<div class="box ${inFront ? 'front' : ''}" data-app=${id} role=${recents ? 'listitem' : 'region'} aria-label=${label} ?inert=${!inFront && !recents}>
      <div class="title" ?hidden=${!recents}><pl-app-icon app=${id} src=${app.icon} label=${label}></pl-app-icon><span>${label}</span>
        ${app.kind === 'cloud' ? html`<i title=${t('recents.cloud')}><pl-icon name="cloud" role="img" aria-label=${t('recents.cloud')}></pl-icon></i>` : nothing}</div>
      <div class="glass"><pl-window .phone=${this.phone} .app=${app} ?buttons=${this.phone.preferences.value.navigation === 'buttons'} ?inert=${recents} ?asleep=${id !== awake(this.phone.windows.value)}></pl-window></div>
      <button class="cover" ?hidden=${!recents} aria-label=${t('recents.open', { app: label })} @pointerdown=${(event: PointerEvent) => this.flick(event, id)}
        @keydown=${(event: KeyboardEvent) => this.cardKey(event, id)}></button>
    </div>`;
  }

  /** Sessions that run in the cloud and have no window on this device. */
  private elsewhere(): App[] {
    const open = this.phone.windows.value.order;
    const ids = new Set(this.phone.running.value.map((one) => one.app).filter((app) => !open.includes(app)));
    return [...ids].map((id) => this.phone.app(id)).filter((app): app is App => app !== undefined);
  }

  private others() {
    const apps = this.elsewhere();
    if (apps.length === 0) return nothing;
    return html`<div class="others" aria-label=${t('recents.elsewhere')} @pointerdown=${own}><small>${t('recents.elsewhere')}</small>${apps.map(
      (app) => html`<button @click=${() => this.phone.open(app.id)} aria-label=${labelOf(app, locale())}>
        ${this.lastPicture(app.id)}<pl-app-icon app=${app.id} src=${app.icon} label=${app.label}></pl-app-icon></button>`,
    )}</div>`;
  }

  /** What a frozen app looked like when it was left. */
  private lastPicture(app: string) {
    const picture = this.phone.pictures.value.get(app);
    return picture ? html`<img src=${picture} alt="">` : nothing;
  }

  protected override updated(_changed: PropertyValues): void {
    const { order } = this.phone.windows.value;
    for (const id of this.motions.keys()) if (!order.includes(id)) this.motions.delete(id);
    if (this.phone.windows.value.view !== 'recents') this.rail.set({ at: 0 });
    this.place(true);
  }

  private place(spring: boolean): void {
    const { view, order } = this.phone.windows.value;
    for (const [index, id] of order.entries()) {
      if (this.closing.has(id)) continue;
      const known = this.motions.has(id);
      const motion = this.motion(id);
      const target = this.spot(id, index, view);
      const box = this.box(id);
      if (!box) continue;
      const shown = target.opacity > 0;
      if (shown) {
        this.shown.add(id);
        box.style.visibility = 'visible';
      } else this.shown.delete(id);
      box.style.zIndex = String(100 - index);
      if (!spring) {
        if (view === 'recents') motion.set(target);
        continue;
      }
      if (!known && view === 'app' && index === 0) motion.set(this.iconSpot(id));
      void motion.to(target).then(() => {
        // It may have been opened again on its way, while there is nothing to be seen of it yet.
        if (!this.shown.has(id) && motion.values.opacity < 0.01) box.style.visibility = 'hidden';
      });
      const window = view === 'app' && index === 0 ? this.window(id) : undefined;
      // What has the focus in it, a field that is being written in, keeps it: this is said again for other reasons.
      if (window && !window.matches(':focus-within')) window.focus();
    }
  }

  private spot(id: string, index: number, view: string): Spot {
    if (view === 'app')
      return index === 0 ? { x: 0, y: 0, scale: 1, opacity: 1 } : { x: 0, y: 0, scale: 0.94, opacity: 0 };
    if (view === 'home') return this.iconSpot(id);
    const { scale, y } = this.card();
    return { x: this.rail.values.at - index * this.stride(), y, scale, opacity: 1 };
  }

  private card(): Card {
    const strip = this.renderRoot.querySelector<HTMLElement>('.others');
    return cardOf({
      height: this.clientHeight,
      form: this.phone.form.value,
      strip: strip ? this.clientHeight - strip.offsetTop : 0,
    });
  }

  /** From one card to the next. */
  private stride(): number {
    return this.clientWidth * this.card().scale + GAP;
  }

  private iconSpot(id: string): Spot {
    const rect = this.iconRect(id);
    const glass = this.getBoundingClientRect();
    if (!rect || rect.width === 0) return { x: 0, y: this.clientHeight * 0.3, scale: 0.3, opacity: 0 };
    return {
      x: rect.left + rect.width / 2 - glass.left - this.clientWidth / 2,
      y: rect.top + rect.height / 2 - glass.top - this.clientHeight / 2,
      scale: rect.width / this.clientWidth,
      opacity: 0,
    };
  }

  private motion(id: string): Motion<keyof Spot> {
    const known = this.motions.get(id);
    if (known) return known;
    const made = new Motion<keyof Spot>({ x: 0, y: 0, scale: 1, opacity: 0 }, (at) => {
      const box = this.box(id);
      if (!box) return;
      const still = at.scale === 1 && at.x === 0 && at.y === 0;
      box.style.transform = still ? '' : `translate3d(${at.x}px, ${at.y}px, 0) scale(${at.scale})`;
      box.style.opacity = String(Math.max(0, Math.min(1, at.opacity)));
      box.classList.toggle('moving', !still);
    });
    this.motions.set(id, made);
    return made;
  }

  private box(id: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(`.box[data-app="${CSS.escape(id)}"]`);
  }

  /** The window in front under the finger, on its way home or to recents. */
  lift(trace: Trace): void {
    const id = front(this.phone.windows.value);
    if (!id) return;
    const up = Math.max(0, -trace.dy) / this.clientHeight;
    this.motion(id).set({
      x: trace.dx * 0.8,
      y: trace.dy * 0.45,
      scale: Math.max(0.5, 1 - up * 0.75),
      opacity: 1,
    });
  }

  settle(): void {
    this.place(true);
  }

  private slide = (event: PointerEvent): void => {
    const start = this.rail.values.at;
    follow(event, {
      move: (trace) => this.rail.set({ at: start + trace.dx }),
      end: (trace) => {
        this.slid = Math.hypot(trace.dx, trace.dy) > 8;
        this.snap(start, trace);
      },
    });
  };

  private snap(start: number, trace: Trace): void {
    const stride = this.stride();
    const most = Math.max(0, this.phone.windows.value.order.length - 1);
    const wished = Math.round((start + trace.dx + trace.vx * 180) / stride);
    void this.rail.to({ at: Math.min(most, Math.max(0, wished)) * stride }, { at: trace.vx * 1000 });
  }

  private flick(event: PointerEvent, id: string): void {
    event.stopPropagation();
    const start = this.rail.values.at;
    const motion = this.motion(id);
    const from = motion.values;
    let way: 'side' | 'up' | undefined;
    follow(event, {
      move: (trace) => {
        if (!way && Math.hypot(trace.dx, trace.dy) > 8)
          way = Math.abs(trace.dx) > Math.abs(trace.dy) ? 'side' : 'up';
        if (way === 'side') this.rail.set({ at: start + trace.dx });
        if (way === 'up')
          motion.set({
            ...from,
            y: from.y + trace.dy,
            opacity: 1 - Math.max(0, -trace.dy) / this.clientHeight,
          });
      },
      end: (trace) => {
        if (!way) return this.phone.act({ type: 'open', app: id });
        if (way === 'side') return this.snap(start, trace);
        if (trace.dy < -this.clientHeight * 0.2 || trace.vy < -0.5) return void this.throwAway(id, trace.vy);
        void motion.to(from);
      },
    });
  }

  private async throwAway(id: string, speed = 0): Promise<void> {
    this.closing.add(id);
    const window = this.window(id);
    const [end, left] = [window?.end(), window?.leave()];
    await this.motion(id).to({ y: -this.clientHeight * 1.1, opacity: 0 }, { y: speed * 1000 });
    await left;
    this.closing.delete(id);
    this.phone.act({ type: 'close', app: id });
    await end;
    void this.phone.running.read();
  }

  private cardKey(event: KeyboardEvent, id: string): void {
    if (event.key === 'Enter' || event.key === ' ') this.phone.act({ type: 'open', app: id });
    if (event.key === 'Delete' || event.key === 'Backspace') void this.throwAway(id);
  }

  private outside = (event: Event): void => {
    if (event.target === event.currentTarget && !this.slid) this.phone.act({ type: 'home' });
  };
}
customElements.define('pl-stage', PlStage);
