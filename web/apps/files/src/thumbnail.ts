/** A file's small picture, asked for when it comes into view; its glyph until then, and where it has none. */

import type { Phone } from '@pileus/sdk';
import { css, html, LitElement, type PropertyValues } from 'lit';
import { property, state } from 'lit/decorators.js';
import { type Entry, glyphOf } from './entry.ts';

/** Addresses of pictures by file and content; the longest unused ones are let go. */
const MOST = 300;
const kept = new Map<string, string>();

export class FilesThumbnail extends LitElement {
  static override styles = css`
    :host, img { display: grid; place-items: center; width: 100%; height: 100%; }
    img { object-fit: cover; }
  `;
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) entry!: Entry;
  @state() private url = '';
  private asked = '';
  private readonly seen = new IntersectionObserver(([one]) => {
    if (one?.isIntersecting) void this.load();
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.seen.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.seen.disconnect();
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
      this.url = '';
    };
    return this.url
      ? html`<img src=${this.url} alt="" @error=${failed}>`
      : html`<pl-icon name=${glyphOf(this.entry)}></pl-icon>`;
  }

  private async load(): Promise<void> {
    const key = keyOf(this.entry);
    if (this.asked === key) return;
    this.asked = key;
    const blob = await this.phone.files.thumbnail(this.entry.id).catch(() => undefined);
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

function put(key: string, url: string): string {
  kept.set(key, url);
  for (const [oldest, its] of kept) {
    if (kept.size <= MOST) break;
    kept.delete(oldest);
    URL.revokeObjectURL(its);
  }
  return url;
}
