/** The calls that there were: all, or those that were missed. A tap writes to whoever it was. */

import { type AddressBook, localeTag, t, time, Words } from '@pileus/kit';
import type { Phone } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { type Call, callsOf, durationText, isMissed } from './call.ts';
import { rows } from './styles.ts';

const CALLS = 'messages.call';
const PAGE = 200;

export class MessageCalls extends LitElement {
  static override styles = [
    rows,
    css`
    :host { display: flex; flex-direction: column; flex: 1; min-height: 0; }
    .chips { display: flex; gap: 8px; padding: 0 var(--pl-side) 12px; flex: none; }
    .chips button { all: unset; min-height: 44px; padding: 0 16px; border-radius: 22px; background: var(--pl-sunken); color: var(--pl-ink-soft); font: 500 14px/44px var(--pl-font); cursor: pointer; }
    .chips button[aria-pressed='true'] { background: var(--pl-accent-strong); color: var(--pl-on-accent); }
    button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
    h2 { margin: 14px 4px 8px; font: 500 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    h2:first-child { margin-top: 0; }
    .row { min-height: 64px; }
    .what { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; grid-area: 2 / 2 / auto / -1; display: flex; align-items: center; gap: 6px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); font-variant-numeric: tabular-nums; }
    .what pl-icon { width: 16px; height: 16px; }
    .missed .name, .missed .what { color: var(--pl-red); }
    pl-button { align-self: center; margin: 12px 0; }
  `,
  ];
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) book!: AddressBook;
  @property({ attribute: false }) calls: readonly Call[] = [];
  @state() private missed = false;
  @state() private most = PAGE;

  constructor() {
    super();
    new Words(this);
  }

  override render() {
    const found = this.missed ? this.calls.filter(isMissed) : this.calls;
    const shown = found.slice(0, this.most);
    const days = new Map<string, Call[]>();
    for (const call of shown) {
      const day = new Date(call.at).toDateString();
      days.set(day, [...(days.get(day) ?? []), call]);
    }
    return html`<div class="chips" role="group" aria-label=${t('messages.calls')}>${[false, true].map(
      (missed) =>
        html`<button aria-pressed=${missed === this.missed} @click=${() => (this.missed = missed)}>${t(missed ? 'messages.calls-missed' : 'messages.calls-all')}</button>`,
    )}</div>
      <div class="list">${found.length === 0 ? html`<pl-empty glyph="phone" text=${t('messages.no-missed')}></pl-empty>` : nothing}
      ${[...days.values()].map(
        (calls) =>
          html`<h2>${dayText(calls[0]!.at)}</h2><div class="card">${calls.map((call) => this.row(call))}</div>`,
      )}
      ${found.length > this.most ? html`<pl-button @click=${() => (this.most += PAGE)}>${t('messages.earlier-calls')}</pl-button>` : nothing}</div>`;
  }

  private row(call: Call) {
    const known = this.book.of(call.address);
    const name = known?.name || call.contact;
    const length = call.seconds > 0 ? ` · ${durationText(call.seconds, localeTag())}` : '';
    return html`<button class="row ${isMissed(call) ? 'missed' : ''}" @click=${() => this.choose(call, name)}>
      <pl-avatar .person=${call.thread} .name=${name} .photo=${known?.photo ?? ''}></pl-avatar>
      <span class="name">${name || call.address}</span><time>${time(new Date(call.at))}</time>
      <span class="what"><pl-icon name=${glyphOf(call)}></pl-icon>${t(`messages.call-${call.kind}`)}${length}${name ? html` · ${call.address}` : nothing}</span></button>`;
  }

  private choose(call: Call, name: string): void {
    this.dispatchEvent(new CustomEvent('choose', { detail: { ...call, contact: name } }));
  }
}
customElements.define('message-calls', MessageCalls);

/** The calls of the phone, now and at each change. */
export function watchCalls(phone: Phone, listener: (calls: Call[]) => void): () => void {
  const read = async () => listener(callsOf(await phone.records.query(CALLS)));
  void read();
  return phone.records.subscribe(CALLS, () => void read());
}

function glyphOf(call: Call): 'phone-missed' | 'phone-outgoing' | 'phone-incoming' {
  if (isMissed(call)) return 'phone-missed';
  return call.kind === 'out' ? 'phone-outgoing' : 'phone-incoming';
}

function dayText(ms: number): string {
  return new Date(ms).toLocaleDateString(localeTag(), {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(new Date(ms).getFullYear() === new Date().getFullYear() ? {} : { year: 'numeric' }),
  });
}
