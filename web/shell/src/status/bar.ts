import { css, html, LitElement, nothing } from 'lit';
import { property } from 'lit/decorators.js';
import { clockText, localeTag, t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/icon.ts';
import type { Phone } from '../phone/model.ts';
import { Watch } from '../store.ts';
import { Minutes } from './minutes.ts';

/** The line on top: clock, what is not yet safe, connection. */
export class PlStatusBar extends LitElement {
  static override styles = css`
    :host { display: flex; align-items: center; justify-content: space-between; height: 44px; padding: 0 26px;
      box-sizing: border-box; color: inherit; font: 600 15px/1 var(--pl-font); font-variant-numeric: tabular-nums; }
    div { display: flex; gap: 8px; align-items: center; }
    pl-icon { width: 18px; height: 18px; }
    .unsafe { display: flex; gap: 4px; align-items: center; font-size: 13px; }
  `;
  @property({ attribute: false }) phone!: Phone;
  @property({ type: Boolean }) clock = true;

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
    new Minutes(this);
    new Watch(this, [this.phone.status]);
  }

  override render() {
    const { unsafe, online, problem } = this.phone.status.value;
    return html`<time aria-label=${t('status.clock')}>${this.clock ? clockText(new Date(), localeTag()) : nothing}</time>
      <div role="status">
        ${
          unsafe > 0
            ? html`<span class="unsafe" aria-label=${t('home.unsafe', { count: unsafe })}>
              <pl-icon name="cloud-upload"></pl-icon>${unsafe}</span>`
            : nothing
        }
        <pl-icon name=${online ? 'wifi' : problem ? 'cloud-off' : 'cloud'} role="img"
          aria-label=${online ? t('status.online') : t('status.offline')}></pl-icon>
      </div>`;
  }
}
customElements.define('pl-status-bar', PlStatusBar);
