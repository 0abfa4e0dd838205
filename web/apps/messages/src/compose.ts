/** Where a message is written: kept as a draft while it is, sent through a card or to an account of this cloud. */

import { problemWords, t, Words } from '@pileus/kit';
import { BridgeError, type Phone, type Sim } from '@pileus/sdk';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { cardsOf } from './person.ts';
import { check, fitted, MOST_PICTURES, roomFor } from './picture.ts';

const DRAFT_MS = 600;

/** What a draft has no room for. */
interface Letter {
  files: readonly File[];
  body: string;
  /** A try whose answer was lost, or is still to come, is the same message. */
  wish: ReturnType<typeof crypto.randomUUID>;
  /** What it became: undefined where it was sent. */
  sending: Promise<Failure | undefined> | undefined;
  /** Where the conversation is shown now: it may have been left and opened again. */
  holder: MessageCompose;
}

interface Failure {
  words: string;
  /** The cloud was not reached. */
  apart: boolean;
}

/** By conversation, while the app is open. */
const letters = new Map<string, Letter>();

interface Shown {
  file: File;
  url: string;
}

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
    button.attach { width: 44px; background: none; color: var(--pl-ink-soft); }
    button.attach[disabled] { opacity: 0.4; }
    ul { display: flex; gap: 8px; margin: 0 0 8px; padding: 4px 8px 0; overflow-x: auto; list-style: none; }
    li { position: relative; flex: none; padding: 8px 8px 0 0; }
    li img { display: block; width: 88px; height: 88px; border-radius: var(--pl-radius); object-fit: cover; background: var(--pl-sunken); }
    li button { position: absolute; top: -8px; right: -8px; width: 44px; height: 44px; background: none; }
    li button[disabled] { visibility: hidden; }
    li button span { width: 24px; height: 24px; display: grid; place-items: center; border-radius: 50%; background: var(--pl-ink); color: var(--pl-surface); }
    li pl-icon { width: 14px; height: 14px; }
    textarea::placeholder { color: var(--pl-ink-soft); opacity: 1; }
    p { margin: 0 8px 8px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); } .bad { color: var(--pl-red); }
  `;
  @property({ attribute: false }) phone!: Phone;
  @property() thread = '';
  @property({ attribute: false }) people: string[] = [];
  @property() contact = '';
  @state() private body = '';
  @state() private pictures: readonly Shown[] = [];
  @state() private sims: Sim[] | undefined;
  @state() private sim = '';
  @state() private failed = '';
  @state() private busy = false;
  /** Which of the pictures is on its way to the cloud. */
  @state() private brought = 0;
  @query('textarea') private area!: HTMLTextAreaElement;
  @query('input') private picker!: HTMLInputElement;
  private timer = 0;
  /** What failed did so for want of the cloud: that is said until it is reached. */
  private apart = false;
  private down = false;
  private off: (() => void) | undefined;
  private changed = false;
  private read: Promise<void> | undefined;
  /** One after the other: an older one would overtake the last. */
  private keeping: Promise<void> = Promise.resolve();
  /** Of the message that is being written. */
  private wish = crypto.randomUUID();

  constructor() {
    super();
    new Words(this);
  }

  override async firstUpdated(): Promise<void> {
    this.off = this.phone.onStatus(({ online }) => this.reached(online));
    const letter = letters.get(this.thread);
    if (letter) {
      this.pictures = letter.files.map(shown);
      this.wish = letter.wish;
      letter.holder = this;
      this.busy = letter.sending !== undefined;
    }
    this.read = this.readDraft();
    await this.read;
    if (letter) void this.follow(letter);
    try {
      this.sims = cardsOf(await this.phone.messages.sims());
    } catch {
      this.sims = undefined; // not known without the cloud: any card then
    }
  }

  override willUpdate(changed: PropertyValues): void {
    const before = changed.get('thread') as string | undefined;
    if (before) void this.moveFrom(before);
  }

  private async readDraft(): Promise<void> {
    const draft = await this.phone.messages.draft(this.thread);
    if (!this.changed) this.body = draft;
  }

  /** The conversation has another id now: what is written goes along, above what was written there. */
  private async moveFrom(before: string): Promise<void> {
    const letter = letters.get(before);
    letters.delete(before);
    if (letter) letters.set(this.thread, letter);
    await this.read;
    const there = await this.phone.messages.draft(this.thread);
    if (!this.body.includes(there)) this.body = this.written ? `${this.body.trimEnd()}\n${there}` : there;
    this.changed = true;
    await this.keep();
    await this.phone.messages.keepDraft(before, this.people, ''); // last: never is it nowhere
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.off?.();
    const letter = letters.get(this.thread);
    if (letter ? !letter.sending && !same(letter.files, this.files) : this.pictures.length > 0)
      letters.set(this.thread, { ...this.letter(''), wish: crypto.randomUUID() });
    for (const { url } of this.pictures) URL.revokeObjectURL(url);
    void this.keep();
  }

  private get files(): File[] {
    return this.pictures.map(({ file }) => file);
  }

  private letter(body: string): Letter {
    return { files: this.files, body, wish: this.wish, sending: undefined, holder: this };
  }

  private get account(): boolean {
    return this.people.every((one) => one.startsWith('@'));
  }

  private get something(): boolean {
    return this.body.trim() !== '' || this.pictures.length > 0;
  }

  override render() {
    const { account } = this;
    const none = !account && this.sims?.length === 0;
    const count = this.pictures.length;
    return html`
      ${this.failed ? html`<p class="bad" role="alert">${this.failed}</p>` : nothing}
      ${none && this.something ? html`<p role="status">${t('messages.no-card')}</p>` : nothing}
      ${count > 0 ? html`<ul aria-label=${t('messages.pictures')}>${this.pictures.map((one) => this.preview(one))}</ul>` : nothing}
      ${this.busy && count > 0 ? html`<p role="status">${t('messages.bringing', { at: Math.min(this.brought + 1, count), all: count })}</p>` : nothing}
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
        <button type="button" class="attach" aria-label=${t('messages.attach')} title=${t('messages.attach')} ?disabled=${this.busy} @click=${() => this.picker.click()}><pl-icon name="image"></pl-icon></button>
        <textarea rows="1" placeholder=${t('messages.write')} aria-label=${t('messages.write')} .value=${this.body} @input=${this.input} @paste=${this.paste}></textarea>
        <button type="submit" aria-label=${t('messages.send')} ?disabled=${this.busy || !this.something}><pl-icon name="send"></pl-icon></button>
      </form>
      <input type="file" accept="image/*" multiple hidden @change=${this.pick}>`;
  }

  private preview(one: Shown) {
    const name = one.file.name || t('messages.picture');
    const label = t('messages.remove-picture', { name });
    return html`<li><img src=${one.url} alt=${name}>
      <button type="button" aria-label=${label} title=${label} ?disabled=${this.busy} @click=${() => this.drop(one)}><span><pl-icon name="x"></pl-icon></span></button></li>`;
  }

  private pick = (): void => {
    const files = [...(this.picker.files ?? [])];
    this.picker.value = '';
    void this.add(files);
  };

  private paste = (event: ClipboardEvent): void => {
    const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'));
    if (files.length === 0 || this.busy) return;
    event.preventDefault();
    void this.add(files);
  };

  private async add(files: readonly File[]): Promise<void> {
    this.failed = '';
    for (const file of files) {
      const good = await check(file).then(
        () => true,
        () => false,
      );
      if (this.pictures.length >= MOST_PICTURES) {
        this.failed = t('messages.most-pictures', { count: MOST_PICTURES });
        return;
      }
      if (good) this.pictures = [...this.pictures, shown(file)];
      else this.failed = t('messages.no-picture', { name: file.name });
    }
    this.area.focus();
  }

  private drop(one: Shown): void {
    this.pictures = this.pictures.filter((other) => other !== one);
    URL.revokeObjectURL(one.url);
    this.failed = '';
    this.area.focus();
  }

  private input = (): void => {
    this.body = this.area.value;
    this.changed = true;
    this.failed = '';
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.keep(), DRAFT_MS);
  };

  private reached(online: boolean): void {
    const back = online && this.down;
    this.down = !online;
    if (!back || !this.apart) return;
    this.apart = false;
    this.failed = '';
  }

  /** Keeps what is written as the conversation's draft. */
  async keep(): Promise<void> {
    if (!this.changed) return this.keeping.catch(() => undefined);
    this.changed = false;
    const { thread, people, written } = this;
    const keep = () => this.phone.messages.keepDraft(thread, people, written);
    this.keeping = this.keeping.then(keep, keep);
    await this.keeping;
  }

  private send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.busy || !this.something) return;
    const before = letters.get(this.thread);
    // What was tried and then changed is another message: as the same one, it would be taken for sent.
    if (before && !(before.body === this.written && same(before.files, this.files)))
      this.wish = crypto.randomUUID();
    const letter = this.letter(this.written);
    letter.sending = this.bring(letter);
    letters.set(this.thread, letter);
    await this.follow(letter);
    await this.updateComplete;
    this.area.focus();
  };

  /**
   * Puts what was taken back from being sent under what is written meanwhile, and keeps it. False where its
   * pictures have no place here, or where nobody looks any more: nothing of it is here then.
   */
  async bringBack(body: string, files: readonly File[]): Promise<boolean> {
    if (!this.isConnected) return false;
    this.failed = '';
    const full = this.pictures.length + files.length > MOST_PICTURES;
    // Those on their way are kept for the message that they go with, not for the conversation.
    if (files.length > 0 && (this.busy || full)) {
      this.failed = t(full ? 'messages.back-full' : 'messages.back-busy', { most: MOST_PICTURES });
      return false;
    }
    this.pictures = [...this.pictures, ...files.map(shown)]; // read as pictures when they were chosen
    if (body) this.body = this.written ? `${this.body.trimEnd()}\n${body}` : body;
    this.changed = true;
    this.area.focus();
    await this.keep();
    return true;
  }

  private get written(): string {
    return this.body.trim() ? this.body : '';
  }

  /** Sends it: what went wrong, in words. */
  private async bring(letter: Letter): Promise<Failure | undefined> {
    const { people, sim, contact } = this;
    const { wish: id, body, files } = letter;
    const room = roomFor(files.length, this.account);
    const parts: File[] = [];
    for (const file of files) {
      try {
        parts.push(await fitted(file, room));
      } catch {
        return { words: t('messages.no-picture', { name: file.name }), apart: false };
      }
    }
    try {
      const { thread } = this;
      await this.phone.messages.send({ id, thread, people, body, sim, contact }, parts, (done) => {
        letter.holder.brought = done;
      });
      return undefined;
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      if (error.code !== 'offline')
        return {
          words: t('messages.send-failed', { why: problemWords(error.code, error.message) }),
          apart: false,
        };
      const kept = files.length > 0 ? 'messages.send-offline-pictures' : 'messages.send-offline';
      return { words: t(kept), apart: true };
    }
  }

  /** Shows what becomes of a letter that is on its way, also where the conversation was left meanwhile. */
  private async follow(letter: Letter): Promise<void> {
    if (!letter.sending) return;
    this.busy = true;
    this.failed = '';
    this.apart = false;
    this.brought = 0;
    try {
      const failure = await letter.sending;
      if (letter.holder !== this) return;
      if (failure) {
        this.failed = failure.words;
        this.apart = failure.apart;
      } else await this.sent(letter);
    } finally {
      if (letter.holder === this) letter.sending = undefined;
      this.busy = false;
    }
  }

  /** What was written or chosen since then stays. */
  private async sent(letter: Letter): Promise<void> {
    letters.delete(this.thread);
    this.wish = crypto.randomUUID();
    if (this.written === letter.body) this.body = '';
    for (const { file, url } of this.pictures) if (letter.files.includes(file)) URL.revokeObjectURL(url);
    this.pictures = this.pictures.filter(({ file }) => !letter.files.includes(file));
    this.changed = true;
    await this.keep();
    this.dispatchEvent(new CustomEvent('sent'));
  }
}
customElements.define('message-compose', MessageCompose);

function same(some: readonly File[], others: readonly File[]): boolean {
  return some.length === others.length && some.every((file, at) => file === others[at]);
}

function shown(file: File): Shown {
  return { file, url: URL.createObjectURL(file) };
}
