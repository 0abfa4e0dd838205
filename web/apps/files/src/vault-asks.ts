/** Devices that ask to be let into the vault: each shows a code, which its owner types here. */

import { t, Words } from '@pileus/kit';
import type { Phone, VaultState } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { fieldValue, styles } from './styles.ts';
import { why } from './words.ts';

/** Fires `change` when one was answered. */
export class VaultAsks extends LitElement {
  static override styles = [
    styles,
    css`
      :host { display: flex; height: auto; background: none; gap: 12px; }
      .card { width: 100%; max-width: 640px; align-self: flex-start; }
      :host([hidden]) { display: none; }
    `,
  ];
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) asks: VaultState['asks'] = [];
  @state() private typed = '';
  @state() private busy = false;
  @state() private failed = '';
  private asked: string | undefined;

  constructor() {
    super();
    new Words(this);
  }

  override willUpdate(): void {
    this.hidden = this.asks.length === 0;
    const asked = this.asks[0]?.device;
    if (asked === this.asked) return;
    this.asked = asked; // what was typed was another one's code
    this.typed = '';
    this.failed = '';
  }

  override render() {
    const ask = this.asks[0];
    if (!ask) return nothing;
    const { device, name } = ask;
    const admit = () => void this.answer(() => this.phone.vault.admit(device, this.typed));
    return html`<div class="card"><div class="ask"><p role="status">${t('files.vault-asks', { name })}</p>
      <pl-field label=${t('files.vault-asks-code')} .value=${this.typed} .error=${this.failed || undefined}
        @input=${(event: Event) => (this.typed = fieldValue(event))} @enter=${admit}></pl-field>
      <div class="acts"><pl-button @click=${() => void this.answer(() => this.phone.vault.deny(device))}>${t('files.vault-deny')}</pl-button>
      <pl-button kind="primary" ?busy=${this.busy} ?disabled=${!this.typed.trim()} @click=${admit}>${t('files.vault-admit')}</pl-button></div></div></div>`;
  }

  private async answer(act: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.failed = '';
    try {
      await act();
      this.typed = '';
      this.dispatchEvent(new Event('change'));
    } catch (error) {
      this.failed = why(error);
    } finally {
      this.busy = false;
    }
  }
}
customElements.define('vault-asks', VaultAsks);
