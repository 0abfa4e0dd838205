/** Messages: conversations, search, import. */

import '@pileus/kit';
import {
  AddressBook,
  contactOf,
  findNumbers,
  localeTag,
  problemWords,
  sameNumber,
  t,
  time,
  Words,
} from '@pileus/kit';
import {
  BridgeError,
  type Deleted,
  type Found,
  type ImportReport,
  type Phone,
  type Thread,
} from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import type { Call } from './call.ts';
import { watchCalls } from './calls.ts';
import { stillChosen } from './choosing.ts';
import { Hold } from './hold.ts';
import { marked, typedPerson } from './person.ts';
import './search-within.ts';
import { rows, styles, ticks } from './styles.ts';
import './sure.ts';
import type { MessageThread } from './thread.ts';
import './thread.ts';
import { ANYTHING, type Chosen, narrows, withinOf } from './within.ts';

const SEARCH_MS = 200;
const CONTACTS = 'contacts.contact';
const SUGGESTED = 6;
const UNDO_MS = 8000;
const VIEWS = ['conversations', 'calls'] as const;
/** A conversation that has nothing in it yet. */
const EMPTY = { lastMs: 0, lastBody: '', lastOut: false, count: 0, unread: 0, draft: '', unsure: false };

interface Result {
  report?: ImportReport;
  failed?: string;
}

/** What is to be deleted: whole conversations, messages of the one that is open, or calls. */
interface Wish {
  threads: string[];
  messages: string[];
  calls: string[];
}
const NOTHING: Wish = { threads: [], messages: [], calls: [] };

