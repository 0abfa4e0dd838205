/** What narrows a search: a conversation and a span of time. */

import { t, Words } from '@pileus/kit';
import type { Thread } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property } from 'lit/decorators.js';
import { ANYTHING, type Chosen, SPANS, type Span } from './within.ts';

/** Conversations that can be chosen: the newest of them. */
const OFFERED = 100;

/** Fires `within` with the new choice. */
export class SearchWithin extends LitElement {
  static override styles = css`
    :host { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; margin: 0 var(--pl-side) 12px; flex: none; }
    select, input { all: unset; box-sizing: border-box; min-width: 0; width: 100%; height: 40px; padding: 0 14px; border-radius: 20px; background: var(--pl-sunken); color: var(--pl-ink-soft);
      font: 400 14px/40px var(--pl-font); text-overflow: ellipsis; overflow: hidden; white-space: nowrap; cursor: pointer; }
    .set { background: var(--pl-accent-strong); color: var(--pl-on-accent); }
    option { background: var(--pl-card); color: var(--pl-ink); }
    label { display: block; font: 400 12px/1.6 var(--pl-font); color: var(--pl-ink-soft); text-indent: 4px; }
    input { background: var(--pl-sunken); color: var(--pl-ink); border-radius: var(--pl-radius); text-indent: 0; }
    :is(select, input):focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 1px; }
  `;
  @property({ attribute: false }) threads: readonly Thread[] = [];
  @property({ attribute: false }) chosen: Chosen = ANYTHING;
  @property({ attribute: false }) nameOf: (thread: Thread) => string = () => '';

  constructor() {
    super();
    new Words(this);
  }

  override render() {
    const { thread, span, from, to } = this.chosen;
    return html`<select class=${thread ? 'set' : ''} aria-label=${t('messages.with-whom')} @change=${(event: Event) => this.choose({ thread: entered(event) })}>
        <option value="" ?selected=${!thread}>${t('messages.with-anyone')}</option>
        ${this.threads.slice(0, OFFERED).map((one) => html`<option value=${one.id} ?selected=${one.id === thread}>${this.nameOf(one)}</option>`)}</select>
      <select class=${span === 'any' ? '' : 'set'} aria-label=${t('messages.when')} @change=${(event: Event) => this.choose({ span: entered(event) as Span })}>
        ${SPANS.map((one) => html`<option value=${one} ?selected=${one === span}>${t(`messages.when-${one}`)}</option>`)}</select>
      ${
        span === 'between'
          ? html`<label>${t('messages.from-day')}<input type="date" .value=${from} max=${to || nothing} @change=${(event: Event) => this.choose({ from: entered(event) })}></label>
        <label>${t('messages.to-day')}<input type="date" .value=${to} min=${from || nothing} @change=${(event: Event) => this.choose({ to: entered(event) })}></label>`
          : nothing
      }`;
  }

  private choose(part: Partial<Chosen>): void {
    this.dispatchEvent(new CustomEvent('within', { detail: { ...this.chosen, ...part } }));
  }
}
customElements.define('search-within', SearchWithin);

function entered(event: Event): string {
  return (event.target as HTMLSelectElement | HTMLInputElement).value;
}
