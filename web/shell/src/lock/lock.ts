import { css, html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { clockText, localeTag, t, Words } from '../../../kit/src/i18n/index.ts';
import { Motion } from '../../../kit/src/theme/motion.ts';
import { canCall } from '../calls/rules.ts';
import '../notices/card.ts';
import type { Notice } from '../deps.ts';
import type { Phone } from '../phone/model.ts';
import { Minutes } from '../status/minutes.ts';
import { Watch } from '../store.ts';
import { follow, pulled } from '../windows/gesture.ts';
import '../sky/sky.ts';
import './pad.ts';
import type { PlPinPad } from './pad.ts';
import { FREE } from './pin.ts';
import './proof.ts';
import { onLock } from './shown.ts';

/** The lock screen: a large clock and quiet notices; a swipe up, a tap or a key opens it, or asks for the PIN. */
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
    .ask { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: clamp(8px, 2vh, 20px); padding: 44px 16px 16px; box-sizing: border-box;
      backdrop-filter: blur(28px) saturate(1.3); background: #0a162d33; }
    .link { all: unset; min-height: 44px; padding: 0 16px; border-radius: 22px; cursor: pointer; font: 500 15px/44px var(--pl-font); text-shadow: 0 1px 8px #0a162d59; }
    .link:focus-visible { outline: 2px solid #fdfeff; }
    .alone { position: absolute; bottom: 64px; left: 50%; transform: translateX(-50%); white-space: nowrap; }
    .alone:active { background: #fdfeff24; }
    .hint i { width: 134px; height: 5px; border-radius: 3px; background: #fdfeff; opacity: 0.92; }
  `;
  @property({ attribute: false }) phone!: Phone;
  @state() private asking?: 'pin' | 'password';
  @state() private said = '';
  @state() private busy = false;
  @query('pl-pin-pad') private pad?: PlPinPad;
  /** What opening is for: a notice that was pressed. */
  private goal?: () => void;
  private ticking?: ReturnType<typeof setInterval>;
  private motion = new Motion({ y: 0 }, ({ y }) => {
    this.style.transform = `translateY(${y}px)`;
    this.style.opacity = String(1 - Math.min(1, -y / (this.clientHeight || 1)) * 0.6);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    new Minutes(this);
    const { notices, home, pin, lost, handset, preferences } = this.phone;
    new Watch(this, [preferences, notices, home.sky, pin, lost.locked, handset.telephony]);
    window.addEventListener('keydown', this.padKey);
    this.ticking = setInterval(() => this.phone.pin.value.until > 0 && this.requestUpdate(), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('keydown', this.padKey);
    clearInterval(this.ticking);
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
    const notices = onLock(this.phone.notices.value, this.phone.preferences.value.lockShows).slice(0, 3);
    return html`<pl-sky name=${this.phone.home.sky.value}></pl-sky><div class="scrim"></div>
      <div class="body" tabindex="0" role="button" aria-label=${t('lock.open')} @pointerdown=${this.drag} @keydown=${this.key}>
        <div><time>${clockText(now, localeTag())}</time><div class="date">${date}</div></div>
        <div class="notices" @pointerdown=${(event: Event) => event.stopPropagation()} ?hidden=${notices.length === 0}>
          ${notices.map(
            ({ notice, of }) => html`<pl-notice .notice=${notice} .app=${this.phone.app(notice.app)}
            @open=${() => this.open(of)} @clear=${() => this.clear(of)}
            @act=${(event: CustomEvent<{ action: number }>) => this.act(notice, event.detail.action)}></pl-notice>`,
          )}
        </div>
        <div class="hint">${t('lock.hint')}<i></i></div>
      </div>${this.emergency('alone')}${this.asking ? this.question(this.asking) : nothing}`;
  }

  private question(asking: 'pin' | 'password') {
    const elsewhere = this.phone.lost.locked.value;
    const needsPassword = elsewhere || this.phone.pin.needsPassword;
    const wait = this.busy ? 0 : this.phone.pin.wait;
    if (asking === 'password' || needsPassword)
      return html`<div class="ask"><pl-proof .api=${this.phone.api} ?only=${needsPassword} lead=${elsewhere ? t('lock.elsewhere') : needsPassword ? t('lock.too-many') : t('lock.password')}
        @proven=${this.proven} @back=${() => this.ask()}></pl-proof>${this.emergency()}</div>`;
    const said = wait > 0 ? t('lock.wait', { count: Math.ceil(wait / 1000) }) : this.said;
    return html`<div class="ask" role="dialog" aria-label=${t('lock.pin')}>
      <pl-pin-pad .said=${said} ?busy=${this.busy} ?shut=${wait > 0} @pin=${(event: CustomEvent<string>) => void this.try(event.detail)}></pl-pin-pad>
      <div><button class="link" id="forgot" @click=${() => (this.asking = 'password')}>${t('lock.forgot')}</button>
        <button class="link" id="cancel" @click=${this.cancel}>${t('lock.cancel')}</button></div>${this.emergency()}</div>`;
  }

  /** Always there, on a device that calls. */
  private emergency(place = '') {
    const { handset } = this.phone;
    if (!canCall(handset.telephony.value)) return nothing;
    return html`<button class="link ${place}" ?inert=${place !== '' && this.asking !== undefined} @click=${() => handset.emergency.set(true)}>${t('calls.emergency')}</button>`;
  }

  private ask(): void {
    this.asking = 'pin';
    this.said = '';
    void this.motion.to({ y: 0 });
  }

  private cancel = (): void => {
    this.asking = undefined;
    this.goal = undefined;
  };

  private async try(pin: string): Promise<void> {
    this.busy = true;
    const right = await this.phone.pin.check(pin);
    this.busy = false;
    this.pad?.clear();
    if (right) return this.opened();
    const left = FREE - this.phone.pin.value.wrong;
    this.said = left > 0 ? t('lock.wrong', { count: left }) : t('lock.wrong-last');
  }

  private proven = (): void => {
    this.phone.pin.forgive();
    this.phone.lost.unlock();
    this.opened();
  };

  private opened(): void {
    this.phone.act({ type: 'unlock' });
    this.goal?.();
  }

  private padKey = (event: KeyboardEvent): void => {
    if (!this.asking) return;
    if (event.key === 'Escape' && !this.phone.pin.needsPassword) this.cancel();
    else if (this.asking !== 'pin' || !this.pad?.press(event.key)) return;
    event.preventDefault();
  };

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

  private clear(of: readonly Notice[]): void {
    for (const one of of) this.phone.dismiss(one);
  }

  /** One leads to what it is about, several to their app. */
  private open(of: readonly Notice[]): void {
    const [first, ...more] = of;
    if (first)
      this.enter(() => (more.length > 0 ? this.phone.open(first.app) : void this.phone.pressNotice(first)));
  }

  private act(notice: Notice, action: number): void {
    const press = () => void this.phone.pressNotice(notice, action);
    if (this.asks) this.enter(press);
    else press();
  }

  private get asks(): boolean {
    return this.phone.pin.value.set || this.phone.lost.locked.value;
  }

  /** Opens the phone, for something that is to be done then. */
  private enter(goal: () => void): void {
    this.goal = goal;
    if (this.asks) this.ask();
    else this.opened();
  }

  private async unlock(speed: number): Promise<void> {
    if (this.asks) return this.ask();
    await this.motion.to({ y: -this.clientHeight - 20 }, { y: Math.min(0, speed) });
    this.phone.act({ type: 'unlock' });
  }
}
customElements.define('pl-lock', PlLock);