export class MessagesApp extends LitElement {
  static override styles = [rows, ticks, styles];
  @property({ attribute: false }) phone!: Phone;
  @state() private threads: Thread[] | undefined;
  @state() private open: Thread | undefined;
  @state() private openAt = '';
  @state() private words = '';
  @state() private within = ANYTHING;
  /** Whether the search has been turned to: only then what narrows it is in the way. */
  @state() private seeking = false;
  @state() private beginning = false;
  /** What is typed into the new message's first line. */
  @state() private typed = '';
  @state() private book = new AddressBook([]);
  @state() private calls: Call[] = [];
  @state() private view: 'conversations' | 'calls' = 'conversations';
  @state() private strange = false;
  @state() private found: { query: string; messages: Found[]; more: boolean; local: boolean } | undefined;
  @state() private searchFailed = '';
  @state() private progress: number | undefined;
  @state() private result: Result | undefined;
  /** Conversations that are chosen, while some are to be. */
  @state() private chosen: ReadonlySet<string> | undefined;
  @state() private chosenCalls: ReadonlySet<string> | undefined;
  @state() private asked: Wish | undefined;
  @state() private deleted: { wish: Wish; what: Deleted } | undefined;
  @query('input[type=file]') private picker!: HTMLInputElement;
  @query('message-thread') private thread!: MessageThread | null;
  private file: File | undefined;
  private undoTimer = 0;
  private timer = 0;
  private readonly hold = new Hold((id) => this.choose(id));
  private turn = 0;

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    void this.load();
    void this.readBook();
    this.phone.records.subscribe(CONTACTS, () => void this.readBook());
    watchCalls(this.phone, (calls) => this.hear(calls));
    this.phone.messages.onChange(() => void this.load());
    this.phone.records.subscribe('messages.draft', () => void this.load());
    this.phone.onBack(() => {
      if (this.asked) {
        this.asked = undefined;
        return true;
      }
      if (this.thread?.back()) return true;
      if ((this.chosen || this.chosenCalls) && !this.open) {
        this.endChoosing();
        return true;
      }
      if (!this.open && !this.seeking && !this.beginning && this.view === 'conversations') return false;
      if (this.open) this.leave();
      else if (this.beginning) this.beginning = false;
      else if (this.view === 'calls') this.turnTo('conversations');
      else this.endSearch();
      return true;
    });
  }

  override render() {
    return html`<div class="panes ${this.open ? 'open' : ''}">
      <main>
        ${
          this.chosen || this.chosenCalls
            ? this.choosing()
            : html`<div class="top"><h1>${t('messages.title')}</h1>
          ${this.shown === 'calls' || this.threads?.length ? html`<button class="icon" aria-label=${t('messages.select')} title=${t('messages.select')} @click=${this.beginChoosing}><pl-icon name="check"></pl-icon></button>` : nothing}
          <button class="icon" aria-label=${t('messages.new')} title=${t('messages.new')} @click=${this.begin}><pl-icon name="pencil"></pl-icon></button>
          <button class="icon" aria-label=${t('messages.import')} title=${t('messages.import')} @click=${() => this.picker.click()}><pl-icon name="import"></pl-icon></button></div>`
        }
        ${
          this.calls.length > 0
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
              this.open.id + this.openAt,
              html`<message-thread .phone=${this.phone} .book=${this.book} .thread=${this.open} .found=${this.openAt} @leave=${this.leave}
                @unread=${this.markUnread} @bin=${(event: CustomEvent<string[]>) => this.askToDelete(event.detail)}></message-thread>`,
            )
          : html`<pl-empty glyph="message-circle" text=${t('messages.choose')}></pl-empty>`
      }</aside>
    </div>
    ${this.asked ? this.sure(this.asked) : nothing}
    ${
      this.deleted
        ? html`<div class="undo" role="status"><span>${t(...gone(this.deleted.wish))}</span><button @click=${this.undo}>${t('messages.undo')}</button></div>`
        : nothing
    }`;
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
    const icon = (glyph: string, label: string, act: () => void) =>
      html`<button class="icon" aria-label=${label} title=${label} ?disabled=${count === 0} @click=${() => count > 0 && act()}><pl-icon name=${glyph}></pl-icon></button>`;
    return html`<div class="top choosing"><button class="icon" aria-label=${t('messages.end-select')} @click=${this.endChoosing}><pl-icon name="x"></pl-icon></button>
      <span role="status">${t('messages.selected', { count })}</span>
      ${this.chosen ? icon(unread ? 'check' : 'mail', t(unread ? 'messages.mark-read' : 'messages.mark-unread'), () => void this.mark([...chosen], unread)) : nothing}
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
    return html`<message-sure .question=${t(`messages.delete-${what}`, { count })} .explained=${t(`messages.delete-${what}-hint`, { count })}
      @answer=${(event: CustomEvent<boolean>) => void this.answered(wish, event.detail)}></message-sure>`;
  }

  private beginChoosing = (): void => {
    this.endSearch();
    this.beginning = false;
    this.result = undefined;
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
      this.deleted = { wish, what };
      clearTimeout(this.undoTimer);
      this.undoTimer = window.setTimeout(() => (this.deleted = undefined), UNDO_MS);
    } catch (error) {
      this.result = failure(error);
    }
    if (this.found) void this.search();
  }

  private undo = async (): Promise<void> => {
    clearTimeout(this.undoTimer);
    const { deleted } = this;
    if (!deleted) return;
    try {
      await this.phone.messages.restore(deleted.what);
      if (this.deleted === deleted) this.deleted = undefined;
    } catch (error) {
      this.result = failure(error); // what was deleted is still offered
    }
    if (this.found) void this.search();
  };

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
      this.result = failure(error);
    }
  }

  private called() {
    return html`${this.work()}<message-calls .phone=${this.phone} .book=${this.book} .calls=${this.calls}
      .chosen=${this.chosenCalls} @chosen=${(event: CustomEvent<ReadonlySet<string> | undefined>) => (this.chosenCalls = event.detail)}
      @choose=${(event: CustomEvent<Call>) => this.write(event.detail.address, event.detail.contact, event.detail.thread)}></message-calls>`;
  }

  private said() {
    return html`<label class="search"><pl-icon name="search"></pl-icon><input type="search" placeholder=${t('messages.search')}
          aria-label=${t('messages.search')} .value=${this.words} @focus=${() => (this.seeking = true)} @input=${(event: Event) => this.seek((event.target as HTMLInputElement).value)}>
          ${this.seeking ? html`<button class="icon" aria-label=${t('messages.end-search')} @click=${this.endSearch}><pl-icon name="x"></pl-icon></button>` : nothing}</label>
        ${this.seeking ? html`<search-within .threads=${this.threads ?? []} .chosen=${this.within} .nameOf=${(thread: Thread) => this.nameOf(thread)} @within=${this.narrow}></search-within>` : nothing}
        ${this.work()}
        ${this.beginning ? this.newOne() : nothing}
        <div class="list">${this.words.trim() || narrows(this.within) ? this.results() : this.conversations()}</div>`;
  }

  private conversations() {
    if (!this.threads) return nothing;
    if (this.threads.length === 0)
      return html`<pl-empty glyph="message-circle" text=${t('messages.empty')}>
        <pl-button kind="primary" ?busy=${this.progress !== undefined} @click=${() => this.picker.click()}>${t('messages.import')}</pl-button>
        <p class="hint">${t('messages.import-hint')}</p></pl-empty>`;
    return html`<div class="card">${this.threads.map((thread) => {
      const said = thread.lastBody || (thread.count ? t('messages.attachment') : '');
      const last = thread.draft
        ? html`<em>${t('messages.draft')}</em> ${thread.draft}`
        : thread.unsure
          ? html`<em class="bad">${t('messages.unsure-short')}</em>`
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

  private work() {
    if (this.progress !== undefined)
      return html`<div class="report" role="status">${t('messages.importing', { percent: Math.floor(this.progress * 100) })}
        <progress max="1" .value=${this.progress} aria-label=${t('messages.import')}></progress></div>`;
    if (!this.result) return nothing;
    const { report, failed } = this.result;
    const left = report ? report.skipped_count - report.skipped.length : 0;
    return html`<div class="report" role="status">
      ${failed ? html`<p class="bad">${failed}</p>` : nothing}
      ${
        report
          ? html`<p>${t(failed ? 'messages.kept' : 'messages.imported', { count: report.imported })}
        ${report.repeated ? t('messages.repeated', { count: report.repeated }) : nothing}
        ${report.deleted ? t('messages.stay-deleted', { count: report.deleted }) : nothing}
        ${report.skipped_count ? t('messages.skipped', { count: report.skipped_count }) : nothing}</p>`
          : nothing
      }
      ${
        report?.skipped_count
          ? html`<ul>${report.skipped.map((one) => html`<li>${t('messages.line', { line: String(one.line), why: one.why })}</li>`)}
            ${left > 0 ? html`<li>${t('messages.more-skipped', { count: left })}</li>` : nothing}</ul>`
          : nothing
      }
      <div class="acts">${report?.deleted && this.file ? html`<pl-button @click=${() => void this.bring(this.file!, true)}>${t('messages.bring-back')}</pl-button>` : nothing}
      <pl-button @click=${() => (this.result = undefined)}>${t('messages.close')}</pl-button></div></div>`;
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

  private async readBook(): Promise<void> {
    const records = await this.phone.records.query(CONTACTS);
    this.book = new AddressBook(records.map(contactOf).filter((one) => one !== undefined));
  }

  private turnTo(view: 'conversations' | 'calls'): void {
    this.view = view;
    this.beginning = false;
    this.endChoosing();
    this.endSearch();
  }

  private async load(): Promise<void> {
    this.threads = await this.phone.messages.threads();
    this.chosen = stillChosen(this.threads, this.chosen);
  }

  private newOne() {
    const found = findNumbers(this.book.contacts, this.typed, SUGGESTED);
    return html`<form class="new" @submit=${this.start}>
      <input type="text" name="person" autocomplete="off" placeholder=${t('messages.to')} aria-label=${t('messages.to')} aria-invalid=${this.strange}
        aria-describedby="new-hint" .value=${this.typed} @input=${this.type}>
      <pl-button kind="primary" @click=${() => this.renderRoot.querySelector<HTMLFormElement>('form.new')!.requestSubmit()}>${t('messages.start')}</pl-button>
      ${
        found.length > 0
          ? html`<div class="found" role="group" aria-label=${t('messages.suggestions')}>${found.map(
              ({ contact, number }) =>
                html`<button type="button" class="row" @click=${() => this.write(number, contact.name)}>
                  <pl-avatar .person=${contact.id} .name=${contact.name} .photo=${contact.photo}></pl-avatar><span class="name">${contact.name}</span><span class="last">${number}</span></button>`,
            )}</div>`
          : html`<p id="new-hint" class=${this.strange ? 'bad' : ''}>${t(this.strange ? 'messages.to-strange' : 'messages.to-hint')}</p>`
      }</form>`;
  }

  private begin = async (): Promise<void> => {
    this.beginning = !this.beginning || this.view === 'calls';
    this.view = 'conversations';
    this.strange = false;
    this.typed = '';
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLInputElement>('form.new input')?.focus();
  };

  private type = (event: Event): void => {
    this.typed = (event.target as HTMLInputElement).value;
    this.strange = false;
  };

  private start = (event: Event): void => {
    event.preventDefault();
    const person = typedPerson(this.typed);
    const found = person ? [] : findNumbers(this.book.contacts, this.typed, 2);
    this.strange = !person && found.length === 0;
    if (person) this.write(person, person.startsWith('@') ? person.slice(1) : '');
    else if (found.length === 1) this.write(found[0]!.number, found[0]!.contact.name);
  };

  /** Opens the conversation with a number or `@account`, which may have nothing in it yet. */
  private write(address: string, contact: string, thread?: string): void {
    const plain = address.startsWith('@') ? address.toLocaleLowerCase() : address.replace(/[\s().\-/]/g, '');
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
    this.result = undefined;
    this.open = thread;
    this.openAt = at;
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
    if (words) this.result = undefined;
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
    if (file) await this.bring(file);
  };

  private async bring(file: File, restoreDeleted = false): Promise<void> {
    if (this.progress !== undefined) return;
    this.file = file;
    this.progress = 0;
    try {
      const sent = (done: number, size: number) => {
        this.progress = size ? Math.min(1, done / size) : 0;
      };
      const report = await this.phone.messages.import(file, sent, restoreDeleted);
      this.result = { report };
    } catch (error) {
      this.result = failure(error);
    } finally {
      this.progress = undefined;
    }
  }

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

function failure(error: unknown): Result {
  if (!(error instanceof BridgeError)) throw error;
  if (error.code === 'offline') return { failed: t('messages.offline') };
  const failed = t('messages.failed', { why: problemWords(error.code, error.message) });
  const report = (error.data as { report?: ImportReport | null } | undefined)?.report;
  return report ? { failed, report } : { failed };
}
