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
import { BridgeError, type Found, type ImportReport, type Phone, type Thread } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import type { Call } from './call.ts';
import { watchCalls } from './calls.ts';
import { marked, typedPerson } from './person.ts';
import { rows, styles } from './styles.ts';
import './thread.ts';

const SEARCH_MS = 200;
const CONTACTS = 'contacts.contact';
const SUGGESTED = 6;
const VIEWS = ['conversations', 'calls'] as const;
/** A conversation that has nothing in it yet. */
const EMPTY = { lastMs: 0, lastBody: '', lastOut: false, count: 0, unread: 0, draft: '', unsure: false };

interface Result {
  report?: ImportReport;
  failed?: string;
}

export class MessagesApp extends LitElement {
  static override styles = [rows, styles];
  @property({ attribute: false }) phone!: Phone;
  @state() private threads: Thread[] | undefined;
  @state() private open: Thread | undefined;
  @state() private openAt = '';
  @state() private words = '';
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
  @query('input[type=file]') private picker!: HTMLInputElement;
  private timer = 0;
  private turn = 0;

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    void this.load();
    void this.readBook();
    this.phone.records.subscribe(CONTACTS, () => void this.readBook());
    watchCalls(this.phone, (calls) => (this.calls = calls));
    this.phone.messages.onChange(() => void this.load());
    this.phone.records.subscribe('messages.draft', () => void this.load());
    this.phone.onBack(() => {
      if (!this.open && !this.words && !this.beginning && this.view === 'conversations') return false;
      if (this.open) this.leave();
      else if (this.beginning) this.beginning = false;
      else if (this.view === 'calls') this.turnTo('conversations');
      else this.seek('');
      return true;
    });
  }

  override render() {
    return html`<div class="panes ${this.open ? 'open' : ''}">
      <main>
        <div class="top"><h1>${t('messages.title')}</h1>
          <button class="icon" aria-label=${t('messages.new')} title=${t('messages.new')} @click=${this.begin}><pl-icon name="pencil"></pl-icon></button>
          <button class="icon" aria-label=${t('messages.import')} title=${t('messages.import')} @click=${() => this.picker.click()}><pl-icon name="import"></pl-icon></button></div>
        ${
          this.calls.length > 0
            ? html`<pl-segments .label=${t('messages.view')} .value=${this.view} .options=${VIEWS.map((value) => ({ value, label: t(`messages.${value}`) }))}
          @change=${(event: CustomEvent<'conversations' | 'calls'>) => this.turnTo(event.detail)}></pl-segments>`
            : nothing
        }
        ${this.view === 'calls' && this.calls.length > 0 ? this.called() : this.said()}
        <input type="file" hidden accept=".xml,.json,.jsonl,.ndjson,.txt,.db,.zip,text/xml,application/json" @change=${this.pick}>
      </main>
      <aside>${
        this.open
          ? keyed(
              this.open.id + this.openAt,
              html`<message-thread .phone=${this.phone} .book=${this.book} .thread=${this.open} .found=${this.openAt} @leave=${this.leave}></message-thread>`,
            )
          : html`<pl-empty glyph="message-circle" text=${t('messages.choose')}></pl-empty>`
      }</aside>
    </div>`;
  }

  private called() {
    return html`${this.work()}<message-calls .phone=${this.phone} .book=${this.book} .calls=${this.calls}
      @choose=${(event: CustomEvent<Call>) => this.write(event.detail.address, event.detail.contact, event.detail.thread)}></message-calls>`;
  }

  private said() {
    return html`<label class="search"><pl-icon name="search"></pl-icon><input type="search" placeholder=${t('messages.search')}
          aria-label=${t('messages.search')} .value=${this.words} @input=${(event: Event) => this.seek((event.target as HTMLInputElement).value)}></label>
        ${this.work()}
        ${this.beginning ? this.newOne() : nothing}
        <div class="list">${this.words ? this.results() : this.conversations()}</div>`;
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
      return html`<button class="row ${thread.unread ? 'unread' : ''}" aria-current=${thread.id === this.open?.id ? 'true' : 'false'} @click=${() => this.show(thread)}>
        ${this.avatar(thread)}<span class="name">${this.nameOf(thread)}</span><time>${this.time(thread.lastMs)}</time>
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
      return html`${said}<pl-empty glyph="search" text=${t('messages.none-found', { query: found.query })}></pl-empty>`;
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
        ${report.skipped_count ? t('messages.skipped', { count: report.skipped_count }) : nothing}</p>`
          : nothing
      }
      ${
        report?.skipped_count
          ? html`<ul>${report.skipped.map((one) => html`<li>${t('messages.line', { line: String(one.line), why: one.why })}</li>`)}
            ${left > 0 ? html`<li>${t('messages.more-skipped', { count: left })}</li>` : nothing}</ul>`
          : nothing
      }
      <pl-button @click=${() => (this.result = undefined)}>${t('messages.close')}</pl-button></div>`;
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
    this.seek('');
  }

  private async load(): Promise<void> {
    this.threads = await this.phone.messages.threads();
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
    if (words.trim()) this.timer = window.setTimeout(() => void this.search(), SEARCH_MS);
    else this.found = undefined;
  }

  private async search(): Promise<void> {
    const turn = ++this.turn;
    const query = this.words.trim();
    try {
      const found = await this.phone.messages.search(query);
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
    if (!file || this.progress !== undefined) return;
    this.progress = 0;
    try {
      const report = await this.phone.messages.import(file, (sent, size) => {
        this.progress = size ? Math.min(1, sent / size) : 0;
      });
      this.result = { report };
    } catch (error) {
      this.result = failure(error);
    } finally {
      this.progress = undefined;
    }
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

function failure(error: unknown): Result {
  if (!(error instanceof BridgeError)) throw error;
  if (error.code === 'offline') return { failed: t('messages.offline') };
  const failed = t('messages.failed', { why: problemWords(error.code, error.message) });
  const report = (error.data as { report?: ImportReport | null } | undefined)?.report;
  return report ? { failed, report } : { failed };
}
