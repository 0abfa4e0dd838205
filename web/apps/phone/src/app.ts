/** Phone: the calls that there were, and on a handset the dial pad. Calls themselves are shown by the phone. */

import '@pileus/kit';
import { AddressBook, type MenuItem, type PlMenu, problemWords, t, Words } from '@pileus/kit';
import { blockedWords, blocksTitle } from '@pileus/kit/calls/block-list.ts';
import { BlockList, mayBlock, setBlocked, watchBlocks } from '@pileus/kit/calls/blocks.ts';
import type { Call } from '@pileus/kit/calls/call.ts';
import { stillChosen } from '@pileus/kit/calls/choosing.ts';
import { watchCalls } from '@pileus/kit/calls/list.ts';
import { watchBook } from '@pileus/kit/people/book.ts';
import { BridgeError, type Fields, type Phone, type Telephony } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import './account.ts';
import './code.ts';
import {
  accountTyped,
  addressesOf,
  cardOf,
  isCode,
  lastDialled,
  newlySeen,
  pasted,
  typed,
} from './dialling.ts';
import './pad.ts';
import type { PhonePad, Wish } from './pad.ts';
import { styles } from './styles.ts';

const CALLS = 'messages.call';
const VIEWS = ['calls', 'pad'] as const;
type View = (typeof VIEWS)[number];
/** What was done, and how it is taken back. */
interface Done {
  said: string;
  back: () => Promise<unknown>;
}

