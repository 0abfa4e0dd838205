/** Messages: conversations, search, import. */

import '@pileus/kit';
import {
  AddressBook,
  type GlyphName,
  localeTag,
  type MenuItem,
  type PlMenu,
  rereads,
  type Speak,
  sameNumber,
  t,
  time,
  Words,
} from '@pileus/kit';
import { blockedWords } from '@pileus/kit/calls/block-list.ts';
import { BlockList, setBlocked, watchBlocks } from '@pileus/kit/calls/blocks.ts';
import type { Call } from '@pileus/kit/calls/call.ts';
import { stillChosen } from '@pileus/kit/calls/choosing.ts';
import { watchCalls } from '@pileus/kit/calls/list.ts';
import { Hold } from '@pileus/kit/elements/hold.ts';
import { watchBook } from '@pileus/kit/people/book.ts';
import { rows, ticks } from '@pileus/kit/people/rows.ts';
import type { Found, Phone, Thread } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { Exchange, type Kind } from './exchange.ts';
import './new-conversation.ts';
import type { One, Several } from './new-conversation.ts';
import { marked, renamed, sameGroup, typedPerson } from './person.ts';
import './search-within.ts';
import { onShelf, type Shelf, shelfOf } from './shelves.ts';
import { styles } from './styles.ts';
import type { MessageThread } from './thread.ts';
import './thread.ts';
import { ANYTHING, type Chosen, narrows, withinOf } from './within.ts';

const SEARCH_MS = 200;
const ARCHIVES = 'messages.archive';
const VIEWS = ['conversations', 'calls'] as const;
/** A conversation that has nothing in it yet. */
const EMPTY = {
  lastMs: 0,
  lastBody: '',
  lastOut: false,
  lastState: '',
  lastPicture: false,
  count: 0,
  unread: 0,
  draft: '',
  unsure: false,
  archived: false,
};
const SHELVES: Readonly<Record<Shelf, { title: string; none: string; glyph: GlyphName }>> = {
  inbox: { title: 'messages.title', none: 'messages.none-here', glyph: 'message-circle' },
  archived: { title: 'messages.archived', none: 'messages.none-archived', glyph: 'archive' },
  blocked: { title: 'blocks.title', none: 'messages.none-blocked', glyph: 'ban' },
};
/** What is said of one's own last message before its text. */
const BEFORE: { [state: string]: string } = {
  waiting: 'messages.waiting-short',
  asked: 'messages.waiting-short',
  refused: 'messages.not-sent-short',
  failed: 'messages.not-sent-short',
};

/** What is to be deleted: whole conversations, messages of the one that is open, or calls. */
interface Wish {
  threads: string[];
  messages: string[];
  calls: string[];
}
const NOTHING: Wish = { threads: [], messages: [], calls: [] };
/** What was done, and how it is taken back. */
interface Done {
  said: string;
  back: () => Promise<unknown>;
}

