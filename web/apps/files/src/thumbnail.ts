/** A file's small picture, asked for when it comes into view; its glyph until then, and where it has none. */

import type { Phone } from '@pileus/sdk';
import { css, html, LitElement, type PropertyValues } from 'lit';
import { property, state } from 'lit/decorators.js';
import { type Entry, glyphOf } from './entry.ts';
import { Turns } from './turns.ts';

/** Addresses of pictures by file and content; the longest unused ones are let go. */
const MOST = 300;
const kept = new Map<string, string>();
/** The phone's connections to its cloud are few, and for more than pictures. */
const turns = new Turns<FilesThumbnail>(2);

export class FilesThumbnail extends LitElement {
  static override styles = css`
    :host, img { display: grid; place-items: center; width: 100%; height: 100%; }
    img { object-fit: cover; }
  `;
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) entry!: Entry;
  @state() private url = '';
  private asked = '';
  private readonly seen = new IntersectionObserver((entries) => {
    if (entries.at(-1)?.isIntersecting) this.wish();
    else turns.drop(this);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.seen.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.seen.disconnect();
    turns.drop(this);
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('entry')) return;
    this.url = take(keyOf(this.entry)) ?? '';
    this.asked = this.url && keyOf(this.entry);
    // It may have been in view already, as another file's.
    this.seen.unobserve(this);
    this.seen.observe(this);
  }

  override render() {
    const failed = () => {
      drop(keyOf(this.entry));
      this.url = '';
    };
    return this.url
      ? html`<img src=${this.url} alt="" @error=${failed}>`
      : html`<pl-icon name=${glyphOf(this.entry)}></pl-icon>`;
  }

  private wish(): void {
    if (this.asked !== keyOf(this.entry)) turns.wish(this, () => this.load());
  }

  private async load(): Promise<void> {
    const key = keyOf(this.entry);
    this.asked = key;
    const blob = await this.phone.files.thumbnail(this.entry.id).catch((error: unknown) => {
      // Without the cloud it is asked for when it comes into view again.
      if (!(error instanceof Error && 'code' in error && error.code === 'no-thumbnail')) this.asked = '';
      return undefined;
    });
    if (!blob) return;
    const url = take(key) ?? put(key, URL.createObjectURL(blob));
    if (key === keyOf(this.entry)) this.url = url;
  }
}
customElements.define('files-thumbnail', FilesThumbnail);

function keyOf(entry: Entry): string {
  return `${entry.id} ${entry.version}`;
}

function take(key: string): string | undefined {
  const url = kept.get(key);
  if (url === undefined) return undefined;
  kept.delete(key);
  kept.set(key, url);
  return url;
}

function drop(key: string): void {
  const url = kept.get(key);
  if (url !== undefined) URL.revokeObjectURL(url);
  kept.delete(key);
}

function put(key: string, url: string): string {
  kept.set(key, url);
  for (const [oldest, its] of kept) {
    if (kept.size <= MOST) break;
    kept.delete(oldest);
    URL.revokeObjectURL(its);
  }
  return url;
}
