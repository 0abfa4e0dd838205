/** Over a conversation: with whom it is, a call, what can be done with it, and what is chosen of it. What is meant for
 * the app goes by as `leave`, `unread`, `archive`, `block` and `bin`; fires `choose` with what is chosen then. */

import { type GlyphName, type MenuItem, type PlMenu, problemWords, t, Words } from '@pileus/kit';
import { mayBlock } from '@pileus/kit/calls/blocks.ts';
import { BridgeError, type Phone, type Telephony, type Thread } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { waysToCall } from './person.ts';

export class MessageHead extends LitElement {
  static override styles = css`
    :host { display: block; flex: none; }
    header { display: flex; align-items: center; gap: 8px; min-height: 60px; padding: 0 12px; }
    header div { flex: 1; min-width: 0; padding: 0 8px; }
    b, small { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    b { font: 600 16px/1.3 var(--pl-font); } small { font: 400 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    .icon { all: unset; flex: none; width: 44px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); cursor: pointer; }
    .icon:active { background: var(--pl-pressed); } .icon:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
    .icon[disabled] { opacity: 0.4; cursor: default; }
    .call { color: var(--pl-link); position: relative; margin-right: -8px; } .call pl-icon { width: 22px; height: 22px; }
    .call small { position: absolute; right: 3px; bottom: 5px; font: 600 11px/1 var(--pl-font); color: inherit; }
    .chosen { flex: 1; padding: 0 8px; font: 600 16px/1.3 var(--pl-font); }
    p { margin: 0 16px 8px; padding: 12px 16px; border-radius: var(--pl-radius-card); background: var(--pl-card); color: var(--pl-red); font: 400 14px/1.45 var(--pl-font); }
    @media (min-width: 720px) { .leave { display: none; } }
  `;
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) thread!: Thread;
  /** With whom it is, and what stands under that. */
  @property() name = '';
  @property() under = '';
  @property({ type: Boolean }) blocked = false;
  /** It has messages; some that came. */
  @property({ type: Boolean }) full = false;
  @property({ type: Boolean }) came = false;
  @property({ attribute: false }) chosen: ReadonlySet<string> | undefined;
  @state() private telephony: Telephony | undefined;
  @state() private problem = '';
  @query('pl-menu') private menu!: PlMenu | null;
  private off: (() => void) | undefined;

  constructor() {
    super();
    new Words(this);
  }

  /** False where no menu was open. */
  shut(): boolean {
    return this.menu?.shut() ?? false;
  }

  override firstUpdated(): void {
    this.off = this.phone.telephony.onState((telephony) => (this.telephony = telephony));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.off?.();
  }

  override render() {
    return html`${this.chosen ? this.choosing(this.chosen) : this.titled()}${this.problem ? html`<p role="alert">${this.problem}</p>` : nothing}`;
  }

  private titled() {
    return html`<header>
        <button class="icon leave" aria-label=${t('messages.back')} @click=${() => this.tell('leave')}><pl-icon name="chevron-left"></pl-icon></button>
        <div><b>${this.name}</b>${this.under ? html`<small>${this.under}</small>` : nothing}</div>
        ${this.blocked ? nothing : waysToCall(this.thread, this.telephony).map(({ card, label, shown }) => this.call(card, label, shown))}
        <pl-menu .label=${t('messages.actions')} .items=${this.more()}></pl-menu>
      </header>`;
  }

  private call(card: string, label: string, shown: string) {
    const who = this.name;
    const words = label ? t('messages.call-with', { who, card: label }) : t('messages.call', { who });
    return html`<button class="icon call" aria-label=${words} title=${words} @click=${() => void this.dial(card)}><pl-icon name="phone"></pl-icon>${shown ? html`<small>${shown}</small>` : nothing}</button>`;
  }

  private async dial(card: string): Promise<void> {
    this.problem = '';
    try {
      await this.phone.telephony.dial(this.thread.address, card);
    } catch (error) {
      this.problem =
        error instanceof BridgeError ? problemWords(error.code, error.message) : t('problem.unknown');
    }
  }

  private more(): MenuItem[] {
    const item = (glyph: GlyphName, key: string, act: () => void, bad = false): MenuItem => {
      return { label: t(key), glyph, act, bad };
    };
    const { archived, people, address } = this.thread;
    return [
      ...(this.full ? [item('list-checks', 'messages.select', () => this.choose(new Set()))] : []),
      ...(this.came ? [item('mail', 'messages.mark-unread', () => this.tell('unread'))] : []),
      ...(this.full
        ? [
            archived
              ? item('archive-restore', 'messages.unarchive', () => this.tell('archive', false))
              : item('archive', 'messages.archive', () => this.tell('archive', true)),
          ]
        : []),
      ...(people.length < 2 && mayBlock(address)
        ? [
            item('ban', this.blocked ? 'blocks.unblock' : 'blocks.block', () =>
              this.tell('block', !this.blocked),
            ),
          ]
        : []),
      item('trash', 'messages.delete-conversation', () => this.tell('bin', []), true),
    ];
  }

  private choosing(chosen: ReadonlySet<string>) {
    return html`<header>
        <button class="icon" aria-label=${t('messages.end-select')} @click=${() => this.choose(undefined)}><pl-icon name="x"></pl-icon></button>
        <span class="chosen" role="status">${t('messages.selected', { count: chosen.size })}</span>
        <button class="icon" aria-label=${t('messages.delete')} title=${t('messages.delete')} ?disabled=${chosen.size === 0} @click=${() => chosen.size > 0 && this.tell('bin', [...chosen])}><pl-icon name="trash"></pl-icon></button>
      </header>`;
  }

  private choose(chosen: ReadonlySet<string> | undefined): void {
    this.dispatchEvent(new CustomEvent('choose', { detail: chosen }));
  }

  /** Through the conversation, which has no part in it. */
  private tell(what: string, detail?: string[] | boolean): void {
    this.dispatchEvent(new CustomEvent(what, { detail, bubbles: true, composed: true }));
  }
}
customElements.define('message-head', MessageHead);
