/** One conversation: bubbles under day lines, the newest at the bottom. */

import { AddressBook, localeTag, problemWords, rereads, t, time, Words } from '@pileus/kit';
import { BlockList } from '@pileus/kit/calls/blocks.ts';
import { stillChosen } from '@pileus/kit/calls/choosing.ts';
import { Hold } from '@pileus/kit/elements/hold.ts';
import type { BridgeError, Phone, PhoneRecord, Thread } from '@pileus/sdk';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { codeOf } from './codes.ts';
import './compose.ts';
import type { MessageCompose } from './compose.ts';
import './head.ts';
import type { MessageHead } from './head.ts';
import type { Large } from './large.ts';
import { pieces } from './links.ts';
import './large.ts';
import './part.ts';
import type { Part, Pressed } from './part.ts';
import { startsDay, stateKey } from './person.ts';
import { newlyRead } from './seen.ts';
import { shelfOf } from './shelves.ts';
import { threadStyles } from './thread.css.ts';

const PAGE = 100;
const COPIED_MS = 2000;
/** Pixels from the bottom that still count as there. */
const END = 60;

export class MessageThread extends LitElement {
  static override styles = threadStyles;
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) thread!: Thread;
  @property({ attribute: false }) book = new AddressBook([]);
  /** Whom the owner does not want to hear of. */
  @property({ attribute: false }) blocks = new BlockList();
  /** A message to show, from the search. */
  @property() found = '';
  @state() private messages: PhoneRecord[] = [];
  @state() private failed = '';
  /** Messages that are chosen, while some are to be. */
  @state() private chosen: ReadonlySet<string> | undefined;
  /** The picture that is looked at. */
  @state() private large: Large | undefined;
  @query('.scroll') private scroller!: HTMLElement;
  @query('message-head') private head!: MessageHead | null;
  @query('message-compose') private compose!: MessageCompose | null;
  private limit = PAGE;
  /** Whether the newest is looked at: it stays in sight then, whatever gets its height or takes some. */
  private atEnd = true;
  private lastTop = 0;
  private readonly sized = new ResizeObserver(() => this.stay());
  private offs: (() => void)[] = [];
  /** The app is in front; whether its page is looked at, the browser knows. */
  private front = false;
  /** The message whose code was copied just now. */
  @state() private copied = '';
  /** What could not be taken back any more. */
  @state() private late = '';
  private readonly marked = new Set<string>();
  private readonly hold = new Hold((id) => this.choose(id));

  constructor() {
    super();
    new Words(this);
  }

  /** Takes a step back within the conversation; false where there is none. */
  back(): boolean {
    if (this.large) this.large = undefined;
    else if (this.head?.shut()) return true;
    else if (this.chosen) this.chosen = undefined;
    else return false;
    return true;
  }

  override async firstUpdated(): Promise<void> {
    this.offs = [
      this.phone.messages.onChange(() => void this.load()),
      this.phone.onFront((front) => {
        this.front = front;
        this.markRead();
      }),
    ];
    document.addEventListener('visibilitychange', this.markRead);
    await this.load();
    while (this.found && !this.messages.some((one) => one.id === this.found) && (await this.earlier()));
    await this.updateComplete;
    const place = this.renderRoot.querySelector('.found');
    this.atEnd = !place;
    place?.scrollIntoView({ block: 'center' });
    this.stay();
    this.sized.observe(this.scroller);
  }

  override updated(changed: PropertyValues): void {
    const before = changed.get('thread') as Thread | undefined;
    if (before && before.id !== this.thread.id) void this.load();
  }

  /** What comes while somebody looks is read; what came while nobody did, when somebody looks again. */
  private markRead = (): void => {
    const looking = this.isConnected && this.front && document.visibilityState === 'visible';
    for (const id of newlyRead(this.messages, looking, this.marked))
      void this.phone.records.put('messages.message', id, { read: true });
  };

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const off of this.offs) off();
    document.removeEventListener('visibilitychange', this.markRead);
    this.sized.disconnect();
  }

  override render() {
    const { address, people } = this.thread;
    const group = people.length > 1;
    const contact = (group ? undefined : this.book.of(address)?.name) || this.thread.contact;
    const under = group ? t('messages.people', { count: people.length }) : contact ? address : '';
    const came = this.messages.some((one) => one.fields.direction === 'in');
    return html`<message-head .phone=${this.phone} .thread=${this.thread} .name=${contact || address} .under=${under} .blocked=${this.blocked} .full=${this.messages.length > 0} .came=${came}
        .chosen=${this.chosen} @choose=${(event: CustomEvent<ReadonlySet<string> | undefined>) => (this.chosen = event.detail)}></message-head>
      <div class="scroll" tabindex="0" role="region" aria-label=${contact || address} @scroll=${this.scrolled} @shown=${this.stay}>
        ${
          this.messages.length >= this.limit
            ? html`<pl-button @click=${() => void this.earlier()}>${t('messages.earlier')}</pl-button>`
            : nothing
        }
        ${repeat(
          this.messages,
          (message) => message.id,
          (message, index) => this.bubble(message, index),
        )}
      </div>
      ${this.blocked ? html`<div class="blocked" role="status"><p>${t('messages.blocked', { who: contact || address })}</p><pl-button @click=${() => this.dispatchEvent(new CustomEvent('block', { detail: false }))}>${t('blocks.unblock')}</pl-button></div>` : nothing}
      <message-compose ?hidden=${this.chosen !== undefined || this.blocked} .phone=${this.phone} .thread=${this.thread.id} .people=${people} .contact=${group ? '' : contact} @sent=${this.bottom}></message-compose>
      ${this.large ? html`<message-large .picture=${this.large} @close=${() => (this.large = undefined)}></message-large>` : nothing}`;
  }

  private choose(id: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.chosen = chosen;
  }

  private pressed(event: KeyboardEvent, id: string): void {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    this.choose(id);
  }

  private get blocked(): boolean {
    return shelfOf(this.thread, this.blocks) === 'blocked';
  }

  private bubble({ id, fields }: PhoneRecord, index: number) {
    const at = Number(fields.date_ms);
    const before = this.messages[index - 1];
    const next = this.messages[index + 1];
    const out = fields.direction === 'out';
    const last =
      !next || next.fields.direction !== fields.direction || Number(next.fields.date_ms) - at > 300_000;
    const state = out ? String(fields.state ?? '') : '';
    const lost = state === 'failed' || state === 'unsent' || state === 'refused';
    const here = state === 'waiting' || state === 'asked' || state === 'refused';
    const waits = here || state === 'queued' || state === 'sending' || state === 'unknown';
    const asleep = state === 'asked' && fields.asleep === true;
    const said = stateKey(asleep ? 'asleep' : state);
    const parts = Array.isArray(fields.parts) ? (fields.parts as unknown as Part[]) : [];
    const sender = !out && this.thread.people.length > 1 && before?.fields.address !== fields.address;
    const full = String(fields.error ?? '').startsWith('recipient-full');
    const retry = lost && !here && fields.via !== 'cloud';
    const code = out ? undefined : codeOf(String(fields.body ?? ''));
    const date = new Date(at);
    const day = startsDay(before && Number(before.fields.date_ms), at)
      ? html`<div class="day">${date.toLocaleDateString(localeTag(), { dateStyle: 'full' })}</div>`
      : nothing;
    const shown = html`${sender ? html`<div class="from">${this.senderOf(fields)}</div>` : nothing}
      ${parts.map(
        (part, number) =>
          html`<message-part data-id=${id} @contextmenu=${this.hold.menu} @pointerdown=${this.hold.down} @pointermove=${this.hold.move} @pointerup=${this.hold.end} @pointercancel=${this.hold.end}
          @large=${(event: CustomEvent<Pressed>) => this.show(event.detail)} ?out=${out} ?still=${this.chosen !== undefined} .phone=${this.phone} .piece=${part} .message=${id} .number=${number}></message-part>`,
      )}
      ${
        fields.body || fields.subject
          ? html`<div class="bubble ${out ? 'out' : ''} ${id === this.found ? 'found' : ''}" data-id=${id}
              @contextmenu=${this.hold.menu} @pointerdown=${this.hold.down} @pointermove=${this.hold.move} @pointerup=${this.hold.end} @pointercancel=${this.hold.end}>${
                fields.subject ? html`<span class="subject">${fields.subject}</span>` : nothing
              }${this.linked(String(fields.body ?? ''))}</div>`
          : nothing
      }
      ${
        last || lost || waits
          ? html`<div class="at ${out ? 'right' : ''}">${time(date)}
            ${said ? html`<span class=${lost ? 'bad' : ''}>· ${t(full ? 'messages.recipient-full' : said)}</span>` : nothing}</div>`
          : nothing
      }`;
    if (this.chosen)
      return html`${day}<div class="pick" role="checkbox" tabindex="0" aria-checked=${this.chosen.has(id)} data-id=${id} @click=${(event: Event) => !this.hold.spent(event as UIEvent) && this.choose(id)}
        @keydown=${(event: KeyboardEvent) => this.pressed(event, id)} @contextmenu=${this.hold.menu} @pointerdown=${this.hold.down} @pointermove=${this.hold.move}
        @pointerup=${this.hold.end} @pointercancel=${this.hold.end}>
        <span class="tick"><pl-icon name="check"></pl-icon></span><div>${shown}</div></div>`;
    return html`${day}${shown}
      ${code ? html`<button class="take code" @click=${() => void this.copy(id, code)}><pl-icon name=${this.copied === id ? 'check' : 'copy'}></pl-icon>${this.copied === id ? t('messages.copied') : t('messages.copy-code', { code })}</button>` : nothing}
      ${state === 'unknown' ? this.ask(id) : nothing}
      ${id === this.late ? html`<p class="late" role="alert">${t('messages.too-late')}</p>` : nothing}
      ${here && state !== 'asked' ? this.unsent(id, fields, state === 'refused') : nothing}
      ${asleep ? html`<div class="ask"><div>${this.again(id)}</div></div>` : nothing}
      ${
        retry && fields.sent_ms === undefined && fields.error !== undefined
          ? html`<div class="ask"><div><pl-button @click=${() => void this.decide(id, 'again')}>${t('messages.again')}</pl-button></div></div>`
          : nothing
      }`;
  }

  private async copy(id: string, code: string): Promise<void> {
    await navigator.clipboard.writeText(code);
    this.copied = id;
    setTimeout(() => {
      if (this.copied === id) this.copied = '';
    }, COPIED_MS);
  }

  /** The text, with its addresses to press. */
  private linked(text: string) {
    return pieces(text).map((one) =>
      one.href
        ? html`<a href=${one.href} rel="noopener noreferrer" @click=${(event: MouseEvent) => this.openLink(event, one.href!)} @auxclick=${stop}>${one.text}</a>`
        : one.text,
    );
  }

  /** By the phone: this frame must not leave its page, and may open no other. */
  private openLink(event: MouseEvent, url: string): void {
    event.preventDefault();
    if (!this.chosen && !this.hold.spent(event)) void this.phone.openLink(url).catch(() => undefined);
  }

  private show({ press, picture }: Pressed): void {
    if (!this.chosen && !this.hold.spent(press as UIEvent)) this.large = picture;
  }

  private senderOf(fields: PhoneRecord['fields']): string {
    const address = String(fields.address ?? '');
    const brought = fields.via === 'cloud' ? String(fields.contact ?? '') : '';
    return this.book.of(address)?.name || brought || address;
  }

  /** Only the owner can tell whether it went: it may have left when the phone went silent. */
  private ask(id: string) {
    return html`<div class="ask" role="group" aria-label=${t('messages.unsure')}>${t('messages.unsure')}
      <div><pl-button kind="primary" @click=${() => void this.decide(id, 'again')}>${t('messages.again')}</pl-button>
      <pl-button @click=${() => void this.decide(id, 'sent')}>${t('messages.was-sent')}</pl-button>
      <pl-button @click=${() => void this.decide(id, 'cancel')}>${t('messages.leave-it')}</pl-button></div>
      ${this.failed ? html`<p role="alert">${this.failed}</p>` : nothing}</div>`;
  }

  /** Nothing of it has left this phone. */
  private unsent(id: string, fields: PhoneRecord['fields'], refused: boolean) {
    const take = () => void this.takeBack(id);
    if (!refused) return html`<button class="take" @click=${take}>${t('messages.take-back')}</button>`;
    const why = fields.error ? problemWords(String(fields.error), String(fields.detail ?? '')) : '';
    return html`<div class="ask" role="group" aria-label=${t('messages.state-refused')}>${why}
      <div>${this.again(id)}
      <pl-button @click=${take}>${t('messages.take-back')}</pl-button></div></div>`;
  }

  private again(id: string) {
    return html`<pl-button kind="primary" @click=${() => void this.phone.messages.tryAgain(id)}>${t('messages.try-again')}</pl-button>`;
  }

  private async takeBack(id: string): Promise<void> {
    this.late = '';
    const letter = await this.phone.messages.takeBack(id);
    if (!letter) this.late = id;
    else if (await this.compose?.bringBack(letter.body, letter.files)) await this.phone.messages.tookBack(id);
    await this.load();
  }

  private async decide(id: string, decision: 'again' | 'sent' | 'cancel'): Promise<void> {
    this.failed = '';
    try {
      await this.phone.messages.decide(id, decision);
    } catch (error) {
      this.failed = t('messages.send-failed', {
        why: problemWords((error as BridgeError).code, (error as Error).message),
      });
    }
  }

  private bottom = async (): Promise<void> => {
    this.atEnd = true;
    await this.load();
  };

  private stay = (): void => {
    if (this.atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  };

  /** Only who scrolls up leaves the end: what gets its height later moves nobody. */
  private scrolled = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (scrollHeight - scrollTop - clientHeight < END) this.atEnd = true;
    else if (scrollTop < this.lastTop) this.atEnd = false;
    this.lastTop = scrollTop;
  };

  private readonly load = rereads(async () => {
    const { id } = this.thread;
    const messages = await this.phone.messages.thread(id, this.limit);
    if (id !== this.thread.id) return;
    this.messages = messages;
    this.chosen = stillChosen(this.messages, this.chosen);
    this.markRead();
    await this.updateComplete;
    this.stay();
  });

  /** When what is being written is kept as a draft. */
  async kept(): Promise<void> {
    await this.compose?.keep();
  }

  /** After what was chosen is deleted. */
  endChoosing(): void {
    this.chosen = undefined;
  }

  /** True when there may be more. */
  private async earlier(): Promise<boolean> {
    const bottom = this.scroller.scrollHeight - this.scroller.scrollTop;
    const before = this.messages.length;
    this.limit += PAGE * 5;
    await this.load();
    await this.updateComplete;
    this.scroller.scrollTop = this.scroller.scrollHeight - bottom;
    return this.messages.length > before;
  }
}
customElements.define('message-thread', MessageThread);

function stop(event: Event): void {
  event.preventDefault();
}
