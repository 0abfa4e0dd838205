/** The form of an event; of one that repeats it asks whether one day or all are meant. */

import { localeTag, problemWords, t, Words } from '@pileus/kit';
import { BridgeError, type Fields, type Phone, type PhoneRecord } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { editorStyles } from './editor.css.ts';
import {
  changesOfAll,
  changesOfOne,
  type Draft,
  draftOf,
  newEvent,
  type Occurrence,
  recordId,
  withoutOne,
} from './events.ts';

import { type Answer, answered, hostOf } from './guests.ts';
import './people.ts';
import type { EventPeople } from './people.ts';

const REPEATS = ['', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
const REMINDERS = [0, 5, 15, 30, 60, 1440];
const EVENTS = 'calendar.event';
const CALENDAR = 'calendar';

export class EventEditor extends LitElement {
  static override styles = editorStyles;
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) record: PhoneRecord | undefined;
  @property({ attribute: false }) one: Occurrence | undefined;
  @property() day = '';
  @property() zone = '';
  @state() private draft!: Draft;
  @state() private asking: 'keep' | 'delete' | 'tell' | undefined;
  @state() private failed = '';

  constructor() {
    super();
    new Words(this);
  }

  override willUpdate(): void {
    this.draft ??=
      this.record && this.one
        ? draftOf(this.record.fields, this.one, this.zone)
        : {
            summary: '',
            location: '',
            description: '',
            allDay: false,
            start: `${this.day}T09:00`,
            end: `${this.day}T10:00`,
            repeat: '',
            remind: 15,
            guests: [],
          };
  }

  override render() {
    const { draft } = this;
    const asked = hostOf(this.record?.fields ?? {}) !== '';
    const wrong = !draft.start || !draft.end || draft.end < draft.start;
    return html`<div class="sheet" role="dialog" aria-modal="true" aria-label=${t(this.one ? 'calendar.edit' : 'calendar.new')}>
      <header><button class="icon" aria-label=${t('calendar.cancel')} @click=${this.end}><pl-icon name="x"></pl-icon></button>
        <h1>${t(this.one ? 'calendar.edit' : 'calendar.new')}</h1>
        ${this.one ? html`<button class="icon" aria-label=${t('calendar.delete')} @click=${() => this.ask('delete')}><pl-icon name="trash"></pl-icon></button>` : nothing}
        <pl-button kind="primary" ?disabled=${wrong || !draft.summary.trim()} @click=${() => this.ask('keep')}>${t('calendar.save')}</pl-button></header>
      ${
        this.asking === 'tell'
          ? html`<div class="ask" role="alertdialog" aria-label=${t('calendar.tell-guests')}><p>${t('calendar.tell-guests')}</p>
          <pl-button @click=${() => (this.asking = undefined)}>${t('calendar.keep-event')}</pl-button><pl-button @click=${() => this.discardAll()}>${t('calendar.delete')}</pl-button></div>`
          : this.asking
            ? html`<div class="ask" role="alertdialog" aria-label=${t('calendar.which')}><p>${t('calendar.which')}</p>
          <pl-button @click=${() => this.act(false)}>${t('calendar.this-one')}</pl-button><pl-button @click=${() => this.act(true)}>${t('calendar.all-of-them')}</pl-button></div>`
            : nothing
      }
      ${this.one?.cancelled ? html`<p class="bad" role="status">${t('calendar.cancelled-by-host')}</p>` : nothing}
      ${this.failed ? html`<p class="bad" role="alert">${this.failed}</p>` : nothing}
      <div class="scroll">${asked ? this.people() : nothing}<section class="card">
        ${this.field('summary', t('calendar.what'))}${this.field('location', t('calendar.place'))}</section>
        <section class="card">
        <label class="check"><input type="checkbox" .checked=${draft.allDay} @change=${this.toggle}>${t('calendar.all-day')}</label>
        ${this.moment(t('calendar.begins'), draft.start, (start) => this.begin(start))}
        ${this.moment(t('calendar.ends'), draft.end, (end) => this.set({ end }))}
        ${draft.end < draft.start ? html`<p class="bad" role="alert">${t('calendar.ends-before')}</p>` : nothing}
        <label class="field"><span>${t('calendar.repeat')}</span><select @change=${(event: Event) => this.set({ repeat: entered(event) as Draft['repeat'] })}>
          ${draft.repeat === 'kept' ? html`<option value="kept" selected>${t('calendar.repeat-kept')}</option>` : nothing}
          ${REPEATS.map((value) => html`<option value=${value} ?selected=${value === draft.repeat}>${t(`calendar.repeat-${value.toLowerCase() || 'never'}`)}</option>`)}</select></label>
        <label class="field"><span>${t('calendar.remind')}</span><select @change=${(event: Event) => this.set({ remind: entered(event) ? Number(entered(event)) : undefined })}>
          <option value="" ?selected=${draft.remind === undefined}>${t('calendar.remind-never')}</option>
          ${this.reminders().map((value) => html`<option value=${value} ?selected=${value === draft.remind}>${remindText(value)}</option>`)}</select></label>
        </section>
        ${asked ? nothing : this.people()}
        <section class="card"><label class="field"><span>${t('calendar.notes')}</span><textarea rows="3" .value=${draft.description} @input=${(event: Event) => this.set({ description: entered(event) })}></textarea></label></section>
      </div></div>`;
  }

  private people() {
    return html`<section class="card"><h2>${t('calendar.guests')}</h2><event-people .fields=${this.record?.fields ?? {}} .guests=${this.draft.guests} ?cancelled=${this.one?.cancelled}
          @guests=${(event: CustomEvent<Draft['guests']>) => this.set({ guests: event.detail })} @answer=${this.answer}></event-people></section>`;
  }

  private field(name: 'summary' | 'location', label: string) {
    return html`<label class="field"><span>${label}</span><input autocomplete="off" .value=${this.draft[name]} @input=${(event: Event) => this.set({ [name]: entered(event) })}></label>`;
  }

  /** The browser's field speaks the browser's language: it lies unseen over the words in the interface's. */
  private moment(label: string, value: string, set: (value: string) => void) {
    return html`<label class="field"><span>${label}</span><span class="moment"><b aria-hidden="true">${momentText(value)}</b>
      <input type=${this.draft.allDay ? 'date' : 'datetime-local'} .value=${value} @change=${(event: Event) => set(entered(event))} @keydown=${typed} @blur=${typed}></span></label>`;
  }

  private reminders(): number[] {
    const own = this.draft.remind;
    return own === undefined || REMINDERS.includes(own)
      ? REMINDERS
      : [...REMINDERS, own].sort((a, b) => a - b);
  }

  private set(change: Partial<Draft>): void {
    this.draft = { ...this.draft, ...change };
  }

  private toggle = (event: Event): void => {
    const allDay = (event.target as HTMLInputElement).checked;
    const { start, end } = this.draft;
    if (allDay) this.set({ allDay, start: start.slice(0, 10), end: end.slice(0, 10) });
    else this.set({ allDay, start: `${start}T09:00`, end: `${end}T10:00` });
  };

  /** The end goes with the begin. */
  private begin(start: string): void {
    const ms = (wall: string) => Date.parse(wall.length > 10 ? `${wall}:00Z` : `${wall}T00:00:00Z`);
    const length = Math.max(0, ms(this.draft.end) - ms(this.draft.start));
    const end = start ? new Date(ms(start) + length).toISOString().slice(0, start.length) : this.draft.end;
    this.set({ start, end });
  }

  /** A guest's answer holds at once. */
  private answer = async (event: CustomEvent<Answer>): Promise<void> => {
    if (!this.record) return;
    try {
      await this.phone.records.put(EVENTS, this.record.id, answered(this.record.fields, event.detail));
      this.end();
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      this.failed = problemWords(error.code, error.message);
    }
  };

  private ask(what: 'keep' | 'delete'): void {
    if (what === 'keep') this.renderRoot.querySelector<EventPeople>('event-people')?.take();
    // Whoever was invited hears of it: a slip of a finger is not to do that.
    const told = !this.one?.recurrence && this.draft.guests.length > 0 && !hostOf(this.record?.fields ?? {});
    this.asking = what === 'delete' && told ? 'tell' : what;
    if (this.asking === 'tell') return;
    if (!this.one?.recurrence) void this.act(true);
  }

  private discardAll(): void {
    this.asking = 'delete';
    void this.act(true);
  }

  private async act(all: boolean): Promise<void> {
    const what = this.asking;
    this.asking = undefined;
    try {
      if (what === 'delete') await this.discard(all);
      else await this.keep(all);
      this.end();
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      this.failed = problemWords(error.code, error.message);
    }
  }

  private async keep(all: boolean): Promise<void> {
    const { record, one, draft, zone } = this;
    const now = new Date();
    if (!record || !one) {
      const uid = crypto.randomUUID();
      await this.phone.records.put(EVENTS, await recordId(uid), newEvent(draft, uid, CALENDAR, zone, now));
      if (!(await this.phone.records.get('calendar.calendar', CALENDAR)))
        await this.phone.records.put('calendar.calendar', CALENDAR, { name: t('calendar.title') });
      return;
    }
    const fields: Fields = all
      ? changesOfAll(record.fields, draft, draftOf(record.fields, one, zone), zone, now)
      : changesOfOne(record.fields, one, draft, zone, now);
    await this.phone.records.put(EVENTS, record.id, fields);
  }

  private async discard(all: boolean): Promise<void> {
    const { record, one } = this;
    if (!record || !one) return;
    if (all) await this.phone.records.delete(EVENTS, record.id);
    else await this.phone.records.put(EVENTS, record.id, withoutOne(record.fields, one, new Date()));
  }

  private end = (): void => {
    this.dispatchEvent(new CustomEvent('done'));
  };
}
customElements.define('event-editor', EventEditor);

/** Marks a field that is typed into, until it is left. */
function typed(event: Event): void {
  const types = event instanceof KeyboardEvent && event.key !== 'Tab';
  (event.target as HTMLElement).toggleAttribute('data-typed', types);
}

/** A wall clock or a day, as `2026-03-20T09:00`, in words of the language. */
function momentText(wall: string): string {
  if (!wall) return '';
  const clock = wall.length > 10 ? ({ hour: 'numeric', minute: '2-digit' } as const) : {};
  return new Date(`${wall.slice(0, 10)}T${wall.slice(11) || '00:00'}Z`).toLocaleString(localeTag(), {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
    ...clock,
  });
}

/** Minutes before the begin, in the largest unit that fits. */
function remindText(minutes: number): string {
  if (minutes === 0) return t('calendar.remind-start');
  if (minutes % 1440 === 0) return t('calendar.remind-days', { count: minutes / 1440 });
  if (minutes % 60 === 0) return t('calendar.remind-hours', { count: minutes / 60 });
  return t('calendar.remind-minutes', { count: minutes });
}

function entered(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement).value;
}
