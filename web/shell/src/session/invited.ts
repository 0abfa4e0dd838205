import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import { words } from './problem.ts';
import { invitationSecret, invitedBy } from './session.ts';

/** An invitation, and who invites by it; `by` is empty where that is whoever runs the cloud. */
export interface Taken {
  readonly secret: string;
  readonly by: string;
}

/**
 * Where an invitation's link is pasted: for a window without an address bar, or a link that came to another device.
 * Fires `taken` with a `Taken` once the cloud knows it.
 */
export class PlInvited extends LitElement {
  static override styles = css`
    :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
    .problem { margin: 0; padding: 12px 14px; border-radius: 12px; background: color-mix(in srgb, var(--pl-red) 12%, transparent);
      color: var(--pl-red); font: 500 14px/1.4 var(--pl-font); }
  `;
  @property() baseUrl = '';
  @state() private link = '';
  @state() private busy = false;
  @state() private problem = '';

  constructor() {
    super();
    new Words(this);
  }

  override render() {
    return html`<pl-field label=${t('welcome.link')} .value=${this.link} autocomplete="off"
        @input=${(event: Event) => (this.link = (event.currentTarget as PlField).value)} @enter=${this.take}></pl-field>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <pl-button kind="primary" ?busy=${this.busy} @click=${this.take}>${t('welcome.take')}</pl-button>`;
  }

  private readonly take = async (): Promise<void> => {
    if (this.busy) return;
    const secret = invitationSecret(this.link);
    this.problem = secret ? '' : t('welcome.link-missing');
    if (!secret) return;
    this.busy = true;
    try {
      const by = await invitedBy(this.baseUrl, secret);
      this.dispatchEvent(new CustomEvent<Taken>('taken', { detail: { secret, by } }));
    } catch (error) {
      this.problem = words(error);
    } finally {
      this.busy = false;
    }
  };
}
customElements.define('pl-invited', PlInvited);
