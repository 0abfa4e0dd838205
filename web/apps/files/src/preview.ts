/** What is in a file, shown by the browser's own means: pictures, texts, sound and video.
 *
 * Nothing of it becomes a page: pictures and media are elements of their kinds, texts are text nodes. A script in
 * an SVG does not run in an img.
 */

import { bytes, t, Words } from '@pileus/kit';
import { html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { type Content, hasThumbnail, isReadAtOnce, kindOf, textOf, typeOf } from './content.ts';
import { glyphOf } from './entry.ts';
import { nameStyles } from './name.ts';
import { previewStyles } from './styles.ts';
import { why } from './words.ts';

interface Shown {
  name: string;
  type: string;
  size: number;
}

/** Asks `read` for the content when it is put into the page, and again where `version` changes. */
export class FilesPreview extends LitElement {
  static override styles = [previewStyles, nameStyles];
  @property({ attribute: false }) file!: Shown;
  @property() version = '';
  @property({ attribute: false }) read!: () => Promise<Blob>;
  /** A small picture of a picture, for those that a browser cannot show (HEIC). */
  @property({ attribute: false }) small: (() => Promise<Blob>) | undefined;
  @state() private content: Content | undefined;
  @state() private failed = '';
  private turn = 0;

  constructor() {
    super();
    new Words(this);
  }

  override updated(changed: Map<string, unknown>): void {
    if (!changed.has('version') && this.turn > 0) return;
    this.drop();
    if (isReadAtOnce(this.file)) void this.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.drop();
  }

  override render() {
    if (this.failed) return this.told(this.failed);
    const { content } = this;
    if (!content) {
      if (kindOf(this.file) === 'none') return this.told(t('files.no-preview'));
      if (isReadAtOnce(this.file)) return html`<div class="wait" role="status">${t('files.loading')}</div>`;
      return this.told(
        t('files.large', { size: bytes(this.file.size) }),
        html`<pl-button @click=${() => void this.load()}>${t('files.show-anyway')}</pl-button>`,
      );
    }
    const cannot = () => {
      this.failed = t('files.cannot-show');
    };
    switch (content.kind) {
      case 'image':
        return html`<img src=${content.url} alt=${this.file.name} @error=${() => void this.showSmall()}>${content.small ? html`<p>${t('files.small')}</p>` : nothing}`;
      case 'video':
        return html`<video src=${content.url} controls playsinline aria-label=${this.file.name} @error=${cannot}></video>`;
      case 'audio':
        return html`<div class="sound"><pl-icon name="music"></pl-icon><audio src=${content.url} controls aria-label=${this.file.name} @error=${cannot}></audio></div>`;
      case 'text':
        return html`<pre tabindex="0">${content.text}</pre>${content.cut ? html`<p>${t('files.text-cut')}</p>` : nothing}`;
    }
  }

  private told(text: string, more: unknown = nothing) {
    const glyph = glyphOf({ ...this.file, folder: false });
    return html`<pl-empty glyph=${glyph} text=${text}>${more}</pl-empty>`;
  }

  private async load(): Promise<void> {
    const turn = ++this.turn;
    try {
      const content = await this.contentOf(await this.read());
      if (turn === this.turn && this.isConnected) this.content = content;
      else if ('url' in content) URL.revokeObjectURL(content.url);
    } catch (error) {
      if (turn === this.turn) this.failed = why(error);
    }
  }

  private async showSmall(): Promise<void> {
    const turn = ++this.turn;
    const blob = hasThumbnail(this.file) ? await this.small?.().catch(() => undefined) : undefined;
    if (turn !== this.turn || !this.isConnected) return;
    if (!blob || (this.content?.kind === 'image' && this.content.small)) {
      this.failed = t('files.cannot-show');
      return;
    }
    this.drop();
    this.content = { kind: 'image', url: URL.createObjectURL(blob), small: true };
  }

  private async contentOf(blob: Blob): Promise<Content> {
    const kind = kindOf(this.file);
    if (kind === 'text') return { kind, ...(await textOf(blob)) };
    if (kind === 'none') throw new Error('it has no preview');
    const url = URL.createObjectURL(new Blob([blob], { type: typeOf(this.file) }));
    return kind === 'image' ? { kind, url, small: false } : { kind, url };
  }

  private drop(): void {
    if (this.content && 'url' in this.content) URL.revokeObjectURL(this.content.url);
    this.content = undefined;
    this.failed = '';
    this.turn += 1;
  }
}
customElements.define('files-preview', FilesPreview);
