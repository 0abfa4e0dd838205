/** The calls that there were: all, or those that were missed. A tap fires `choose` with the call, where its number was
    shown; a long press fires `chosen` with the ids. */

import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import '../elements/avatar.ts';
import '../elements/button.ts';
import '../elements/empty.ts';
import { Hold } from '../elements/hold.ts';
import '../elements/icon.ts';
import { localeTag, t, time, Words } from '../i18n/index.ts';
import type { AddressBook } from '../people/contact.ts';
import { rows, ticks } from '../people/rows.ts';
import { rereads } from '../rereads.ts';
import { type Call, callsOf, durationText, isMissed, withNumbersOf } from './call.ts';
import { stillChosen } from './choosing.ts';

const CALLS = 'messages.call';
const PAGE = 200;
const KIND_WORDS: Readonly<Record<string, string>> = {
  in: 'calls.kind-in',
  out: 'calls.kind-out',
  missed: 'calls.kind-missed',
  voicemail: 'calls.kind-voicemail',
  rejected: 'calls.kind-rejected',
  blocked: 'calls.kind-blocked',
  elsewhere: 'calls.kind-elsewhere',
};

/** What holds the records: an app's phone. */
interface Records {
  query(collection: string): Promise<{ id: string; fields: { [name: string]: unknown } }[]>;
  subscribe(collection: string, listener: () => void): () => void;
}

export class PlCallList extends LitElement {
  static override styles = [
    rows,
    ticks,
    css`
    :host { display: flex; flex-direction: column; flex: 1; min-height: 0; }
    .chips { display: flex; flex-wrap: wrap; gap: 8px; padding: 0 var(--pl-side) 12px; flex: none; }
    .chips button { all: unset; min-height: 44px; padding: 0 16px; border-radius: 22px; background: var(--pl-sunken); color: var(--pl-ink-soft); font: 500 14px/44px var(--pl-font); cursor: pointer; }
    .chips button[aria-pressed='true'] { background: var(--pl-accent-strong); color: var(--pl-on-accent); }
    button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
    h2 { margin: 14px 4px 8px; font: 500 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    h2:first-child { margin-top: 0; }
    .row { min-height: 64px; }
    .what { overflow: hidden; white-space: nowrap; grid-area: 2 / 2 / auto / -1; display: flex; align-items: center; gap: 6px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); font-variant-numeric: tabular-nums; }
    .what pl-icon { flex: none; width: 16px; height: 16px; }
    .what span { overflow: hidden; text-overflow: ellipsis; }
    .chips button:active { background: var(--pl-pressed); } .chips button[disabled] { opacity: 0.4; cursor: default; }
    .missed .name, .missed .what { color: var(--pl-red); }
    .missed[aria-checked='true'] :is(.name, .what) { color: var(--pl-ink); }
    pl-button { align-self: center; margin: 12px 0; }
  `,
  ];
  @property({ attribute: false }) book!: AddressBook;
  @property({ attribute: false }) calls: readonly Call[] = [];
  /** Calls that are chosen, while some are to be; `chosen` is fired with others, with none where the choosing ends. */
  @property({ attribute: false }) chosen: ReadonlySet<string> | undefined;
  @state() private missed = false;
  @state() private most = PAGE;
  private readonly hold = new Hold((id) => this.turn(id));

  constructor() {
    super();
    new Words(this);
  }

