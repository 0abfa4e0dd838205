/** Messages: conversations, search, import. */

import '@pileus/kit';
import { localeTag, problemWords, t, time, Words } from '@pileus/kit';
import { BridgeError, type Found, type ImportReport, type Phone, type Thread } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { marked, typedPerson } from './person.ts';
import { styles } from './styles.ts';
import './thread.ts';

const SEARCH_MS = 200;

interface Result {
  report?: ImportReport;
  failed?: string;
}

export class MessagesApp extends LitElement {
  static override styles = styles;
  @property({ attribute: false }) phone!: Phone;
  @state() private threads: Thread[] | undefined;
  @state() private open: Thread | undefined;
  @state() private openAt = '';
  @state() private words = '';
  @state() private beginning = false;
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
    this.phone.messages.onChange(() => void this.load());
    this.phone.records.subscribe('messages.draft', () => void this.load());
    this.phone.onBack(() => {
      if (!this.open && !this.words && !this.beginning) return false;
      if (this.open) this.leave();
      else if (this.beginning) this.beginning = false;
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
        <label class="search"><pl-icon name="search"></pl-icon><input type="search" placeholder=${t('messages.search')}
          aria-label=${t('messages.search')} .value=${this.words} @input=${(event: Event) => this.seek((event.target as HTMLInputElement).value)}></label>
        ${this.work()}
        ${this.beginning ? this.newOne() : nothing}
        <div class="list">${this.words ? this.results() : this.conversations()}</div>
        <input type="file" hidden accept=".xml,.json,.jsonl,.ndjson,.txt,.db,.zip,text/xml,application/json" @change=${this.pick}>
      </main>
      <aside>${
        this.open
          ? keyed(
              this.open.id + this.openAt,
              html`<message-thread .phone=${this.phone} .thread=${this.open} .found=${this.openAt} @leave=${this.leave}></message-thread>`,
            )
          : html`<pl-empty glyph="message-circle" text=${t('messages.choose')}></pl-empty>`
      }</aside>
    </div>`;
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
        ${this.avatar(thread)}<span class="name">${thread.contact || thread.address}</span><time>${this.time(thread.lastMs)}</time>
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
        ${this.avatar({ ...one, id: one.thread })}<span class="name">${one.contact || one.address}</span><time>${this.time(one.date_ms)}</time>
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

  private avatar(person: { id: string; contact: string }) {
    const group = person.id.startsWith('group-');
    return html`<pl-avatar .person=${person.id} .name=${group ? '' : person.contact} .glyph=${group ? 'users' : 'user'}></pl-avatar>`;
  }

  private async load(): Promise<void> {
    this.threads = await this.phone.messages.threads();
  }

  private newOne() {
    return html`<form class="new" @submit=${this.start}>
      <input type="text" name="person" autocomplete="off" placeholder=${t('messages.to')} aria-label=${t('messages.to')} aria-invalid=${this.strange}
        aria-describedby="new-hint">
      <pl-button kind="primary" @click=${() => this.renderRoot.querySelector<HTMLFormElement>('form.new')!.requestSubmit()}>${t('messages.start')}</pl-button>
      <p id="new-hint" class=${this.strange ? 'bad' : ''}>${t(this.strange ? 'messages.to-strange' : 'messages.to-hint')}</p></form>`;
  }

  private begin = async (): Promise<void> => {
    this.beginning = !this.beginning;
    this.strange = false;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLInputElement>('form.new input')?.focus();
  };

  private start = (event: Event): void => {
    event.preventDefault();
    const typed = String(new FormData(event.target as HTMLFormElement).get('person') ?? '');
    const person = typedPerson(typed);
    this.strange = !person;
    if (!person) return;
    const id = person.startsWith('@') ? person.toLocaleLowerCase() : person.replace(/[\s().\-/]/g, '');
    const known = this.threads?.find((one) => one.id === id);
    const nothing = {
      lastMs: 0,
      lastBody: '',
      lastOut: false,
      count: 0,
      unread: 0,
      draft: '',
      unsure: false,
    };
    this.beginning = false;
    this.show(
      known ?? {
        id,
        address: person,
        contact: person.startsWith('@') ? person.slice(1) : '',
        people: [person],
        ...nothing,
      },
    );
  };

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
