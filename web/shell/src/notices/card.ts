import { css, html, LitElement, nothing } from 'lit';
import { property } from 'lit/decorators.js';
import { t, time } from '../../../kit/src/i18n/index.ts';
import { Motion, QUICK } from '../../../kit/src/theme/motion.ts';
import '../../../kit/src/elements/app-icon.ts';
import '../../../kit/src/elements/icon.ts';
import { labelOf } from '../apps/apps.ts';
import type { App, Notice } from '../deps.ts';
import { follow } from '../windows/gesture.ts';

/** One notice: a tap opens it, a swipe to a side clears it. Fires `open`, `clear` and `act` {notice, action}. */
export class PlNotice extends LitElement {
  static override styles = css`
    :host { display: block; touch-action: pan-y; }
    article { display: grid; grid-template-columns: 40px 1fr auto; gap: 2px 12px; align-items: center; padding: 12px 6px 12px 14px;
      border-radius: 20px; background: var(--pl-glass); color: var(--pl-ink); cursor: pointer; min-height: 64px; box-sizing: border-box;
      backdrop-filter: blur(24px) saturate(1.5); }
    pl-app-icon { width: 40px; height: 40px; }
    .what { min-width: 0; }
    .from { font: 500 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); display: flex; gap: 6px; }
    b { display: block; font: 600 14px/1.35 var(--pl-font); }
    p { margin: 0; font: 400 14px/1.35 var(--pl-font); overflow: hidden; text-overflow: ellipsis; display: -webkit-box;
      -webkit-line-clamp: 2; -webkit-box-orient: vertical; }
    button { all: unset; width: 44px; height: 44px; display: grid; place-items: center; cursor: pointer; color: var(--pl-ink-soft); border-radius: 22px; }
    button:focus-visible, article:focus-visible { outline: 2px solid var(--pl-accent); }
    button pl-icon { width: 18px; height: 18px; }
    .acts { grid-column: 2 / -1; display: flex; flex-wrap: wrap; gap: 0 8px; margin-left: -10px; }
    .acts button { width: auto; height: 44px; line-height: 44px; padding: 0 10px; font: 600 14px/44px var(--pl-font); color: var(--pl-accent); }
    .line { grid-column: 2 / -1; height: 4px; border-radius: 2px; background: var(--pl-sunken); overflow: hidden; margin: 6px 12px 0 0; }
    .line i { display: block; height: 100%; background: var(--pl-accent); transform-origin: left; }
    :host(:dir(rtl)) .line i { transform-origin: right; }
  `;
  @property({ attribute: false }) notice!: Notice;
  @property({ attribute: false }) app?: App;
  private motion = new Motion(
    { x: 0 },
    ({ x }) => {
      this.style.transform = `translateX(${x}px)`;
      this.style.opacity = String(1 - Math.min(1, Math.abs(x) / 320));
    },
    QUICK,
  );

  override render() {
    const { title, text, when, progress, ongoing } = this.notice;
    const name = this.app ? labelOf(this.app, document.documentElement.lang.slice(0, 2)) : t('app.name');
    return html`<article tabindex="0" @pointerdown=${this.drag} @click=${() => this.tell('open')} @keydown=${this.key}>
      <pl-app-icon app=${this.app?.id ?? 'pileus'} src=${this.app?.icon ?? ''} label=${name}></pl-app-icon>
      <div class="what"><span class="from">${name}<span>·</span><time>${time(when)}</time></span><b>${title}</b>${text ? html`<p>${text}</p>` : nothing}</div>
      ${ongoing ? html`<span></span>` : html`<button aria-label=${t('notice.clear')} @click=${this.clear} @pointerdown=${(event: Event) => event.stopPropagation()}><pl-icon name="x"></pl-icon></button>`}
      ${progress === undefined ? nothing : html`<div class="line" role="progressbar" aria-valuenow=${Math.round(progress * 100)}><i .style=${`transform:scaleX(${progress})`}></i></div>`}
      ${this.actions()}
    </article>`;
  }

  private actions() {
    const { actions } = this.notice;
    if (!actions?.length) return nothing;
    return html`<div class="acts">${actions.map(
      (title, action) =>
        html`<button @click=${(event: Event) => this.act(event, action)} @keydown=${(event: Event) => event.stopPropagation()}
          @pointerdown=${(event: Event) => event.stopPropagation()}>${title}</button>`,
    )}</div>`;
  }

  private act(event: Event, action: number): void {
    event.stopPropagation();
    this.dispatchEvent(new CustomEvent('act', { detail: { notice: this.notice, action } }));
  }

  private drag = (event: PointerEvent): void => {
    if (this.notice.ongoing) return;
    follow(event, {
      move: (trace) => Math.abs(trace.dx) > 6 && this.motion.set({ x: trace.dx }),
      end: (trace) => {
        const gone = Math.abs(trace.dx) > 110 || Math.abs(trace.vx) > 0.6;
        if (!gone) return void this.motion.to({ x: 0 });
        const side = Math.sign(trace.dx || trace.vx);
        void this.motion.to({ x: side * 420 }, { x: trace.vx * 1000 }).then(() => this.tell('clear'));
      },
    });
  };

  private key = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') this.tell('open');
    if (event.key === 'Delete' && !this.notice.ongoing) this.tell('clear');
  };

  private clear = (event: Event): void => {
    event.stopPropagation();
    this.tell('clear');
  };

  private tell(name: 'open' | 'clear'): void {
    if (name === 'open' && Math.abs(this.motion.values.x) > 6) return;
    this.dispatchEvent(new CustomEvent(name, { detail: this.notice }));
  }
}
customElements.define('pl-notice', PlNotice);
