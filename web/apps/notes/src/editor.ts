/** One open note. What is typed is durable on this device a moment later, and at once when it is left. */

import { localeTag, t, Words } from '@pileus/kit';
import type { Phone, PhoneText } from '@pileus/sdk';
import { css, html, LitElement } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { Body, mergeUpdates } from './body.ts';
import { COLLECTION, type Note, titleOf } from './note.ts';

const SAVE_MS = 250;

export class NoteEditor extends LitElement {
  static override styles = css`
    :host { display: flex; flex-direction: column; height: 100%; background: var(--pl-surface); }
    header { display: flex; align-items: center; gap: 4px; padding: 6px 12px; min-height: 56px; box-sizing: border-box; }
    header span { flex: 1; }
    button { all: unset; min-width: 44px; height: 44px; border-radius: var(--pl-radius); display: inline-grid; place-items: center;
      color: var(--pl-ink-soft); cursor: pointer; font: 500 14px/1 var(--pl-font); padding: 0 8px; box-sizing: border-box; }
    button:active { background: var(--pl-pressed); }
    button:focus-visible { outline: 2px solid var(--pl-accent); }
    .when { padding: 0 var(--pl-side) 8px; font: 400 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    textarea { all: unset; flex: 1; box-sizing: border-box; padding: 4px var(--pl-side) 32px; overflow: auto; white-space: pre-wrap;
      overflow-wrap: anywhere; font: 400 16px/1.6 var(--pl-font); color: var(--pl-ink); caret-color: var(--pl-accent); }
    .failed { margin: 0 var(--pl-side) 8px; color: var(--pl-red); font: 400 14px/1.4 var(--pl-font); }
    @media (min-width: 720px) { .back { display: none; } }
  `;
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) note!: Note;
  @property({ type: Boolean }) fresh = false;
  @state() private failed = '';
  @query('textarea') private area!: HTMLTextAreaElement;
  private text: PhoneText | undefined;
  private body: Body | undefined;
  private unsaved: Uint8Array[] = [];
  private timer = 0;
  private created = false;
  private gone = false;
  private off: () => void = () => undefined;

  constructor() {
    super();
    new Words(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.save);
    window.addEventListener('pagehide', this.save);
    this.off = this.phone.onLeave(this.save);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.save);
    window.removeEventListener('pagehide', this.save);
    this.off();
    this.body?.detach();
    void this.save();
    this.text?.close();
    this.gone = true;
  }

  override async firstUpdated(): Promise<void> {
    const text = await this.phone.text(COLLECTION, this.note.id, 'body');
    if (this.gone) return text.close();
    this.text = text;
    this.body = new Body(text.state, (update) => this.keep(update));
    text.onUpdate((update) => this.body?.receive(update));
    this.body.attach(this.area);
    this.area.readOnly = false;
    if (this.fresh) this.area.focus();
  }

  override render() {
    const when = new Date(this.note.editedMs).toLocaleString(localeTag(), {
      dateStyle: 'medium',
      timeStyle: 'short',
    });
    return html`<header>
        <button class="back" aria-label=${t('notes.back')} @click=${() => this.tell('leave')}><pl-icon name="chevron-left"></pl-icon></button>
        <span></span>
        <button @click=${() => this.tell('pin')}>${t(this.note.pinned ? 'notes.unpin' : 'notes.pin')}</button>
        <button aria-label=${t('notes.delete')} @click=${() => this.tell('remove')}><pl-icon name="trash"></pl-icon></button>
      </header>
      <div class="when">${t('notes.edited', { when })}</div>
      ${this.failed ? html`<p class="failed" role="alert">${t('notes.failed', { why: this.failed })}</p>` : null}
      <textarea aria-label=${t('notes.body')} readonly></textarea>`;
  }

  private keep(update: Uint8Array): void {
    this.unsaved.push(update);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(this.save, SAVE_MS);
  }

  /** Sends at once; resolves when it is durable, or has failed and was said to. */
  private save = async (): Promise<void> => {
    clearTimeout(this.timer);
    const body = this.body;
    if (!body || !this.text || this.unsaved.length === 0) return;
    const update = mergeUpdates(this.unsaved.splice(0));
    const now = Date.now();
    const fields = { title: titleOf(body.value), edited_ms: now };
    const first = this.fresh && !this.created;
    this.created = true;
    await Promise.all([
      this.text.update(update),
      this.phone.records.put(
        COLLECTION,
        this.note.id,
        first ? { ...fields, created_ms: now, pinned: this.note.pinned } : fields,
      ),
    ]).then(
      () => {
        this.failed = '';
      },
      (error: Error) => {
        this.unsaved.unshift(update);
        this.failed = error.message;
      },
    );
  };

  private tell(name: string): void {
    this.dispatchEvent(new CustomEvent(name));
  }
}
customElements.define('note-editor', NoteEditor);
