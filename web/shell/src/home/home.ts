import { html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { bytes, locale, problemWords, t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/app-icon.ts';
import '../../../kit/src/elements/icon.ts';
import { labelOf } from '../apps/apps.ts';
import type { App } from '../deps.ts';
import type { Phone } from '../phone/model.ts';
import { Watch } from '../store.ts';
import { follow, type Trace } from '../windows/gesture.ts';
import { homeStyles } from './home.css.ts';
import { move, type Place } from './layout.ts';

const HOLD = 420;

/** The home screen. Fires `search` (pull down) and `menu` (long press) with what was touched. */
export class PlHome extends LitElement {
  static override styles = homeStyles;
  @property({ attribute: false }) phone!: Phone;
  @state() private page = 0;
  @state() private dragged?: string;
  private timer = 0;
  private moved = false;

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    new Watch(this, [
      this.phone.apps,
      this.phone.home.places,
      this.phone.status,
      this.phone.usage,
      this.phone.form,
    ]);
  }

  /** Where an app's icon is in the window, for the way its window takes. */
  iconRect(app: string): DOMRect | undefined {
    return this.renderRoot
      .querySelector(`[data-app="${CSS.escape(app)}"] pl-app-icon`)
      ?.getBoundingClientRect();
  }

  override render() {
    const { pages, dock } = this.phone.home.layout();
    const grid = this.phone.home.grid();
    return html`<div class="home ${this.phone.form.value}" .style=${`--columns:${grid.columns};--rows:${grid.rows}`}>
      ${this.glance()}
      <div class="pages" @scroll=${this.scrolled} @pointerdown=${this.pull}>
        ${pages.map(
          (
            cells,
            page,
          ) => html`<div class="page" role="list" aria-label=${t('home.page', { page: page + 1 })}>
          ${cells.map((id, cell) => html`<div class="cell" role=${id ? 'listitem' : nothing} data-area="home" data-page=${page} data-cell=${cell}>${id ? this.icon(id) : nothing}</div>`)}
        </div>`,
        )}
      </div>
      <div class="dots" aria-hidden="true" ?hidden=${pages.length < 2}>${pages.map((_, page) => html`<i ?on=${page === this.page}></i>`)}</div>
      <nav class="dock" ?hidden=${dock.length === 0} aria-label=${t('home.dock')} data-area="dock">
        ${dock.map((id, cell) => html`<div class="cell" data-area="dock" data-page="0" data-cell=${cell}>${this.icon(id, true)}</div>`)}
      </nav>
    </div>`;
  }

  private glance() {
    const { unsafe, problem } = this.phone.status.value;
    const usage = this.phone.usage.value;
    const waiting = unsafe > 0;
    const title = waiting ? t('home.unsafe', { count: unsafe }) : t('home.safe');
    const space = usage ? t('home.space', { used: bytes(usage.used), limit: bytes(usage.limit) }) : '';
    const text = waiting && problem ? whatWaits(problem) : space;
    return html`<button class="glance" @click=${() => this.phone.open('settings')}>
      <span class="cloud ${waiting ? 'waiting' : ''}"><pl-icon name="cloud"></pl-icon></span>
      <span role="status"><b>${title}</b>${text ? html`<small>${text}</small>` : nothing}</span></button>`;
  }

  private icon(id: string, inDock = false) {
    const app = this.phone.app(id);
    if (!app) return nothing;
    const label = labelOf(app, locale());
    return html`<button class="app ${this.dragged === id ? 'dragged' : ''}" data-app=${id} aria-label=${label}
      aria-haspopup="menu" @click=${() => this.tap(id)} @pointerdown=${(event: PointerEvent) => this.press(event, app)}
      @contextmenu=${(event: Event) => this.context(event, app)}>
      <pl-app-icon app=${app.id} src=${app.icon} label=${label}></pl-app-icon>
      ${inDock ? nothing : html`<span>${label}</span>`}</button>`;
  }

  private tap(id: string): void {
    if (!this.moved) this.phone.open(id);
    this.moved = false;
  }

  private context(event: Event, app: App): void {
    event.preventDefault();
    if (!this.dragged) this.menu(event.currentTarget as HTMLElement, app);
  }

  private menu(button: HTMLElement, app: App): void {
    const rect = button.getBoundingClientRect();
    this.dispatchEvent(new CustomEvent('menu', { detail: { app, rect } }));
  }

  private press(event: PointerEvent, app: App): void {
    if (event.button !== 0) return;
    const button = event.currentTarget as HTMLElement;
    const start = { x: event.clientX, y: event.clientY };
    this.moved = false;
    let held = false;
    this.timer = window.setTimeout(() => {
      held = true;
      this.moved = true;
      navigator.vibrate?.(8);
      this.menu(button, app);
    }, HOLD);
    const move = (next: PointerEvent) => {
      const far = Math.hypot(next.clientX - start.x, next.clientY - start.y) > 10;
      if (!far) return;
      clearTimeout(this.timer);
      if (!held) return stop();
      this.dispatchEvent(new CustomEvent('menu', { detail: undefined }));
      this.dragged = app.id;
      button.style.transform = `translate(${next.clientX - start.x}px, ${next.clientY - start.y}px) scale(1.08)`;
    };
    const stop = () => {
      clearTimeout(this.timer);
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', up);
      window.removeEventListener('pointercancel', stop);
      window.removeEventListener('touchmove', still);
      button.style.transform = '';
      this.dragged = undefined;
    };
    const up = (next: PointerEvent) => {
      if (this.dragged) void this.drop(app.id, next.clientX, next.clientY);
      stop();
    };
    // Once an icon is held, the browser must not scroll the pages under it.
    const still = (touch: TouchEvent) => held && touch.preventDefault();
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', up);
    window.addEventListener('pointercancel', stop);
    window.addEventListener('touchmove', still, { passive: false });
  }

  private async drop(app: string, x: number, y: number): Promise<void> {
    const cells = [...this.renderRoot.querySelectorAll<HTMLElement>('.cell, .dock')];
    const hit = cells.find((cell) => {
      const rect = cell.getBoundingClientRect();
      return x >= rect.left && x <= rect.right && y >= rect.top && y <= rect.bottom;
    });
    if (!hit) return;
    const area = hit.dataset.area === 'dock' ? 'dock' : 'home';
    const cell = Number(hit.dataset.cell ?? 99);
    const to: Place = { area, page: Number(hit.dataset.page ?? 0), cell };
    await this.phone.home.keep(move(this.phone.home.layout(), app, to, this.phone.home.grid()));
  }

  private pull = (event: PointerEvent): void => {
    if ((event.target as HTMLElement).closest('button')) return;
    const down = (trace: Trace) => trace.dy > 60 && Math.abs(trace.dx) < trace.dy / 2;
    follow(event, { end: (trace) => down(trace) && this.dispatchEvent(new CustomEvent('search')) });
  };

  private scrolled = (event: Event): void => {
    const pages = event.currentTarget as HTMLElement;
    this.page = Math.round(pages.scrollLeft / pages.clientWidth);
  };
}
customElements.define('pl-home', PlHome);

/** What keeps items from being safe: somebody has to make room, or it passes by itself. */
function whatWaits(problem: string): string {
  const full = ['storage-full', 'storage-read-only', 'quota-exceeded'].includes(problem ?? '');
  return full ? problemWords(problem, '') : t('home.unsafe-offline');
}
