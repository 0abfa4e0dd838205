/** Calendar: month, week, day and agenda, and the form of an event. */

import '@pileus/kit';
import { localeTag, type MenuItem, type PlMenu, rereads, t, Words } from '@pileus/kit';
import type { Phone, PhoneRecord } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { addDays, addMonths, columns, dayOf, monthDays, span, weekStart } from './days.ts';
import type { EventEditor } from './editor.ts';
import './editor.ts';
import { type Occurrence, occurrenceOf, occurrences } from './events.ts';
import { Exchange } from './exchange.ts';
import { hostOf, ownAnswer } from './guests.ts';
import { styles } from './styles.ts';
import { keepView, keptView, VIEWS, type View } from './view.ts';
import { momentOfWall, zoneHere } from './zones.ts';

export const EVENTS = 'calendar.event';
const AGENDA_DAYS = 60;
const HOUR = 48;
const UNDO_MS = 6000;
/** What lasts so long lies over the days, not in their hours. */
const LONG = 24 * 3_600_000;
const MINUTE = 60_000;
/** Pixels of a block's height that hold one line alone. */
const SHORT = 40;
/** As high as a block is at least, so that it can be hit (WCAG 2.2, 2.5.8), and what lies between it and the next. */
const LOWEST = 24;
const GAP = 2;