  override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('calls') && this.chosen) this.tell(stillChosen(this.found, this.chosen));
  }

  override render() {
    const { found } = this;
    const shown = found.slice(0, this.most);
    const days = new Map<string, Call[]>();
    for (const call of shown) {
      const day = new Date(call.at).toDateString();
      days.set(day, [...(days.get(day) ?? []), call]);
    }
    return html`<div class="chips" role="group" aria-label=${this.chosen ? t('calls.select') : t('calls.list')}>${this.chosen ? this.wider(found, this.chosen) : this.filters()}</div>
      <div class="list">${found.length === 0 ? html`<pl-empty glyph="phone" text=${this.missed ? t('calls.none-missed') : t('calls.none')}></pl-empty>` : nothing}
      ${[...days.values()].map(
        (calls) =>
          html`<h2>${dayText(calls[0]!.at)}</h2><div class="card">${calls.map((call) => this.row(call))}</div>`,
      )}
      ${found.length > this.most ? html`<pl-button @click=${() => (this.most += PAGE)}>${t('calls.earlier')}</pl-button>` : nothing}</div>`;
  }

  /** All of what is listed, also what is further down. */
  private get found(): readonly Call[] {
    return this.missed ? this.calls.filter(isMissed) : this.calls;
  }

  private filters() {
    return [false, true].map(
      (missed) =>
        html`<button aria-pressed=${missed === this.missed} @click=${() => (this.missed = missed)}>${missed ? t('calls.missed') : t('calls.all')}</button>`,
    );
  }

  /** All of what is listed, or all of it with the numbers that are chosen: nothing that is not to be seen there. */
  private wider(found: readonly Call[], chosen: ReadonlySet<string>) {
    const same = withNumbersOf(found, chosen);
    return html`<button @click=${() => this.tell(new Set(found.map(({ id }) => id)))}>${t('calls.select-all')}</button>
      <button ?disabled=${same.size === chosen.size} @click=${() => this.tell(same)}>${t('calls.select-number')}</button>`;
  }

  private row(call: Call) {
    const known = call.address ? this.book.of(call.address) : undefined;
    const name = known?.name || call.contact;
    const length = call.seconds > 0 ? ` · ${durationText(call.seconds, localeTag())}` : '';
    const chosen = this.chosen?.has(call.id);
    const lead =
      chosen === undefined
        ? html`<pl-avatar .person=${call.thread} .name=${name} .photo=${known?.photo ?? ''}></pl-avatar>`
        : html`<span class="tick"><pl-icon name="check"></pl-icon></span>`;
    return html`<button class="row ${isMissed(call) ? 'missed' : ''}" data-id=${call.id} role=${chosen === undefined ? nothing : 'checkbox'} aria-disabled=${chosen === undefined && !call.address ? 'true' : nothing} aria-checked=${chosen ?? nothing}
      @click=${(event: UIEvent) => this.press(event, call, name)} @contextmenu=${this.hold.menu} @pointerdown=${this.hold.down} @pointermove=${this.hold.move}
      @pointerup=${this.hold.end} @pointercancel=${this.hold.end}>${lead}
      <span class="name">${name || call.address || t('calls.private')}</span><time>${time(new Date(call.at))}</time>
      <span class="what"><pl-icon name=${glyphOf(call)}></pl-icon><span>${t(KIND_WORDS[call.kind]!)}${length}${name && call.address ? html` · ${call.address}` : nothing}</span></span></button>`;
  }

  private press(event: UIEvent, call: Call, name: string): void {
    if (this.hold.spent(event)) return;
    if (this.chosen) this.turn(call.id);
    else if (call.address)
      this.dispatchEvent(new CustomEvent('choose', { detail: { ...call, contact: name } }));
  }

  private turn(id: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.tell(chosen);
  }

  private tell(chosen: ReadonlySet<string> | undefined): void {
    this.dispatchEvent(new CustomEvent('chosen', { detail: chosen }));
  }
}
customElements.define('pl-call-list', PlCallList);

/** The calls of the phone, now and at each change. */
export function watchCalls(records: Records, listener: (calls: Call[]) => void): () => void {
  const read = rereads(async () => listener(callsOf(await records.query(CALLS))));
  void read();
  return records.subscribe(CALLS, () => void read());
}

function glyphOf(call: Call): 'ban' | 'phone-missed' | 'phone-outgoing' | 'phone-incoming' {
  if (call.kind === 'blocked') return 'ban';
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
