/** Where a message is written: kept as a draft while it is, sent through a card or to an account of this cloud. */

import { problemWords, t, Words } from '@pileus/kit';
import { BridgeError, type Phone, type Sim } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { cardsOf } from './person.ts';

const DRAFT_MS = 600;

export class MessageCompose extends LitElement {
  static override styles = css`
    :host { display: block; flex: none; padding: 8px 12px 12px; background: var(--pl-surface); }
    form { display: flex; gap: 8px; align-items: flex-end; }
    textarea { flex: 1; min-width: 0; min-height: 48px; max-height: 144px; padding: 12px 16px; box-sizing: border-box; border: 0; resize: none;
      border-radius: 24px; background: var(--pl-card); color: var(--pl-ink); font: 400 16px/1.45 var(--pl-font); field-sizing: content; }
    textarea:focus-visible, select:focus-visible, button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 1px; }
    select { height: 48px; max-width: 120px; padding: 0 8px; border: 0; border-radius: var(--pl-radius); background: var(--pl-sunken); color: var(--pl-ink);
      font: 500 14px var(--pl-font); }
    button { all: unset; width: 48px; height: 48px; flex: none; display: grid; place-items: center; border-radius: 50%; cursor: pointer;
      background: var(--pl-accent-strong); color: var(--pl-on-accent); }
    button[disabled] { background: var(--pl-sunken); color: var(--pl-ink-soft); cursor: default; }
    button:active { transform: scale(0.95); }
    textarea::placeholder { color: var(--pl-ink-soft); opacity: 1; }
    p { margin: 0 8px 8px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); } .bad { color: var(--pl-red); }
  `;
  @property({ attribute: false }) phone!: Phone;
  @property() thread = '';
  @property({ attribute: false }) people: string[] = [];
  @property() contact = '';
  @state() private body = '';
  @state() private sims: Sim[] | undefined;
  @state() private sim = '';
  @state() private failed = '';
  @state() private busy = false;
  @query('textarea') private area!: HTMLTextAreaElement;
  private timer = 0;
  private changed = false;
  /** Of the message that is being written: a try whose answer was lost is the same message. */
  private wish = crypto.randomUUID();

  constructor() {
    super();
    new Words(this);
  }

  override async firstUpdated(): Promise<void> {
    const draft = await this.phone.messages.draft(this.thread);
    if (!this.changed) this.body = draft;
    try {
      this.sims = cardsOf(await this.phone.messages.sims());
    } catch {
      this.sims = undefined; // not known without the cloud: any card then
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    void this.keep();
  }

  override render() {
    const account = this.people.every((one) => one.startsWith('@'));
    const none = !account && this.sims?.length === 0;
    return html`
      ${this.failed ? html`<p class="bad" role="alert">${this.failed}</p>` : nothing}
      ${none && this.body ? html`<p role="status">${t('messages.no-card')}</p>` : nothing}
      <form @submit=${this.send}>
        ${
          !account && this.sims && this.sims.length > 1
            ? html`<select aria-label=${t('messages.card')} .value=${this.sim} @change=${(event: Event) => {
                this.sim = (event.target as HTMLSelectElement).value;
              }}><option value="">${t('messages.any-card')}</option>${this.sims.map(
                (one) => html`<option value=${one.id}>${one.label || one.number || one.id}</option>`,
              )}</select>`
            : nothing
        }
        <textarea rows="1" placeholder=${t('messages.write')} aria-label=${t('messages.write')} .value=${this.body} @input=${this.input}></textarea>
        <button type="submit" aria-label=${t('messages.send')} ?disabled=${this.busy || !this.body.trim()}><pl-icon name="send"></pl-icon></button>
      </form>`;
  }

  private input = (): void => {
    this.body = this.area.value;
    this.changed = true;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.keep(), DRAFT_MS);
  };

  /** Keeps what is written as the conversation's draft. */
  async keep(): Promise<void> {
    if (!this.changed) return;
    this.changed = false;
    await this.phone.messages.keepDraft(this.thread, this.people, this.body.trim() ? this.body : '');
  }

  private send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.busy || !this.body.trim()) return;
    this.busy = true;
    this.failed = '';
    const { people, body, sim, contact } = this;
    try {
      await this.phone.messages.send({ id: this.wish, people, body, sim, contact });
      this.wish = crypto.randomUUID();
      this.body = '';
      this.changed = true;
      await this.keep();
      this.dispatchEvent(new CustomEvent('sent'));
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      this.failed =
        error.code === 'offline'
          ? t('messages.send-offline')
          : t('messages.send-failed', { why: problemWords(error.code, error.message) });
    } finally {
      this.busy = false;
      await this.updateComplete;
      this.area.focus();
    }
  };
}
customElements.define('message-compose', MessageCompose);
