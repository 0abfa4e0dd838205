/** One attachment of a message: a picture where browsers show it, else a file that is saved. Fires `shown` when a picture has its
 * height, and `large` when it is pressed. */

import { bytes, saveAs, t, Words } from '@pileus/kit';
import type { Phone } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { Large } from './large.ts';

const PICTURES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif', 'image/bmp']);

export interface Part {
  type: string;
  name: string;
  size: number;
  object: string;
}

/** What `large` tells: a press that was held long means something else. */
export interface Pressed {
  press: Event;
  picture: Large;
}

export class MessagePart extends LitElement {
  static override styles = css`
    :host { display: block; margin: 2px 0; align-self: flex-start; max-width: min(78%, 320px); }
    :host([out]) { align-self: flex-end; }
    img, .wait { display: block; max-width: 100%; max-height: 320px; border-radius: 20px; background: var(--pl-sunken); }
    .wait { width: 200px; height: 150px; }
    button.picture { all: unset; display: block; border-radius: 20px; cursor: pointer; }
    button:not(.picture) { all: unset; box-sizing: border-box; min-height: 48px; padding: 6px 16px; display: flex; gap: 12px; align-items: center;
      border-radius: 20px; background: var(--pl-card); color: var(--pl-ink); font: 400 14px/1.3 var(--pl-font); cursor: pointer; }
    button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
    span { min-width: 0; overflow-wrap: anywhere; } small { display: block; color: var(--pl-ink-soft); }
    pl-icon { width: 20px; height: 20px; }
  `;
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) piece!: Part;
  @property() message = '';
  @property({ type: Number }) number = 0;
  /** It is within something that is pressed as a whole. */
  @property({ type: Boolean }) still = false;
  @state() private url = '';
  private content: Blob | undefined;
  @state() private failed = false;
  private watch: IntersectionObserver | undefined;

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    if (!PICTURES.has(this.piece.type) || !this.piece.object) return;
    // A long conversation has more pictures than anybody looks at.
    this.watch = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      this.watch?.disconnect();
      void this.load();
    });
    this.watch.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.watch?.disconnect();
    if (this.url) URL.revokeObjectURL(this.url);
  }

  override render() {
    const { name, size, object, type } = this.piece;
    const shown = name || t(PICTURES.has(type) ? 'messages.picture' : 'messages.attachment');
    if (object && PICTURES.has(type) && !this.failed)
      return this.url
        ? html`<button class="picture" ?disabled=${this.still} aria-haspopup="dialog" @click=${(event: Event) => this.show(event, shown)}><img src=${this.url} alt=${shown} @load=${this.tell}></button>`
        : html`<div class="wait" role="img" aria-label=${shown}></div>`;
    const why = object ? bytes(size) : t('messages.part-missing');
    return html`<button ?disabled=${!object || this.still} @click=${() => void this.save(shown)}>
      <pl-icon name=${PICTURES.has(type) ? 'image' : 'file'}></pl-icon><span>${shown}<small>${why}</small></span>${
        object ? html`<pl-icon name="download"></pl-icon>` : nothing
      }</button>`;
  }

  /** It has its height now. */
  private tell = (): void => {
    this.dispatchEvent(new Event('shown', { bubbles: true }));
  };

  private show(press: Event, name: string): void {
    const detail: Pressed = { press, picture: { name, content: this.content! } };
    this.dispatchEvent(new CustomEvent('large', { detail }));
  }

  private async load(): Promise<void> {
    try {
      this.content = await this.phone.messages.part(this.message, this.number);
      this.url = URL.createObjectURL(this.content);
      await this.updateComplete;
    } catch {
      this.failed = true; // without the cloud it can be tried by hand
    }
  }

  private async save(name: string): Promise<void> {
    saveAs(await this.phone.messages.part(this.message, this.number), name);
  }
}
customElements.define('message-part', MessagePart);