export class CalendarApp extends LitElement {
  static override styles = styles;
  @property({ attribute: false }) phone!: Phone;
  @state() private view: View = keptView();
  @state() private day = '';
  @state() private records: PhoneRecord[] | undefined;
  @state() private form: { one: Occurrence | undefined; day: string } | undefined;
  /** The event that is deleted when the offer to undo has passed. */
  @state() private removed = '';
  /** What is to be opened, which may not have come to this device yet. */
  private wanted: { event: string; start: unknown } | undefined;
  private undoTimer = 0;
  private readonly exchange = new Exchange(this);
  @query('input[type=file]') private picker!: HTMLInputElement;
  @query('pl-menu') private menu?: PlMenu;
  @query('event-editor') private editor?: EventEditor;
  @state() private zone = zoneHere();
  private readonly sunday = firstIsSunday(localeTag());
  private ticking = 0;
  /** The hours that are shown have been scrolled to where something is. */
  private scrolled = false;

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    this.day = this.today();
    this.phone.onIntent((intent) => this.wish(intent));
    this.wish(this.phone.intent);
    void this.load();
    this.phone.records.subscribe(EVENTS, () => void this.load());
    this.phone.onLeave(() => this.finishRemoval());
    this.phone.onBack(() => {
      if (this.menu?.shut()) return true;
      if (!this.form) return false;
      this.shut();
      return true;
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.ticking = window.setInterval(() => this.tick(), MINUTE);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  /** Whoever travels has another clock; what is being typed keeps the one that it was begun by. */
  private tick(): void {
    if (!this.form) this.zone = zoneHere();
    this.requestUpdate();
  }

  protected override updated(): void {
    const hours = this.renderRoot.querySelector<HTMLElement>('.hours');
    if (hours && !this.scrolled) hours.scrollTop = this.begin() - HOUR / 2;
    this.scrolled = hours !== null;
  }

  override render() {
    if (!this.day) return nothing;
    return html`<main>
      <div class="top"><h1>${this.heading()}</h1>
        <button class="icon" aria-label=${t('calendar.before')} @click=${() => this.step(-1)}><pl-icon name="chevron-left"></pl-icon></button>
        <button class="today" @click=${() => (this.day = this.today())}>${t('calendar.today')}</button>
        <button class="icon" aria-label=${t('calendar.after')} @click=${() => this.step(1)}><pl-icon name="chevron-right"></pl-icon></button>
        <pl-menu .label=${t('calendar.more')} .items=${this.more()}></pl-menu></div>
      <pl-segments .label=${t('calendar.view')} .value=${this.view} .options=${VIEWS.map((value) => ({ value, label: t(`calendar.${value}`) }))}
        @change=${(event: CustomEvent<View>) => this.look(event.detail)}></pl-segments>
      ${this.exchange.render()}
      ${this.records ? this.shown() : nothing}
      <button class="new" aria-label=${t('calendar.new')} @click=${() => (this.form = { one: undefined, day: this.day })}><pl-icon name="plus"></pl-icon></button>
      <input type="file" hidden accept=".ics,text/calendar" @change=${this.pick}>
    </main>
    ${
      this.form
        ? keyed(
            `${this.form.one?.id} ${this.form.one?.recurrence}`,
            html`<event-editor .phone=${this.phone} .zone=${this.zone} .day=${this.form.day} .one=${this.form.one}
          .record=${this.records?.find((record) => record.id === this.form?.one?.id)} @done=${() => this.shut()}
          @bin=${(event: CustomEvent<string>) => void this.bin(event.detail)}></event-editor>`,
          )
        : nothing
    }
    ${
      this.removed
        ? html`<div class="undo" role="status"><span>${t('calendar.deleted')}</span><button @click=${this.undo}>${t('calendar.undo')}</button></div>`
        : nothing
    }`;
  }

  private more(): MenuItem[] {
    return [
      { label: t('calendar.import'), act: () => this.picker.click() },
      { label: t('calendar.export'), act: () => void this.exchange.give(this.phone) },
    ];
  }

  private shown() {
    if (this.view === 'month') return this.month();
    if (this.view === 'agenda') return this.agenda();
    return this.view === 'week' ? this.hours(weekStart(this.day, this.sunday), 7) : this.hours(this.day, 1);
  }

  private look(view: View): void {
    this.view = view;
    keepView(view);
  }

  private month() {
    const days = monthDays(this.day, this.sunday);
    const found = this.between(days[0]!, 42);
    const today = this.today();
    const name = new Intl.DateTimeFormat(localeTag(), { weekday: 'narrow', timeZone: 'UTC' });
    const long = new Intl.DateTimeFormat(localeTag(), {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      timeZone: 'UTC',
    });
    return html`<div class="month"><div class="weekdays" aria-hidden="true">${days.slice(0, 7).map((day) => html`<span>${name.format(utc(day))}</span>`)}</div>
      <div class="grid">${days.map((day) => {
        const here = this.on(found, day);
        const count = here.length > 0 ? `, ${t('calendar.count', { count: here.length })}` : '';
        return html`<button class="cell ${day.slice(0, 7) === this.day.slice(0, 7) ? '' : 'other'} ${day === today ? 'today' : ''}" aria-pressed=${day === this.day} @click=${() => (this.day = day)}><span class="spoken">${long.format(utc(day))}${count}</span><span class="number" aria-hidden="true">${Number(day.slice(8))}</span>
          <span class="bars" aria-hidden="true">${here.slice(0, 3).map((one) => html`<i class=${one.cancelled ? 'cancelled' : ''}><b>${one.summary}</b></i>`)}</span></button>`;
      })}</div></div>
      <div class="list">${this.dayList(this.day, this.on(found, this.day))}</div>`;
  }

  private agenda() {
    const found = this.between(this.day, AGENDA_DAYS);
    const days = Array.from({ length: AGENDA_DAYS }, (_, index) => addDays(this.day, index)).filter(
      (day) => this.on(found, day).length > 0,
    );
    if (days.length === 0) return html`<pl-empty glyph="calendar" text=${t('calendar.empty')}></pl-empty>`;
    return html`<div class="list">${days.map((day) => this.dayList(day, this.on(found, day)))}</div>`;
  }

  private dayList(day: string, found: readonly Occurrence[]) {
    const title = new Intl.DateTimeFormat(localeTag(), {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      timeZone: 'UTC',
    }).format(utc(day));
    return html`<section><h2>${title}</h2>${
      found.length === 0
        ? html`<p class="none">${t('calendar.free')}</p>`
        : html`<div class="card">${found.map(
            (
              one,
            ) => html`<button class="row ${one.cancelled ? 'cancelled' : ''}" @click=${() => this.open(one)}><span class="when">${one.allDay ? t('calendar.all-day') : html`${this.clock(one.start)}<small>${this.clock(one.end)}</small>`}</span>
            <span class="what"><span class="name">${one.summary || t('calendar.untitled')}</span>${one.location ? html`<span class="place">${one.location}</span>` : nothing}${this.state(one)}</span>
            ${one.recurrence ? html`<pl-icon name="refresh" role="img" aria-label=${t('calendar.repeats')}></pl-icon>` : nothing}</button>`,
          )}</div>`
    }</section>`;
  }

  /** That it is cancelled, or an invitation that waits for an answer or was declined. */
  private state(one: Occurrence) {
    if (one.cancelled) return html`<span class="place">${t('calendar.cancelled')}</span>`;
    const fields = this.records?.find((record) => record.id === one.id)?.fields ?? {};
    const host = hostOf(fields);
    const said = host ? ownAnswer(fields, one.recurrence) : 'ACCEPTED';
    if (said === 'NEEDS-ACTION')
      return html`<span class="place asks">${t('calendar.invited-by', { name: host })}</span>`;
    return said === 'DECLINED' ? html`<span class="place">${t('calendar.declined')}</span>` : nothing;
  }

  private hours(first: string, count: number) {
    const days = Array.from({ length: count }, (_, index) => addDays(first, index));
    const found = this.between(first, count);
    const weekday = new Intl.DateTimeFormat(localeTag(), { weekday: 'short', timeZone: 'UTC' });
    const whole = found
      .filter(isLong)
      .map((one) => ({ one, ...span(days, one, this.zone)! }))
      .map(({ one, first, last }) => ({ one, start: first, end: last + 1 }));
    return html`<div class="hours" tabindex="0" role="region" aria-label=${this.heading()}>
      <div class="head" .style=${`--days: ${count}`}>${days.map(
        (day, index) =>
          html`<div class="of ${day === this.today() ? 'now' : ''}" .style=${`grid-column: ${index + 2}`}><span>${weekday.format(utc(day))}</span><b>${Number(day.slice(8))}</b></div>`,
      )}${columns(whole).map(({ item: { one, start, end }, column }) => {
        const before = dayOf(one.start, this.zone) < days[start]! ? 'before' : '';
        const after = dayOf(one.end - 1, this.zone) > days[end - 1]! ? 'after' : '';
        return html`<button class="whole ${before} ${after} ${one.cancelled ? 'cancelled' : ''}" .style=${`grid-column: ${start + 2} / ${end + 2}; grid-row: ${column + 2}`}
          @click=${() => this.open(one)}>${one.summary || t('calendar.untitled')}</button>`;
      })}</div>
      <div class="day" .style=${`height: ${24 * HOUR}px; --days: ${count}`}><div class="scale" aria-hidden="true">${Array.from({ length: 23 }, (_, hour) => html`<span .style=${`top: ${(hour + 1) * HOUR}px`}>${hourText(hour + 1)}</span>`)}</div>
      ${days.map((day) => this.column(day, found))}</div></div>`;
  }

  private column(day: string, found: readonly Occurrence[]) {
    const begin = momentOfWall(`${day}T00:00:00`, this.zone);
    const end = momentOfWall(`${addDays(day, 1)}T00:00:00`, this.zone);
    const timed = this.on(found, day).filter((one) => !isLong(one));
    const now = day === this.today() ? this.height(Date.now() - begin) : undefined;
    return html`<div class="column">${columns(timed).map(({ item, column, of }) => {
      const top = this.height(Math.max(item.start, begin) - begin);
      const height = Math.max(
        this.height(Math.min(item.end, end) - Math.max(item.start, begin)),
        LOWEST + GAP,
      );
      const place = `top: ${top}px; height: ${height - GAP}px; left: ${(100 * column) / of}%; width: calc(${100 / of}% - 2px)`;
      return html`<button class="block ${height < SHORT ? 'short' : ''} ${item.cancelled ? 'cancelled' : ''}" .style=${place} @click=${() => this.open(item)}><b>${item.summary || t('calendar.untitled')}</b><span>${this.clock(item.start)}</span></button>`;
    })}${now === undefined ? nothing : html`<i class="line" .style=${`top: ${now}px`}></i>`}</div>`;
  }

  private height(ms: number): number {
    return (ms / 3_600_000) * HOUR;
  }

  /** Where the day begins to matter, in pixels of its hours: now, the first event, or the morning. */
  private begin(): number {
    const first = this.view === 'week' ? weekStart(this.day, this.sunday) : this.day;
    const count = this.view === 'week' ? 7 : 1;
    const today = this.today();
    if (today >= first && today < addDays(first, count))
      return this.height(Date.now() - momentOfWall(`${today}T00:00:00`, this.zone)) - HOUR;
    const starts = this.between(first, count)
      .filter((one) => !isLong(one))
      .map((one) =>
        this.height(one.start - momentOfWall(`${dayOf(one.start, this.zone)}T00:00:00`, this.zone)),
      );
    return starts.length > 0 ? Math.min(...starts) : 8 * HOUR;
  }

  private heading(): string {
    const how = this.view === 'day' ? { day: 'numeric', month: 'long' } : { month: 'long', year: 'numeric' };
    return new Intl.DateTimeFormat(localeTag(), {
      ...how,
      timeZone: 'UTC',
    } as Intl.DateTimeFormatOptions).format(utc(this.day));
  }

  private between(first: string, count: number): Occurrence[] {
    const from = momentOfWall(`${first}T00:00:00`, this.zone);
    const to = momentOfWall(`${addDays(first, count)}T00:00:00`, this.zone);
    const records = this.records?.filter((record) => record.id !== this.removed) ?? [];
    return occurrences(records, from, to, this.zone);
  }

  private on(found: readonly Occurrence[], day: string): Occurrence[] {
    return found.filter(
      (one) =>
        dayOf(one.start, this.zone) <= day && dayOf(Math.max(one.start, one.end - 1), this.zone) >= day,
    );
  }

  private clock(ms: number): string {
    return new Date(ms).toLocaleTimeString(localeTag(), { timeStyle: 'short', timeZone: this.zone });
  }

  private today(): string {
    return dayOf(Date.now(), this.zone);
  }

  private step(by: number): void {
    if (this.view === 'month') this.day = addMonths(this.day, by);
    else
      this.day = addDays(this.day, by * (this.view === 'day' ? 1 : this.view === 'week' ? 7 : AGENDA_DAYS));
  }

  private shut(): void {
    this.form = undefined;
    this.showWanted();
  }

  private open(one: Occurrence): void {
    this.form = { one, day: this.day };
  }

  /** It is deleted when the offer to undo has passed: until then nothing is lost, and no guest is told. */
  private async bin(id: string): Promise<void> {
    const before = this.finishRemoval();
    this.removed = id;
    this.undoTimer = window.setTimeout(() => void this.finishRemoval(), UNDO_MS);
    await before;
  }

  private undo = (): void => {
    clearTimeout(this.undoTimer);
    this.removed = '';
  };

  private async finishRemoval(): Promise<void> {
    clearTimeout(this.undoTimer);
    const id = this.removed;
    if (!id) return;
    this.records = this.records?.filter((record) => record.id !== id);
    this.removed = '';
    await this.phone.records.delete(EVENTS, id);
  }

  private readonly load = rereads(async () => {
    this.records = await this.phone.records.query(EVENTS);
    this.showWanted();
  });

  /** A notice of an event was pressed. */
  private wish({ view, event, start }: Phone['intent']): void {
    if (view !== 'event' || typeof event !== 'string') return;
    this.wanted = { event, start };
    this.showWanted();
  }

  private showWanted(): void {
    const { event, start } = this.wanted ?? {};
    const record = this.records?.find(({ id }) => id === event);
    // What is being entered is not thrown away for it: it is shown when that is done.
    if (!record || (this.form && this.editor?.touched)) return;
    this.wanted = undefined;
    const one = occurrenceOf(record, start, Date.now(), this.zone);
    if (!one) return;
    this.day = dayOf(one.start, this.zone);
    this.open(one);
  }

  private pick = async (): Promise<void> => {
    const file = this.picker.files?.[0];
    this.picker.value = '';
    if (file) await this.exchange.take(this.phone, file);
  };
}
customElements.define('calendar-app', CalendarApp);

function isLong(one: Occurrence): boolean {
  return one.allDay || one.end - one.start >= LONG;
}

/** An hour of the day as the language's clocks have it: `5 PM`, `17:00`. */
function hourText(hour: number): string {
  const clock = new Intl.DateTimeFormat(localeTag(), { hour: 'numeric', timeZone: 'UTC' });
  return clock.resolvedOptions().hour12 ? clock.format(new Date(Date.UTC(2000, 0, 1, hour))) : `${hour}:00`;
}

function utc(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

/** By the regions' custom (Unicode CLDR); browsers without it begin on Monday. */
function firstIsSunday(tag: string): boolean {
  const info = new Intl.Locale(tag) as Intl.Locale & {
    getWeekInfo?(): { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return (info.getWeekInfo?.() ?? info.weekInfo)?.firstDay === 7;
}
