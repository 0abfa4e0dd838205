/** The form of an event; of one that repeats it asks whether one day or all are meant. */

import { problemWords, selectStyles, t, Words } from '@pileus/kit';
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
  reminded,
  withoutOne,
} from './events.ts';

import { canCut, endedBefore, goingOn } from './following.ts';
import { type Answer, answered, hostOf } from './guests.ts';
import { moment, momentText } from './moment.ts';
import './people.ts';
import './repeat-field.ts';
import type { EventPeople } from './people.ts';
import { moved, type Repeat } from './repeat.ts';
import { laterDay } from './series.ts';
import { wallOf } from './zones.ts';

const REMINDERS = [0, 5, 15, 30, 60, 1440];
const EVENTS = 'calendar.event';
/** What of a series is meant. */
const SPANS = {
  one: 'calendar.this-one',
  following: 'calendar.and-following',
  all: 'calendar.all-of-them',
} as const;
type Span = keyof typeof SPANS;
const CALENDAR = 'calendar';

export class EventEditor extends LitElement {
  static override styles = [editorStyles, selectStyles];
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) record: PhoneRecord | undefined;
  @property({ attribute: false }) one: Occurrence | undefined;
  @property() day = '';
  @property() zone = '';
  /** Something was entered that is not kept yet. */
  touched = false;
  @state() private draft!: Draft;
  @state() private asking: 'keep' | 'delete' | 'answer' | 'tell' | undefined;
  private said: Answer = 'NEEDS-ACTION';
  /** That it be deleted was asked: no offer to undo has to follow. */
  private sure = false;
  @state() private failed = '';
  /** It is asked whether a guest is somebody. */
  private taking = false;
  /** The last begin that was whole, and what the repeat was chosen with. */
  private began = '';
  private anchor: Pick<Draft, 'start' | 'repeat'> = { start: '', repeat: undefined };

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
            ...hoursOf(this.day, this.zone),
            repeat: undefined,
            remind: 15,
            guests: [],
          };
    if (!this.began) this.begun();
  }

  /** A new event's name is typed at once. */
  override firstUpdated(): void {
    if (!this.one) this.renderRoot.querySelector<HTMLElement>('.scroll input')?.focus();
  }

  private begun(): void {
    this.began = this.draft.start;
    this.anchor = { start: this.draft.start, repeat: this.draft.repeat };
  }

  override render() {
    const { draft } = this;
    const asked = hostOf(this.record?.fields ?? {}) !== '';
    const wrong = !draft.start || !draft.end || draft.end < draft.start;
    const title = t(asked ? 'calendar.invitation' : this.one ? 'calendar.edit' : 'calendar.new');
    return html`<div class="sheet" role="dialog" aria-modal="true" aria-label=${title}>
      <header><button class="icon" aria-label=${t('calendar.cancel')} @click=${this.end}><pl-icon name="x"></pl-icon></button>
        <h1>${title}</h1>
        ${this.one ? html`<button class="icon" aria-label=${t('calendar.delete')} @click=${() => this.ask('delete')}><pl-icon name="trash"></pl-icon></button>` : nothing}
        <pl-button kind="primary" ?disabled=${wrong || !draft.summary.trim()} @click=${() => void this.save()}>${t('calendar.save')}</pl-button></header>
      ${
        this.asking === 'tell'
          ? html`<div class="ask" role="alertdialog" aria-label=${t('calendar.tell-guests')}><p>${t('calendar.tell-guests')}</p>
          <pl-button @click=${() => (this.asking = undefined)}>${t('calendar.keep-event')}</pl-button><pl-button kind="danger" @click=${() => this.discardAll()}>${t('calendar.delete')}</pl-button></div>`
          : this.asking
            ? this.which(this.asking === 'delete')
            : nothing
      }
      ${this.one?.cancelled ? html`<p class="bad" role="status">${t('calendar.cancelled-by-host')}</p>` : nothing}
      ${this.failed ? html`<p class="bad" role="alert">${this.failed}</p>` : nothing}
      <div class="scroll">${asked ? this.asGuest() : this.form()}</div></div>`;
  }

  /** Of a series it is asked what is meant; who deletes is told so. */
  private which(deletes: boolean) {
    const question = t(deletes ? 'calendar.delete-which' : 'calendar.which');
    const words = (span: Span) => t(deletes && span === 'one' ? 'calendar.only-this' : SPANS[span]);
    return html`<div class="ask" role="alertdialog" aria-label=${question}><p>${question}</p>
          ${this.spans().map((span) => html`<pl-button kind=${deletes ? 'danger' : 'plain'} @click=${() => this.act(span)}>${words(span)}</pl-button>`)}
          <pl-button @click=${() => (this.asking = undefined)}>${t('calendar.cancel')}</pl-button></div>`;
  }

  /** An event of somebody else's: what it is, the question, and one's own reminder. */
  private asGuest() {
    const { summary, location, description, start, end, allDay, repeat } = this.draft;
    const when = allDay && start === end ? momentText(start) : `${momentText(start)} – ${momentText(end)}`;
    return html`<section class="card facts"><b>${summary || t('calendar.untitled')}</b><span>${when}</span>
        ${repeat ? html`<span>${t('calendar.repeats')}</span>` : nothing}${location ? html`<span>${location}</span>` : nothing}
        ${description ? html`<p>${description}</p>` : nothing}</section>
      ${this.people()}<section class="card">${this.reminder()}</section>`;
  }

  private form() {
    const { draft } = this;
    return html`<section class="card">
        ${this.field('summary', t('calendar.what'))}${this.field('location', t('calendar.place'))}</section>
        <section class="card">
        <label class="check"><input type="checkbox" .checked=${draft.allDay} @change=${this.toggle}>${t('calendar.all-day')}</label>
        ${moment(t('calendar.begins'), draft.start, (start) => this.begin(start))}
        ${moment(t('calendar.ends'), draft.end, (end) => this.set({ end }))}
        ${draft.end < draft.start ? html`<p class="bad" role="alert">${t('calendar.ends-before')}</p>` : nothing}
        <repeat-field .repeat=${draft.repeat} .day=${this.began.slice(0, 10)} @repeat=${(event: CustomEvent<Repeat | undefined>) => this.repeats(event.detail)}
          @begins=${(event: CustomEvent<string>) => this.begin(event.detail + this.began.slice(10))}></repeat-field>
        ${this.reminder()}</section>
        ${this.people()}
        <section class="card"><label class="field"><span>${t('calendar.notes')}</span><textarea rows="3" .value=${draft.description} @input=${(event: Event) => this.set({ description: entered(event) })}></textarea></label></section>`;
  }

  private reminder() {
    const { remind } = this.draft;
    return html`<label class="field"><span>${t('calendar.remind')}</span><select @change=${(event: Event) => this.set({ remind: entered(event) ? Number(entered(event)) : undefined })}>
          <option value="" ?selected=${remind === undefined}>${t('calendar.remind-never')}</option>
          ${this.reminders().map((value) => html`<option value=${value} ?selected=${value === remind}>${remindText(value)}</option>`)}</select></label>`;
  }

  private people() {
    return html`<section class="card"><h2>${t('calendar.guests')}</h2><event-people .phone=${this.phone} .fields=${this.record?.fields ?? {}} .guests=${this.draft.guests} .recurrence=${this.one?.recurrence ?? ''} ?cancelled=${this.one?.cancelled}
          @guests=${(event: CustomEvent<Draft['guests']>) => this.set({ guests: event.detail })} @answer=${this.answer}></event-people></section>`;
  }

  private field(name: 'summary' | 'location', label: string) {
    return html`<label class="field"><span>${label}</span><input autocomplete="off" .value=${this.draft[name]} @input=${(event: Event) => this.set({ [name]: entered(event) })}></label>`;
  }

  private reminders(): number[] {
    const own = this.draft.remind;
    return own === undefined || REMINDERS.includes(own)
      ? REMINDERS
      : [...REMINDERS, own].sort((a, b) => a - b);
  }

  private set(change: Partial<Draft>): void {
    this.draft = { ...this.draft, ...change };
    this.touched = true;
  }

  private toggle = (event: Event): void => {
    const allDay = (event.target as HTMLInputElement).checked;
    const { start, end } = this.draft;
    if (allDay) this.set({ allDay, start: start.slice(0, 10), end: end.slice(0, 10) });
    else this.set({ allDay, start: `${start}T09:00`, end: `${end}T10:00` });
    this.began = this.draft.start;
  };

  /** The end goes with the begin, and so does what repeats: from what it was when it was chosen, not through each day typed. */
  private begin(start: string): void {
    if (!start) return this.set({ start });
    const ms = (wall: string) => Date.parse(wall.length > 10 ? `${wall}:00Z` : `${wall}T00:00:00Z`);
    const length = Math.max(0, ms(this.draft.end) - ms(this.began)) || 0;
    const end = new Date(ms(start) + length).toISOString().slice(0, start.length);
    const { repeat } = this.anchor;
    const along = repeat && repeat !== 'kept' ? moved(repeat, this.anchor.start, start) : repeat;
    this.began = start;
    this.set({ start, end, repeat: along });
  }

  private repeats(repeat: Draft['repeat']): void {
    this.anchor = { start: this.began, repeat };
    this.set({ repeat });
  }

  /** A guest's answer holds at once; of a series it is asked which are meant. */
  private answer = (event: CustomEvent<Answer>): void => {
    this.said = event.detail;
    this.ask('answer');
  };

  /** A name that still stands in the field is meant to be a guest: where it is nobody's, nothing is kept yet. */
  private async save(): Promise<void> {
    const people = this.renderRoot.querySelector<EventPeople>('event-people');
    if (this.taking) return;
    this.taking = true;
    try {
      const taken = (await people?.take()) !== false;
      // The form may be gone by now, or be asked something else.
      if (taken && this.isConnected && !this.asking) this.ask('keep');
    } finally {
      this.taking = false;
    }
  }

  private ask(what: 'keep' | 'delete' | 'answer'): void {
    // Whoever was invited hears of it: a slip of a finger is not to do that.
    const told = !this.one?.recurrence && this.draft.guests.length > 0 && !hostOf(this.record?.fields ?? {});
    this.asking = what === 'delete' && told ? 'tell' : what;
    if (this.asking === 'tell') return;
    const own = what === 'keep' && hostOf(this.record?.fields ?? {}) !== '';
    if (own || !this.one?.recurrence) void this.act('all');
  }

  private discardAll(): void {
    this.asking = 'delete';
    this.sure = true;
    void this.act('all');
  }

  /** Only its organizer can cut a series in two. */
  private spans(): Span[] {
    const { record, one } = this;
    if (this.asking === 'answer') return ['one', 'all'];
    const cut = record && one && !hostOf(record.fields) && canCut(record.fields, one, this.zone);
    return cut ? ['one', 'following', 'all'] : ['one', 'all'];
  }

  private async act(span: Span): Promise<void> {
    const what = this.asking;
    this.asking = undefined;
    try {
      if (what === 'delete') await this.discard(span);
      else if (what === 'answer') await this.reply(span);
      else await this.keep(span);
      this.end();
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      this.failed = problemWords(error.code, error.message);
    }
  }

  private async keep(span: Span): Promise<void> {
    const { record, one, draft, zone } = this;
    const now = new Date();
    if (!record || !one) {
      const uid = crypto.randomUUID();
      await this.put(await recordId(uid), newEvent(draft, uid, CALENDAR, zone, now));
      if (!(await this.phone.records.get('calendar.calendar', CALENDAR)))
        await this.phone.records.put('calendar.calendar', CALENDAR, { name: t('calendar.title') });
      return;
    }
    if (hostOf(record.fields)) {
      const put = reminded(record.fields, one, draft);
      if (Object.keys(put).length > 0) await this.put(record.id, put);
      return;
    }
    const was = draftOf(record.fields, one, zone);
    if (span === 'one') return this.put(record.id, changesOfOne(record.fields, one, draft, zone, now));
    if (span === 'all') return this.put(record.id, changesOfAll(record.fields, draft, was, zone, now));
    const uid = crypto.randomUUID();
    // What goes on first: of a device that stops between the two, days are there twice and none is lost.
    const rest = goingOn(record.fields, one, draft, was, uid, zone, now);
    const ended = endedBefore(record.fields, one, zone, now);
    await this.put(await recordId(uid), rest);
    await this.put(record.id, ended);
  }

  private async reply(span: Span): Promise<void> {
    const { record, one } = this;
    if (record)
      await this.put(record.id, answered(record.fields, this.said, span === 'one' ? one?.recurrence : ''));
  }

  private async discard(span: Span): Promise<void> {
    const { record, one } = this;
    if (!record || !one) return;
    const now = new Date();
    if (span === 'all' && this.sure) await this.phone.records.delete(EVENTS, record.id);
    else if (span === 'all') this.dispatchEvent(new CustomEvent('bin', { detail: record.id }));
    else if (span === 'one' && hostOf(record.fields))
      await this.put(record.id, answered(record.fields, 'DECLINED', one.recurrence)); // a day of somebody else's series
    else if (span === 'one') await this.put(record.id, withoutOne(record.fields, one, now));
    else await this.put(record.id, endedBefore(record.fields, one, this.zone, now));
  }

  private async put(id: string, fields: Fields): Promise<void> {
    await this.phone.records.put(EVENTS, id, fields);
  }

  private end = (): void => {
    this.dispatchEvent(new CustomEvent('done'));
  };
}
customElements.define('event-editor', EventEditor);

/** A new event's hour: nine, or of today the next one. */
function hoursOf(day: string, zone: string): { start: string; end: string } {
  const now = wallOf(Date.now(), zone);
  const hour = day === now.slice(0, 10) ? Math.min(23, Number(now.slice(11, 13)) + 1) : 9;
  const two = (value: number) => String(value).padStart(2, '0');
  const end = hour === 23 ? `${laterDay(day, 1)}T00:00` : `${day}T${two(hour + 1)}:00`;
  return { start: `${day}T${two(hour)}:00`, end };
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
