/** Asks before something is deleted: over everything else, with what it does in a sentence. Fires `answer`. */

import { css, html, LitElement } from 'lit';
import { property, query } from 'lit/decorators.js';
import { t, Words } from '../i18n/index.ts';
import './button.ts';

export class PlSure extends LitElement {
  static override styles = css`
    dialog { box-sizing: border-box; width: min(400px, calc(100% - 40px)); padding: 24px; border: 0; border-radius: var(--pl-radius-card);
      background: var(--pl-card); color: var(--pl-ink); box-shadow: 0 12px 40px #0b142540; font: 400 16px/1.45 var(--pl-font); }
    dialog::backdrop { background: #0b142580; }
    h2 { margin: 0 0 8px; font: 600 20px/var(--pl-line-title) var(--pl-font); } p { margin: 0 0 20px; color: var(--pl-ink-soft); }
    div { display: flex; justify-content: flex-end; flex-wrap: wrap; gap: 8px; }
  `;
  @property() question = '';
  @property() explained = '';
  @query('dialog') private dialog!: HTMLDialogElement;

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    this.dialog.showModal();
  }

  override render() {
    return html`<dialog role="alertdialog" aria-labelledby="question" aria-describedby="explained" @cancel=${(event: Event) => this.answer(event, false)}>
      <h2 id="question">${this.question}</h2><p id="explained">${this.explained}</p>
      <div><pl-button @click=${(event: Event) => this.answer(event, false)}>${t('action.cancel')}</pl-button>
      <pl-button kind="danger" @click=${(event: Event) => this.answer(event, true)}>${t('action.delete')}</pl-button></div></dialog>`;
  }

  private answer(event: Event, sure: boolean): void {
    event.preventDefault();
    this.dialog.close();
    this.dispatchEvent(new CustomEvent<boolean>('answer', { detail: sure }));
  }
}
customElements.define('pl-sure', PlSure);
