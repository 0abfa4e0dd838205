import { css, html, LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import { clockText, localeTag, t, Words } from '../../../kit/src/i18n/index.ts';
import { Motion } from '../../../kit/src/theme/motion.ts';
import '../notices/card.ts';
import type { Notice } from '../deps.ts';
import type { Phone } from '../phone/model.ts';
import { Minutes } from '../status/minutes.ts';
import { Watch } from '../store.ts';
import { follow, pulled } from '../windows/gesture.ts';
import '../sky/sky.ts';

/** The lock screen: a large clock and quiet notices; a swipe up, a tap or a key opens it. */
export class PlLock extends LitElement {
  static override styles = css`
    :host { position: absolute; inset: 0; color: #fdfeff; touch-action: none; cursor: default; overflow: hidden; border-radius: inherit; }
    .scrim { position: absolute; inset: 0; background: linear-gradient(#0a162d52, #0a162d1f 45%, #0a162d3d); }
    .body { position: absolute; inset: 0; display: grid; grid-template-rows: auto 1fr auto; padding: clamp(56px, 9vh, 84px) 16px 18px; justify-items: center; box-sizing: border-box; }
    .body:focus-visible { outline: none; }
    time { font: 300 92px/1 var(--pl-font); letter-spacing: -0.035em; font-variant-numeric: tabular-nums; text-shadow: 0 2px 24px #0a162d40; }
    .date { font: 500 18px/1.4 var(--pl-font); text-align: center; margin-top: 10px; text-shadow: 0 1px 12px #0a162d59; }
    .notices { width: 100%; max-width: 420px; display: grid; gap: 8px; align-content: start; margin-top: 32px; overflow: hidden; }
    .notices[hidden] { visibility: hidden; }
    .hint { display: grid; justify-items: center; gap: 12px; font: 500 14px/1.4 var(--pl-font); text-shadow: 0 1px 8px #0a162d59; }
    .hint i { width: 134px; height: 5px; border-radius: 3px; background: #fdfeff; opacity: 0.92; }
  `;
  @property({ attribute: false }) phone!: Phone;
  private motion = new Motion({ y: 0 }, ({ y }) => {
    this.style.transform = `translateY(${y}px)`;
    this.style.opacity = String(1 - Math.min(1, -y / (this.clientHeight || 1)) * 0.6);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    new Minutes(this);
    new Watch(this, [this.phone.notices, this.phone.sky]);
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>('.body')?.focus();
  }

  override render() {
    const now = new Date();
    const date = new Intl.DateTimeFormat(localeTag(), {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
    }).format(now);
    const notices = this.phone.notices.value.slice(0, 3);
    return html`<pl-sky name=${this.phone.sky.value}></pl-sky><div class="scrim"></div>
      <div class="body" tabindex="0" role="button" aria-label=${t('lock.open')} @pointerdown=${this.drag} @keydown=${this.key}>
        <div><time>${clockText(now, localeTag())}</time><div class="date">${date}</div></div>
        <div class="notices" @pointerdown=${(event: Event) => event.stopPropagation()} ?hidden=${notices.length === 0}>
          ${notices.map(
            (notice) => html`<pl-notice .notice=${notice} .app=${this.phone.app(notice.app)}
            @open=${() => this.open(notice)} @clear=${() => this.phone.dismiss(notice)}
            @act=${(event: CustomEvent<{ action: number }>) => void this.phone.pressNotice(notice, event.detail.action)}></pl-notice>`,
          )}
        </div>
        <div class="hint">${t('lock.hint')}<i></i></div>
      </div>`;
  }

  private drag = (event: PointerEvent): void => {
    follow(event, {
      move: (trace) => this.motion.set({ y: Math.min(0, trace.dy) }),
      end: (trace) => {
        const tapped = Math.abs(trace.dx) < 8 && Math.abs(trace.dy) < 8;
        if (tapped || pulled(trace, this.clientHeight, false)) void this.unlock(trace.vy * 1000);
        else void this.motion.to({ y: 0 });
      },
    });
  };

  private key = (event: KeyboardEvent): void => {
    if (['Enter', ' ', 'ArrowUp', 'Escape'].includes(event.key)) void this.unlock(0);
  };

  private open(notice: Notice): void {
    this.phone.act({ type: 'unlock' });
    void this.phone.pressNotice(notice);
  }

  private async unlock(speed: number): Promise<void> {
    await this.motion.to({ y: -this.clientHeight - 20 }, { y: Math.min(0, speed) });
    this.phone.act({ type: 'unlock' });
  }
}
customElements.define('pl-lock', PlLock);
