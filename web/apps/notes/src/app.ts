/** Notes: the list, and beside it or over it the open note. */

import '@pileus/kit';
import { localeTag, rereads, t, Words } from '@pileus/kit';
import type { Phone } from '@pileus/sdk';
import { html, LitElement } from 'lit';
import { property, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import './editor.ts';
import { COLLECTION, findNotes, groupNotes, type Note, noteOf, snippetOf } from './note.ts';
import { styles } from './styles.ts';

const UNDO_MS = 6000;

export class NotesApp extends LitElement {
  static override styles = styles;
  @property({ attribute: false }) phone!: Phone;
  @state() private notes?: Note[];
  @state() private query = '';
  @state() private open: Note | undefined;
  @state() private fresh = false;
  @state() private removed: Note | undefined;
  private timer = 0;

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    void this.load();
    this.phone.records.subscribe(COLLECTION, () => void this.load());
    this.phone.onBack(() => {
      if (!this.open) return false;
      this.leave();
      return true;
    });
    this.phone.onIntent((intent) => this.wish(intent.view));
    this.wish(this.phone.intent.view);
    this.phone.onLeave(() => this.finishRemoval());
    window.addEventListener('pagehide', () => void this.finishRemoval());
  }

  override render() {
    return html`<div class="panes ${this.open ? 'open' : ''}">
      <main>
        <h1>${t('notes.title')}</h1>
        <label class="search"><pl-icon name="search"></pl-icon><input type="search" placeholder=${t('notes.search')}
          aria-label=${t('notes.search')} .value=${this.query} @input=${this.seek}></label>
        <div class="list">${this.list()}</div>
        <button class="new" aria-label=${t('notes.new')} @click=${this.create}><pl-icon name="plus"></pl-icon></button>
      </main>
      <aside>${
        this.open
          ? keyed(
              this.open.id,
              html`<note-editor .phone=${this.phone} .note=${this.open} .fresh=${this.fresh} @leave=${this.leave}
                @pin=${this.pin} @remove=${this.bin}></note-editor>`,
            )
          : html`<pl-empty glyph="file-text" text=${t('notes.choose')}></pl-empty>`
      }</aside>
    </div>
    ${
      this.removed
        ? html`<div class="undo" role="status"><span>${t('notes.deleted')}</span>
          <button @click=${this.undo}>${t('notes.undo')}</button></div>`
        : null
    }`;
  }

  private list() {
    if (!this.notes) return null;
    const kept = this.notes.filter((note) => note.id !== this.removed?.id);
    if (kept.length === 0)
      return html`<pl-empty glyph="pencil" text=${t('notes.empty')}><pl-button kind="primary" @click=${this.create}>${t('notes.new')}</pl-button></pl-empty>`;
    const found = findNotes(kept, this.query);
    if (found.length === 0)
      return html`<pl-empty glyph="search" text=${t('notes.none-found', { query: this.query })}></pl-empty>`;
    return groupNotes(found, new Date()).map(
      (group) =>
        html`<section><h2>${
          typeof group.name === 'string' ? t(group.name) : this.month(group.name)
        }</h2><div class="card">${group.notes.map((note) => this.row(note))}</div></section>`,
    );
  }

  private row(note: Note) {
    return html`<button class="row" aria-current=${note.id === this.open?.id ? 'true' : 'false'} @click=${() => this.show(note)}>
      <span class="name">${note.title || t('notes.untitled')}</span>
      <span class="under"><time>${this.time(note.editedMs)}</time>${snippetOf(note) || t('notes.no-text')}</span>
      ${note.pending ? html`<pl-icon name="cloud-upload" class="pending" role="img" aria-label=${t('notes.pending')}></pl-icon>` : null}
    </button>`;
  }

  private readonly load = rereads(async () => {
    this.notes = (await this.phone.records.query(COLLECTION)).map(noteOf);
    const now = this.notes.find((note) => note.id === this.open?.id);
    if (now) this.open = now;
    else if (this.open && !this.fresh) this.open = undefined;
  });

  private show(note: Note): void {
    this.fresh = false;
    this.open = note;
  }

  private create = (): void => {
    this.fresh = true;
    this.query = '';
    const now = Date.now();
    this.open = {
      id: crypto.randomUUID(),
      title: '',
      body: '',
      editedMs: now,
      pinned: false,
      pending: false,
    };
  };

  private leave = (): void => {
    this.open = undefined;
    this.fresh = false;
  };

  private pin = (): void => {
    if (!this.open) return;
    this.open = { ...this.open, pinned: !this.open.pinned };
    if (this.notes?.some((note) => note.id === this.open?.id))
      void this.phone.records.put(COLLECTION, this.open.id, { pinned: this.open.pinned });
  };

  /** It is deleted when the offer to undo has passed: until then nothing is lost. */
  private bin = (): void => {
    void this.finishRemoval();
    const note = this.open;
    this.leave();
    if (!note || !this.notes?.some((one) => one.id === note.id)) return;
    this.removed = note;
    this.timer = window.setTimeout(() => void this.finishRemoval(), UNDO_MS);
  };

  private undo = (): void => {
    clearTimeout(this.timer);
    this.removed = undefined;
  };

  private async finishRemoval(): Promise<void> {
    clearTimeout(this.timer);
    const note = this.removed;
    if (!note) return;
    this.notes = this.notes?.filter((one) => one.id !== note.id) ?? [];
    this.removed = undefined;
    await this.phone.records.delete(COLLECTION, note.id);
  }

  private wish(view: unknown): void {
    if (view === 'new') this.create();
  }

  private seek = (event: Event): void => {
    this.query = (event.target as HTMLInputElement).value;
  };

  private time(ms: number): string {
    const date = new Date(ms);
    const today = date.toDateString() === new Date().toDateString();
    return date.toLocaleString(
      localeTag(),
      today ? { timeStyle: 'short' } : { month: 'short', day: 'numeric' },
    );
  }

  private month(ms: number): string {
    return new Date(ms).toLocaleDateString(localeTag(), { month: 'long', year: 'numeric' });
  }
}
customElements.define('notes-app', NotesApp);
