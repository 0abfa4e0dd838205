import { css, html, LitElement } from 'lit';
import { property, state } from 'lit/decorators.js';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/icon.ts';
import type { PreferenceStore } from '../settings/preferences.ts';
import { type Store, Watch } from '../store.ts';

const SIZES = { phone: { width: 390, height: 844 }, tablet: { width: 1180, height: 820 } };
const MARGIN = 22;
/** What the choice of the shape takes at the right, with air on both sides; the same at the left. */
const SWITCH = 108;

/** On a wide screen with a mouse the phone has a body; on a real phone or tablet it is the whole screen. */
export class PlFrame extends LitElement {
  static override styles = css`
    :host { position: fixed; inset: 0; display: grid; place-items: center; overflow: hidden; }
    .desk { background: radial-gradient(120% 90% at 20% 0%, #e9f1fb, #cfddf0 55%, #b9cbe4); position: absolute; inset: 0; }
    :host([dark]) .desk { background: radial-gradient(120% 90% at 20% 0%, #1c2636, #10161f 55%, #090c12); }
    .glass { position: relative; overflow: hidden; background: #0c1016; }
    :host(:not([framed])) .glass { width: 100%; height: 100%; }
    :host([framed]) .glass { border-radius: 48px; }
    .body { position: relative; padding: 11px; border-radius: 59px; background: linear-gradient(145deg, #3b4250, #171b22 30%, #0f1217 70%, #2b313c);
      box-shadow: 0 0 0 1.5px #585f6d, 0 40px 90px -20px #0a162d73, 0 12px 30px #0a162d33; }
    .tablet.body { border-radius: 47px; padding: 14px; }
    .tablet .glass { border-radius: 34px !important; }
    .key { position: absolute; right: -4px; width: 4px; border-radius: 0 3px 3px 0; background: linear-gradient(90deg, #2b303a, #555c69); }
    .power { top: 190px; height: 84px; }
    .choice { position: absolute; right: 24px; top: 50%; transform: translateY(-50%); display: grid; gap: 6px; padding: 6px; border-radius: 20px; background: #ffffff8c; color: #10151c; }
    :host([dark]) .choice { background: #ffffff14; color: #e8edf4; }
    .choice button { all: unset; width: 48px; height: 48px; border-radius: 14px; display: grid; place-items: center; cursor: pointer; }
    .choice button[aria-pressed='true'] { background: #fff; box-shadow: 0 2px 8px #0a162d1f; }
    :host([dark]) .choice button[aria-pressed='true'] { background: #ffffff24; box-shadow: none; }
    .choice .lying { transform: rotate(90deg); }
    .choice button:focus-visible { outline: 2px solid var(--pl-accent); }
  `;
  @property({ attribute: false }) preferences!: PreferenceStore;
  @property({ attribute: false }) form!: Store<'phone' | 'tablet'>;
  @property({ type: Boolean, reflect: true }) dark = false;
  @property({ type: Boolean, reflect: true }) framed = false;
  @state() private width = innerWidth;
  @state() private height = innerHeight;

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    new Watch(this, [this.preferences]);
    window.addEventListener('resize', this.measure);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('resize', this.measure);
  }

  override willUpdate(): void {
    const installed = matchMedia('(display-mode: standalone), (display-mode: fullscreen)').matches;
    const fine = matchMedia('(pointer: fine)').matches;
    this.framed = fine && !installed && this.width >= 700 && this.height >= 560;
    const wide = this.width >= 840 && this.height >= 560;
    this.form.set(this.framed ? this.preferences.value.form : wide ? 'tablet' : 'phone');
  }

  override render() {
    if (!this.framed) return html`<div class="glass"><slot></slot></div>`;
    const form = this.preferences.value.form;
    const room = 2 * SWITCH + (form === 'tablet' ? 28 : 22);
    const width = Math.min(SIZES[form].width, this.width - room);
    const height = Math.min(SIZES[form].height, this.height - 2 * MARGIN - 22);
    return html`<div class="desk"></div>
      <div class="body ${form}"><i class="key power"></i><div class="glass" .style=${`width:${width}px;height:${height}px`}><slot></slot></div></div>
      <div class="choice" role="group" aria-label=${t('frame.choice')}>${this.choice('phone')}${this.choice('tablet')}</div>`;
  }

  private choice(form: 'phone' | 'tablet') {
    const label = form === 'phone' ? t('frame.phone') : t('frame.tablet');
    return html`<button aria-label=${label} title=${label} aria-pressed=${this.preferences.value.form === form}
      @click=${() => this.preferences.change({ form })}><pl-icon class=${form === 'tablet' ? 'lying' : ''} name=${form === 'phone' ? 'smartphone' : 'tablet'}></pl-icon></button>`;
  }

  private measure = (): void => {
    this.width = innerWidth;
    this.height = innerHeight;
  };
}
customElements.define('pl-frame', PlFrame);