export class PhoneApp extends LitElement {
  static override styles = styles;
  @property({ attribute: false }) phone!: Phone;
  @state() private view: View = 'calls';
  @state() private calls: Call[] | undefined;
  @state() private book = new AddressBook([]);
  @state() private telephony: Telephony | undefined;
  @state() private number = '';
  /** Another one has it in the line; what is typed there stays there. */
  @state() private account = '';
  @state() private problem = '';
  /** What is said with the network by codes, while it is. */
  @state() private code: { said: string; asks: boolean; busy: boolean; card: string } | undefined;
  @state() private blocks = new BlockList();
  /** Whom the owner blocked is looked at. */
  @state() private blocking = false;
  /** Calls that are chosen, while some are to be. */
  @state() private chosen: ReadonlySet<string> | undefined;
  @state() private asked: ReadonlySet<string> | undefined;
  @state() private done: Done | undefined;
  @query('pl-menu') private menu!: PlMenu | null;
  private front = false;
  private readonly told = new Set<string>();

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    this.phone.onIntent((intent) => this.wish(intent));
    this.wish(this.phone.intent);
    this.phone.telephony.onState((telephony) => (this.telephony = telephony));
    this.phone.onFront((front) => {
      this.front = front;
      this.look();
    });
    watchCalls(this.phone.records, (calls) => {
      this.calls = calls;
      this.chosen = stillChosen(calls, this.chosen);
      this.look();
    });
    watchBlocks(this.phone.records, (blocks) => (this.blocks = blocks));
    watchBook(this.phone.records, (book) => (this.book = book));
    this.phone.onBack(() => this.back());
    window.addEventListener('keydown', this.key);
    window.addEventListener('paste', this.paste);
  }

  override render() {
    const calls = this.telephony?.present === true;
    return html`<div class="panes ${calls ? `both ${this.view}` : ''}">
      ${this.chosen ? this.choosing(this.chosen) : this.titled()}
      ${
        calls && !this.blocking
          ? html`<pl-segments .label=${t('phone.view')} .value=${this.view} .options=${VIEWS.map((value) => ({ value, label: value === 'pad' ? t('phone.pad') : t('phone.calls') }))}
          @change=${(event: CustomEvent<View>) => this.turnTo(event.detail)}></pl-segments>`
          : nothing
      }
      ${this.note()}
      <main>${this.blocking ? this.blocked() : html`<phone-account .wish=${this.account} @dial=${(event: CustomEvent<Wish>) => void this.dial(event.detail)}></phone-account>${this.log()}`}</main>
      ${
        calls
          ? html`<aside><phone-pad .contacts=${this.book.contacts} .cards=${this.telephony!.cards} .number=${this.number} .last=${lastDialled(this.calls ?? [])}
          @typed=${(event: CustomEvent<string>) => this.type(event.detail)} @dial=${(event: CustomEvent<Wish>) => void this.dial(event.detail)}></phone-pad></aside>`
          : nothing
      }</div>
      ${
        this.code
          ? html`<phone-code .said=${this.code.said} .asks=${this.code.asks} .busy=${this.code.busy}
          @answer=${(event: CustomEvent<string>) => void this.ask(event.detail, this.code!.card)} @done=${this.endCode}></phone-code>`
          : nothing
      }
      ${this.asked ? this.sure(this.asked) : nothing}
      ${this.done ? html`<pl-undo ?low=${!calls || this.view === 'calls'} .said=${this.done.said} .of=${this.done} @undo=${this.undo} @over=${() => (this.done = undefined)}></pl-undo>` : nothing}`;
  }

  private titled() {
    const icon = (glyph: string, label: string, act: () => void) =>
      html`<button class="icon" aria-label=${label} title=${label} @click=${act}><pl-icon name=${glyph}></pl-icon></button>`;
    if (this.blocking)
      return html`<header>${icon('chevron-left', t('action.back'), () => (this.blocking = false))}<h1>${blocksTitle()}</h1></header>`;
    return html`<header><h1>${t('phone.title')}</h1>
      ${this.calls?.length ? icon('list-checks', t('calls.select'), this.beginChoosing) : nothing}
      <pl-menu .label=${t('phone.more')} .items=${this.more()}></pl-menu></header>`;
  }

  private more(): MenuItem[] {
    return [{ label: t('phone.blocked'), glyph: 'ban', act: () => this.lookAtBlocked() }];
  }

  private lookAtBlocked(): void {
    this.turnTo('calls');
    this.blocking = true;
  }

  private choosing(chosen: ReadonlySet<string>) {
    const addresses = addressesOf(this.calls ?? [], chosen).filter(mayBlock);
    const all = addresses.length > 0 && addresses.every((one) => this.blocks.has(one));
    const icon = (glyph: string, label: string, off: boolean, act: () => void) =>
      html`<button class="icon" aria-label=${label} title=${label} ?disabled=${off} @click=${() => !off && act()}><pl-icon name=${glyph}></pl-icon></button>`;
    return html`<header class="choosing">${icon('x', t('phone.end-select'), false, this.endChoosing)}
      <span role="status">${t('phone.selected', { count: chosen.size })}</span>
      ${addresses.length === 1 ? icon('message-circle', t('calls.message'), false, () => void this.phone.writeTo(addresses[0]!)) : nothing}
      ${icon('ban', t(all ? 'blocks.unblock' : 'blocks.block'), addresses.length === 0, () => void this.block(addresses, !all))}
      ${icon('trash', t('action.delete'), chosen.size === 0, () => (this.asked = chosen))}</header>`;
  }

  private readonly beginChoosing = (): void => {
    this.turnTo('calls');
    this.chosen = new Set();
  };

  private readonly endChoosing = (): void => {
    this.chosen = undefined;
  };

  private blocked() {
    return html`<pl-block-list .book=${this.book} .list=${this.blocks} @block=${(event: CustomEvent<string>) => void this.block([event.detail], true)}
      @unblock=${(event: CustomEvent<string>) => void this.block([event.detail], false)}></pl-block-list>`;
  }

  /** What is blocked already, or is not, stays as it is when this is taken back. */
  private async block(addresses: readonly string[], on: boolean): Promise<void> {
    const meant = addresses.filter((one) => this.blocks.has(one) !== on);
    this.chosen = undefined;
    if (meant.length === 0) return;
    this.problem = '';
    const who = meant.map((one) => this.book.of(one)?.name ?? one).join(', ');
    try {
      const back = await setBlocked(this.phone.records, this.blocks, meant, on);
      this.done = { said: blockedWords(on, who), back };
    } catch (error) {
      this.problem = wordsOf(error);
    }
  }

  private sure(chosen: ReadonlySet<string>) {
    const count = chosen.size;
    return html`<pl-sure .question=${t('phone.delete-sure', { count })} .explained=${t('phone.delete-hint', { count })}
      @answer=${(event: CustomEvent<boolean>) => void this.answered([...chosen], event.detail)}></pl-sure>`;
  }

  private async answered(calls: string[], sure: boolean): Promise<void> {
    this.asked = undefined;
    if (!sure) return;
    this.chosen = undefined;
    const gone: { [id: string]: Fields } = await this.phone.calls.delete(calls);
    this.done = {
      said: t('phone.deleted', { count: calls.length }),
      back: () => this.phone.calls.restore(gone),
    };
  }

  private readonly undo = async (): Promise<void> => {
    const { done } = this;
    if (!done) return;
    this.problem = '';
    try {
      await done.back();
      if (this.done === done) this.done = undefined;
    } catch (error) {
      this.problem = wordsOf(error); // it is still offered
    }
  };

  private note() {
    if (this.problem) return html`<p class="note bad" role="alert">${this.problem}</p>`;
    if (this.telephony?.present === false)
      return html`<p class="note"><pl-icon name="smartphone"></pl-icon><span>${t('phone.no-handset')}</span></p>`;
    if (this.telephony?.airplane)
      return html`<p class="note"><pl-icon name="plane"></pl-icon><span>${t('phone.airplane')}</span></p>`;
    return nothing;
  }

  private log() {
    if (!this.calls) return nothing;
    const again = ({ detail }: CustomEvent<Call>) =>
      void this.dial({ number: detail.address, card: cardOf(detail, this.telephony?.cards ?? []) });
    return html`<pl-call-list .book=${this.book} .calls=${this.calls} .chosen=${this.chosen}
      @chosen=${(event: CustomEvent<ReadonlySet<string> | undefined>) => (this.chosen = event.detail)} @choose=${again}></pl-call-list>`;
  }

  private turnTo(view: View): void {
    this.view = view;
    this.blocking = false;
    this.chosen = undefined;
    this.problem = '';
    this.look();
  }

  private type(number: string): void {
    this.number = number;
    this.problem = '';
  }

  private async dial({ number, card }: Wish): Promise<void> {
    this.problem = '';
    if (!this.telephony?.present && !number.startsWith('@')) {
      this.problem = t('phone.no-handset');
      return;
    }
    if (isCode(number)) return this.ask(number, card);
    try {
      await this.phone.telephony.dial(number, card);
      this.number = '';
    } catch (error) {
      this.problem = wordsOf(error);
    }
  }

  private async ask(code: string, card: string): Promise<void> {
    this.code = { said: '', asks: false, busy: true, card };
    const answer = await this.phone.telephony.ussd(code, card).catch((error: unknown) => {
      return { text: wordsOf(error), asks: false };
    });
    if (!this.code) return; // it was closed meanwhile
    this.code = { said: answer.text, asks: answer.asks, busy: false, card };
    this.number = '';
  }

  private readonly endCode = (): void => {
    const open = this.code?.asks || this.code?.busy;
    this.code = undefined;
    if (open) void this.phone.telephony.cancelUssd().catch(() => undefined);
  };

  private wish({ view, number }: Phone['intent']): void {
    if (view === 'calls' || view === 'pad') this.turnTo(view);
    if (typeof number !== 'string') return;
    if (number.startsWith('@')) this.account = accountTyped(number);
    else this.number = pasted(number);
  }

  private back(): boolean {
    if (this.menu?.shut()) return true;
    if (this.code) this.endCode();
    else if (this.asked) this.asked = undefined;
    else if (this.chosen) this.chosen = undefined;
    else if (this.blocking) this.blocking = false;
    else if (this.view === 'pad' && this.number) this.type('');
    else if (this.view === 'pad' && !wide()) this.turnTo('calls');
    else return false;
    return true;
  }

  /** Missed calls are no news once the list was looked at; on a tablet it is always there. */
  private look(): void {
    const looking = this.front && (this.view === 'calls' || wide());
    for (const id of newlySeen(this.calls ?? [], looking, this.told))
      void this.phone.records.put(CALLS, id, { seen: true });
  }

  private readonly key = (event: KeyboardEvent): void => {
    const pad = this.renderRoot.querySelector<PhonePad>('phone-pad');
    const typing = event.composedPath()[0] instanceof HTMLInputElement;
    if (!pad || typing || this.code || this.asked || event.ctrlKey || event.metaKey || event.altKey) return;
    const onPad = event.composedPath().includes(pad) || event.target === document.body;
    if (event.key === 'Backspace') this.type(this.number.slice(0, -1));
    else if (event.key === 'Enter' && event.target === document.body && onPad) pad.go('');
    else if (/^[0-9*#+]$/.test(event.key)) {
      if (this.view !== 'pad') this.turnTo('pad');
      this.type(typed(this.number, event.key));
    } else return;
    event.preventDefault();
  };

  private readonly paste = (event: ClipboardEvent): void => {
    const number =
      this.telephony?.present && !this.code ? pasted(event.clipboardData?.getData('text') ?? '') : '';
    if (!number) return;
    this.turnTo('pad');
    this.type(number);
  };
}
customElements.define('phone-app', PhoneApp);

function wide(): boolean {
  return matchMedia('(min-width: 720px)').matches;
}

function wordsOf(error: unknown): string {
  return error instanceof BridgeError ? problemWords(error.code, error.message) : t('problem.unknown');
}