export class MessagesApp extends LitElement {
  static override styles = [rows, ticks, styles];
  @property({ attribute: false }) phone!: Phone;
  @state() private threads: Thread[] | undefined;
  @state() private open: Thread | undefined;
  @state() private openAt = '';
  /** Another number for each conversation that is opened; a group that gets its name from the cloud keeps it. */
  private place = 0;
  @state() private words = '';
  @state() private within = ANYTHING;
  /** Whether the search has been turned to: only then what narrows it is in the way. */
  @state() private seeking = false;
  @state() private beginning = false;
  @state() private book = new AddressBook([]);
  @state() private calls: Call[] = [];
  @state() private view: 'conversations' | 'calls' = 'conversations';
  @state() private found: { query: string; messages: Found[]; more: boolean; local: boolean } | undefined;
  @state() private searchFailed = '';
  /** Conversations that are chosen, while some are to be. */
  @state() private chosen: ReadonlySet<string> | undefined;
  @state() private chosenCalls: ReadonlySet<string> | undefined;
  @state() private asked: Wish | undefined;
  @state() private done: Done | undefined;
  @state() private blocks = new BlockList();
  @state() private shelf: Shelf = 'inbox';
  @query('input[type=file]') private picker!: HTMLInputElement;
  @query('message-thread') private thread!: MessageThread | null;
  @query('main pl-menu') private menu!: PlMenu | null;
  private readonly exchange = new Exchange(this);
  private timer = 0;
  /** There where a name is Chinese. */
  private speak: Speak | undefined;
  private readonly hold = new Hold((id) => this.choose(id));
  /** The conversation to be opened, which may not have come to this device yet. */
  private wanted = '';
  private turn = 0;

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    this.phone.onIntent((intent) => this.wish(intent));
    this.wish(this.phone.intent);
    void this.load();
    watchBook(this.phone.records, (book, speak) => {
      this.book = book;
      this.speak = speak;
    });
    watchCalls(this.phone.records, (calls) => this.hear(calls));
    watchBlocks(this.phone.records, (blocks) => (this.blocks = blocks));
    this.phone.messages.onChange(() => void this.load());
    this.phone.records.subscribe('messages.draft', () => void this.load());
    this.phone.records.subscribe(ARCHIVES, () => void this.load());
    this.phone.onBack(() => {
      if (this.menu?.shut()) return true;
      if (this.asked) {
        this.asked = undefined;
        return true;
      }
      if (this.thread?.back()) return true;
      if ((this.chosen || this.chosenCalls) && !this.open) {
        this.endChoosing();
        return true;
      }
      const first = this.shelf === 'inbox' && this.view === 'conversations';
      if (!this.open && !this.seeking && !this.beginning && first) return false;
      if (this.open) this.leave();
      else if (this.beginning) this.beginning = false;
      else if (this.view === 'calls') this.turnTo('conversations');
      else if (this.seeking) this.endSearch();
      else this.lookAt('inbox');
      return true;
    });
  }

  override render() {
    return html`<div class="panes ${this.open ? 'open' : ''}">
      <main>
        ${
          this.chosen || this.chosenCalls
            ? this.choosing()
            : this.shelf !== 'inbox'
              ? html`<div class="top aside"><button class="icon" aria-label=${t('messages.back')} @click=${() => this.lookAt('inbox')}><pl-icon name="chevron-left"></pl-icon></button><h1>${t(SHELVES[this.shelf].title)}</h1></div>`
              : html`<div class="top"><h1>${t('messages.title')}</h1>
          ${this.shown === 'calls' || this.threads?.length ? html`<button class="icon" aria-label=${t('messages.select')} title=${t('messages.select')} @click=${this.beginChoosing}><pl-icon name="list-checks"></pl-icon></button>` : nothing}
          <button class="icon" aria-label=${t('messages.new')} title=${t('messages.new')} @click=${this.begin}><pl-icon name="pencil"></pl-icon></button>
          <pl-menu .label=${t('messages.files')} .items=${this.files()}></pl-menu></div>`
        }
        ${
          this.calls.length > 0 && this.shelf === 'inbox'
            ? html`<pl-segments .label=${t('messages.view')} .value=${this.view} .options=${VIEWS.map((value) => ({ value, label: t(`messages.${value}`) }))}
          @change=${(event: CustomEvent<'conversations' | 'calls'>) => this.turnTo(event.detail)}></pl-segments>`
            : nothing
        }
        ${this.shown === 'calls' ? this.called() : this.said()}
        <input type="file" hidden accept=".xml,.json,.jsonl,.ndjson,.txt,.db,.zip,text/xml,application/json" @change=${this.pick}>
      </main>
      <aside>${
        this.open
          ? keyed(
              this.place,
              html`<message-thread .phone=${this.phone} .book=${this.book} .thread=${this.open} .found=${this.openAt} .blocks=${this.blocks} @leave=${this.leave}
                @archive=${(event: CustomEvent<boolean>) => void this.archive([this.open!.id], event.detail)} @block=${(event: CustomEvent<boolean>) => void this.block(this.open!, event.detail)} @unread=${this.markUnread} @bin=${(event: CustomEvent<string[]>) => this.askToDelete(event.detail)}></message-thread>`,
            )
          : html`<pl-empty glyph="message-circle" text=${t('messages.choose')}></pl-empty>`
      }</aside>
    </div>
    ${this.asked ? this.sure(this.asked) : nothing}
    ${
      this.done
        ? html`<pl-undo ?low=${this.open === undefined} ?high=${this.open !== undefined && shelfOf(this.open, this.blocks) === 'blocked'} .said=${this.done.said} .of=${this.done} @undo=${this.undo} @over=${() => (this.done = undefined)}></pl-undo>`
        : nothing
    }`;
  }

  private files(): MenuItem[] {
    const given = (kind: Kind): MenuItem => {
      return { label: t(`messages.export-${kind}`), act: () => void this.exchange.give(kind) };
    };
    return [
      { label: t('messages.archived'), glyph: 'archive', act: () => this.lookAt('archived') },
      { label: t('blocks.title'), glyph: 'ban', act: () => this.lookAt('blocked') },
      { label: t('messages.import'), act: () => this.picker.click() },
      ...(this.threads?.length ? [given('messages')] : []),
      ...(this.calls.length > 0 ? [given('calls')] : []),
    ];
  }

  /** Where the last call was deleted there are none to look at, until it is brought back. */
  private get shown(): 'conversations' | 'calls' {
    return this.calls.length > 0 ? this.view : 'conversations';
  }

  private choosing() {
    const chosen = this.chosen ?? new Set<string>();
    const threads = this.threads?.filter((one) => chosen.has(one.id)) ?? [];
    const calls = [...(this.chosenCalls ?? [])];
    const count = threads.length + calls.length;
    const unread = threads.some((one) => one.unread > 0);
    const aside = this.shelf !== 'archived';
    const icon = (glyph: string, label: string, act: () => void) =>
      html`<button class="icon" aria-label=${label} title=${label} ?disabled=${count === 0} @click=${() => count > 0 && act()}><pl-icon name=${glyph}></pl-icon></button>`;
    return html`<div class="top choosing"><button class="icon" aria-label=${t('messages.end-select')} @click=${this.endChoosing}><pl-icon name="x"></pl-icon></button>
      <span role="status">${t('messages.selected', { count })}</span>
      ${this.chosen ? icon(unread ? 'mail-open' : 'mail', t(unread ? 'messages.mark-read' : 'messages.mark-unread'), () => void this.mark([...chosen], unread)) : nothing}
      ${this.chosen ? icon(aside ? 'archive' : 'archive-restore', t(aside ? 'messages.archive' : 'messages.unarchive'), () => void this.archive([...chosen], aside)) : nothing}
      ${icon('trash', t('messages.delete'), () => (this.asked = { ...NOTHING, threads: [...chosen], calls }))}</div>`;
  }

  private endChoosing = (): void => {
    this.chosen = undefined;
    this.chosenCalls = undefined;
  };

  private hear(calls: Call[]): void {
    this.calls = calls;
    this.chosenCalls = stillChosen(calls, this.chosenCalls);
  }

  private sure(wish: Wish) {
    const [what, count] = kindOf(wish);
    return html`<pl-sure .question=${t(`messages.delete-${what}`, { count })} .explained=${t(`messages.delete-${what}-hint`, { count })}
      @answer=${(event: CustomEvent<boolean>) => void this.answered(wish, event.detail)}></pl-sure>`;
  }

  private beginChoosing = (): void => {
    this.endSearch();
    this.beginning = false;
    this.exchange.clear();
    if (this.shown === 'calls') this.chosenCalls = new Set();
    else this.chosen = new Set();
  };

  private choose(id: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.chosen = chosen;
  }

  private askToDelete(messages: string[]): void {
    if (this.open) this.asked = { ...NOTHING, messages, threads: messages.length ? [] : [this.open.id] };
  }

  private async answered(wish: Wish, sure: boolean): Promise<void> {
    this.asked = undefined;
    if (!sure) return;
    this.endChoosing();
    this.thread?.endChoosing();
    try {
      await this.thread?.kept(); // first: what is being written goes with its conversation, and comes back with it
      if (this.open && wish.threads.includes(this.open.id)) this.leave();
      const what = await this.phone.messages.delete(wish);
      this.done = { said: t(...gone(wish)), back: () => this.phone.messages.restore(what) };
    } catch (error) {
      this.exchange.fail(error);
    }
    if (this.found) void this.search();
  }

  private undo = async (): Promise<void> => {
    const { done } = this;
    if (!done) return;
    try {
      await done.back();
      if (this.done === done) this.done = undefined;
    } catch (error) {
      this.exchange.fail(error); // it is still offered
    }
    if (this.found) void this.search();
  };

  private async archive(threads: string[], on: boolean): Promise<void> {
    this.chosen = undefined;
    if (on && this.open && threads.includes(this.open.id)) this.leave();
    const { messages, records } = this.phone;
    try {
      const known = (await records.query(ARCHIVES)).filter(({ fields }) =>
        threads.includes(String(fields.thread)),
      );
      await messages.archive(threads, on);
      const said = t(on ? 'messages.was-archived' : 'messages.was-unarchived', { count: threads.length });
      const before = new Set(known.map(({ fields }) => fields.thread));
      const fresh = threads.filter((one) => !before.has(one));
      // Those of before `last_seq` was have none: what is put onto the newer one has to say so.
      const archives = Object.fromEntries(known.map(({ id, fields }) => [id, { last_seq: 0, ...fields }]));
      const back = async () => {
        if (on && fresh.length > 0) await messages.archive(fresh, false);
        if (known.length > 0)
          await messages.restore({ messages: {}, drafts: {}, calls: {}, archives, letters: [] });
      };
      this.done = { said, back };
    } catch (error) {
      this.exchange.fail(error);
    }
  }

  /** Its messages stay where they are, and are found. */
  private async block(thread: Thread, on: boolean): Promise<void> {
    if (on) this.leave();
    try {
      const back = await setBlocked(this.phone.records, this.blocks, [thread.address], on);
      this.done = { said: blockedWords(on, this.nameOf(thread)), back };
    } catch (error) {
      this.exchange.fail(error);
    }
  }

  private lookAt(shelf: Shelf): void {
    this.turnTo('conversations');
    this.shelf = shelf;
  }

  private markUnread = (): void => {
    const id = this.open?.id;
    this.leave();
    if (id !== undefined) void this.mark([id], false);
  };

  private async mark(threads: string[], read: boolean): Promise<void> {
    this.chosen = undefined;
    try {
      await this.phone.messages.mark(threads, read);
    } catch (error) {
      this.exchange.fail(error);
    }
  }

  private called() {
    return html`${this.exchange.render()}<pl-call-list .book=${this.book} .calls=${this.calls}
      .chosen=${this.chosenCalls} @chosen=${(event: CustomEvent<ReadonlySet<string> | undefined>) => (this.chosenCalls = event.detail)}
      @choose=${(event: CustomEvent<Call>) => this.write(event.detail.address, event.detail.contact, event.detail.thread)}></pl-call-list>`;
  }

  private said() {
    if (this.shelf !== 'inbox')
      return html`${this.exchange.render()}<div class="list">${this.conversations()}</div>`;
    return html`<label class="search"><pl-icon name="search"></pl-icon><input type="search" placeholder=${t('messages.search')}
          aria-label=${t('messages.search')} .value=${this.words} @focus=${() => (this.seeking = true)} @input=${(event: Event) => this.seek((event.target as HTMLInputElement).value)}>
          ${this.seeking ? html`<button class="icon" aria-label=${t('messages.end-search')} @click=${this.endSearch}><pl-icon name="x"></pl-icon></button>` : nothing}</label>
        ${this.seeking ? html`<search-within .threads=${this.threads ?? []} .chosen=${this.within} .nameOf=${(thread: Thread) => this.nameOf(thread)} @within=${this.narrow}></search-within>` : nothing}
        ${this.exchange.render()}
        ${
          this.beginning
            ? html`<new-conversation .phone=${this.phone} .threads=${this.threads ?? []} .book=${this.book} .speak=${this.speak} @cancel=${() => (this.beginning = false)}
          @one=${({ detail }: CustomEvent<One>) => this.write(detail.address, detail.name)} @several=${(event: CustomEvent<Several>) => this.gather(event.detail)}></new-conversation>`
            : nothing
        }
        <div class="list">${this.words.trim() || narrows(this.within) ? this.results() : this.conversations()}</div>`;
  }

  private conversations() {
    if (!this.threads) return nothing;
    if (this.threads.length === 0 && this.shelf === 'inbox')
      return html`<pl-empty glyph="message-circle" text=${t('messages.empty')}>
        <pl-button kind="primary" @click=${this.begin}>${t('messages.write-one')}</pl-button>
        <pl-button ?busy=${this.exchange.importing} @click=${() => this.picker.click()}>${t('messages.import')}</pl-button>
        <p class="hint">${t('messages.import-hint')}</p></pl-empty>`;
    const threads = onShelf(this.threads, this.shelf, this.blocks);
    if (threads.length === 0)
      return html`<pl-empty glyph=${SHELVES[this.shelf].glyph} text=${t(SHELVES[this.shelf].none)}></pl-empty>`;
    return html`<div class="card">${threads.map((thread) => {
      const along = thread.lastPicture ? 'messages.picture' : 'messages.attachment';
      const said = thread.lastBody || (thread.count ? t(along) : '');
      const before = BEFORE[thread.lastState];
      const last = thread.draft
        ? html`<em>${t('messages.draft')}</em> ${thread.draft}`
        : thread.unsure
          ? html`<em class="bad">${t('messages.unsure-short')}</em>`
          : before
            ? html`<em class=${before === 'messages.waiting-short' ? '' : 'bad'}>${t(before)}</em> ${said}`
            : thread.lastOut
              ? t('messages.you', { text: said })
              : said;
      const chosen = this.chosen?.has(thread.id);
      const lead =
        chosen === undefined
          ? this.avatar(thread)
          : html`<span class="tick"><pl-icon name="check"></pl-icon></span>`;
      return html`<button class="row ${thread.unread ? 'unread' : ''}" aria-current=${thread.id === this.open?.id ? 'true' : 'false'} data-id=${thread.id}
        role=${chosen === undefined ? nothing : 'checkbox'} aria-checked=${chosen ?? nothing} @click=${(event: UIEvent) => this.press(event, thread)}
        @contextmenu=${this.hold.menu} @pointerdown=${this.hold.down} @pointermove=${this.hold.move} @pointerup=${this.hold.end} @pointercancel=${this.hold.end}>
        ${lead}<span class="name">${this.nameOf(thread)}</span><time>${this.time(thread.lastMs)}</time>
        <span class="last">${last}</span>${thread.unread ? html`<span class="dot" aria-label=${t('messages.unread', { count: thread.unread })}>${thread.unread}</span>` : nothing}
      </button>`;
    })}</div>`;
  }

  private results() {
    if (this.searchFailed)
      return html`<pl-empty glyph="circle-alert" text=${t('messages.search-failed', { why: this.searchFailed })}></pl-empty>`;
    const found = this.found;
    if (!found) return nothing;
    const said = found.local ? html`<p class="said" role="status">${t('messages.local')}</p>` : nothing;
    if (found.messages.length === 0)
      return html`${said}<pl-empty glyph="search" text=${narrows(this.within) ? t('messages.none-within') : t('messages.none-found', { query: found.query })}></pl-empty>`;
    return html`${said}<div class="card">${found.messages.map(
      (one) => html`<button class="row" @click=${() => this.showFound(one)}>
        ${this.avatar({ ...one, id: one.thread })}<span class="name">${this.nameOf(one)}</span><time>${this.time(one.date_ms)}</time>
        <span class="last whole">${marked(one.body, found.query).map((part, index) => (index % 2 ? html`<mark>${part}</mark>` : part))}</span></button>`,
    )}</div>${found.more ? html`<p class="said">${t('messages.more')}</p>` : nothing}`;
  }

  private avatar(person: { id: string; contact: string; address: string }) {
    const group = person.id.startsWith('group-');
    const known = group ? undefined : this.book.of(person.address);
    return html`<pl-avatar .person=${person.id} .name=${group ? '' : known?.name || person.contact} .photo=${known?.photo ?? ''} .glyph=${group ? 'users' : 'user'}></pl-avatar>`;
  }

  /** As the contacts have it, else as the message brought it. */
  private nameOf({ contact, address }: { contact: string; address: string }): string {
    return this.book.of(address)?.name || contact || address;
  }

  private turnTo(view: 'conversations' | 'calls'): void {
    this.view = view;
    this.beginning = false;
    this.endChoosing();
    this.endSearch();
  }

  private readonly load = rereads(async () => {
    this.threads = await this.phone.messages.threads();
    this.chosen = stillChosen(this.threads, this.chosen);
    this.follow();
    this.showWanted();
  });

  /** A group that was begun here has its name from the cloud once something is sent to it. */
  private follow(): void {
    const named = this.open && renamed(this.open, this.threads ?? []);
    if (named) this.open = named; // in the same place: its line keeps the cursor, and takes its draft along
  }

  /** A notice of a message or of a call was pressed. */
  private wish({ view, thread, address, name }: Phone['intent']): void {
    if (view === 'calls') this.turnTo('calls');
    if (view === 'write' && typeof address === 'string' && typedPerson(address)) {
      this.turnTo('conversations');
      // What is there already is opened: the conversations are known by then.
      void this.load().then(() => this.write(address, typeof name === 'string' ? name : ''));
    }
    if (view !== 'thread' || typeof thread !== 'string') return;
    this.wanted = thread;
    this.showWanted();
  }

  private showWanted(): void {
    const thread = this.wanted && this.threads?.find(({ id }) => id === this.wanted);
    if (!thread) return;
    this.turnTo('conversations');
    this.shelf = 'inbox';
    this.asked = undefined;
    this.show(thread);
  }

  private begin = (): void => {
    this.beginning = !this.beginning || this.view === 'calls';
    this.view = 'conversations';
  };

  /** Opens the group of these people, which may be one that is begun here. */
  private gather({ people, names }: Several): void {
    const known = this.threads?.find((one) => one.people.length > 1 && sameGroup(one.people, people));
    const fresh = {
      id: `group-${crypto.randomUUID()}`,
      address: people.join(', '),
      contact: names.join(', '),
    };
    this.beginning = false;
    this.show(known ?? { ...fresh, people, ...EMPTY });
  }

  /** Opens the conversation with a number or `@account`, which may have nothing in it yet. */
  private write(address: string, contact: string, thread?: string): void {
    const plain = address.startsWith('@') ? address.toLowerCase() : address.replace(/[\s().\-/]/g, '');
    const id = thread ?? plain;
    const same = (one: Thread) => one.people.length === 1 && sameNumber(one.address, address);
    const known = this.threads?.find((one) => one.id === id) ?? this.threads?.find(same);
    this.beginning = false;
    this.show(known ?? { id, address, contact, people: [address], ...EMPTY });
  }

  private press(event: UIEvent, thread: Thread): void {
    if (this.hold.spent(event)) return;
    if (this.chosen) this.choose(thread.id);
    else this.show(thread);
  }

  private show(thread: Thread, at = ''): void {
    this.exchange.clear();
    this.wanted = '';
    if (this.open?.id !== thread.id || this.openAt !== at) this.place += 1;
    this.open = thread;
    this.openAt = at;
    if (renamed(thread, this.threads ?? [])) void this.load(); // once its draft is asked for
  }

  private showFound(one: Found): void {
    const thread = this.threads?.find((other) => other.id === one.thread);
    if (thread) this.show(thread, one.id);
  }

  private leave = (): void => {
    this.open = undefined;
    this.openAt = '';
  };

  private seek(words: string): void {
    this.words = words;
    if (words) this.exchange.clear();
    clearTimeout(this.timer);
    if (words.trim() || narrows(this.within))
      this.timer = window.setTimeout(() => void this.search(), SEARCH_MS);
    else this.found = undefined;
  }

  private narrow = (event: CustomEvent<Chosen>): void => {
    this.within = event.detail;
    this.found = undefined;
    this.seek(this.words);
  };

  private endSearch = (): void => {
    this.seeking = false;
    this.within = ANYTHING;
    this.seek('');
  };

  private async search(): Promise<void> {
    const turn = ++this.turn;
    const query = this.words.trim();
    try {
      const found = await this.phone.messages.search(query, withinOf(this.within, new Date()));
      if (turn !== this.turn) return;
      this.searchFailed = '';
      this.found = { query, ...found };
    } catch (error) {
      if (turn === this.turn) this.searchFailed = (error as Error).message;
    }
  }

  private pick = async (): Promise<void> => {
    const file = this.picker.files?.[0];
    this.picker.value = '';
    if (file) await this.exchange.take(file);
  };

  private time(ms: number): string {
    const date = new Date(ms);
    const now = new Date();
    if (date.toDateString() === now.toDateString()) return time(date);
    const year = date.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const };
    return date.toLocaleDateString(localeTag(), { month: 'short', day: 'numeric', ...year });
  }
}
customElements.define('messages-app', MessagesApp);

/** What the bar says that offers to undo. */
function gone(wish: Wish): [string, { count: number }] {
  const [what, count] = kindOf(wish);
  return [what === 'messages' ? 'messages.deleted' : `messages.deleted-${what}`, { count }];
}

function kindOf({ messages, threads, calls }: Wish): ['messages' | 'conversations' | 'calls', number] {
  if (calls.length > 0) return ['calls', calls.length];
  return messages.length > 0 ? ['messages', messages.length] : ['conversations', threads.length];
}
