/** One picture of a message, over everything else. Fires `close`. */

import { saveAs, t, Words } from '@pileus/kit';
import { css, html, LitElement } from 'lit';
import { property, query } from 'lit/decorators.js';

export interface Large {
  name: string;
  content: Blob;
}

export class MessageLarge extends LitElement {
  static override styles = css`
    dialog { box-sizing: border-box; position: fixed; inset: 0; width: 100%; height: 100%; max-width: none; max-height: none; margin: 0; padding: 0; border: 0;
      background: var(--pl-surface); color: var(--pl-ink); }
    dialog[open] { display: flex; flex-direction: column; }
    header { display: flex; align-items: center; gap: 4px; min-height: 60px; padding: 0 12px; flex: none; }
    h2 { flex: 1; min-width: 0; margin: 0; font: 500 16px/1.3 var(--pl-font); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    button { all: unset; width: 44px; height: 44px; flex: none; display: grid; place-items: center; border-radius: var(--pl-radius); cursor: pointer; }
    button:focus-visible { outline: 2px solid var(--pl-accent); } button:active { background: var(--pl-pressed); }
    img { flex: 1; min-height: 0; width: 100%; object-fit: contain; }
  `;
  @property({ attribute: false }) picture!: Large;
  @query('dialog') private dialog!: HTMLDialogElement;
  private url = '';

  constructor() {
    super();
    new Words(this);
  }

  override willUpdate(): void {
    this.url ||= URL.createObjectURL(this.picture.content);
  }

  override firstUpdated(): void {
    this.dialog.showModal();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    URL.revokeObjectURL(this.url);
  }

  override render() {
    const { name } = this.picture;
    const button = (glyph: string, label: string, act: () => void) =>
      html`<button aria-label=${label} title=${label} @click=${act}><pl-icon name=${glyph}></pl-icon></button>`;
    return html`<dialog aria-labelledby="name" @cancel=${this.end}>
      <header>${button('x', t('messages.close'), this.end)}<h2 id="name">${name}</h2>${button('download', t('messages.save'), this.save)}</header>
      <img src=${this.url} alt=${name}></dialog>`;
  }

  private end = (): void => {
    this.dialog.close();
    this.dispatchEvent(new Event('close'));
  };

  private save = (): void => saveAs(this.picture.content, this.picture.name);
}
customElements.define('message-large', MessageLarge);
