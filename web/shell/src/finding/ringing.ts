import { css, html, LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/icon.ts';

const TONES = [880, 1320];
const TONE_MS = 400;

/** Over everything: this device is looked for. Loud until `stop`, which it fires. */
export class PlRinging extends LitElement {
  static override styles = css`
    :host { position: absolute; inset: 0; z-index: 900; display: grid; place-content: center; justify-items: center; gap: 24px; padding: 24px;
      text-align: center; color: #fdfeff; background: #a3123a; font: 400 18px/1.4 var(--pl-font); }
    h1 { margin: 0; font: 600 28px/1.2 var(--pl-font); }
    p { margin: 0; }
    button { all: unset; min-width: 200px; padding: 18px 32px; border-radius: 32px; background: #fdfeff; color: #7d0d2c; cursor: pointer;
      font: 600 20px/1 var(--pl-font); text-align: center; box-sizing: border-box; }
    button:focus-visible { outline: 3px solid #fdfeff; outline-offset: 4px; }
    pl-icon { width: 56px; height: 56px; }
  `;
  /** The device that has it ring. */
  @property() by = '';
  private sound?: AudioContext;
  private turn?: ReturnType<typeof setInterval>;

  constructor() {
    super();
    new Words(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.ring();
    // A browser may keep a page silent that nobody has touched.
    window.addEventListener('pointerdown', this.wake, true);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('pointerdown', this.wake, true);
    clearInterval(this.turn);
    navigator.vibrate?.(0);
    void this.sound?.close();
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector('button')?.focus();
  }

  override render() {
    return html`<pl-icon name="bell"></pl-icon><h1 role="alert">${t('ringing.title')}</h1>
      <p>${t('ringing.by', { name: this.by })}</p>
      <button id="stop" @click=${() => this.dispatchEvent(new CustomEvent('stop'))}>${t('ringing.stop')}</button>`;
  }

  private wake = (): void => {
    void this.sound?.resume();
  };

  private ring(): void {
    const sound = new AudioContext();
    const tone = new OscillatorNode(sound, { type: 'square', frequency: TONES[0]! });
    tone.connect(new GainNode(sound, { gain: 1 })).connect(sound.destination);
    tone.start();
    this.sound = sound;
    const show = () => this.setAttribute('sound', sound.state);
    sound.addEventListener('statechange', show);
    show();
    let count = 0;
    const next = () => {
      tone.frequency.value = TONES[++count % TONES.length]!;
      navigator.vibrate?.(TONE_MS / 2);
    };
    this.turn = setInterval(next, TONE_MS);
  }
}
customElements.define('pl-ringing', PlRinging);
