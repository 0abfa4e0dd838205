/** Calendar: month, week, day and agenda, and the form of an event. */

import '@pileus/kit';
import { localeTag, problemWords, t, Words } from '@pileus/kit';
import { BridgeError, type Phone, type PhoneRecord } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { addDays, addMonths, columns, dayOf, monthDays, weekStart } from './days.ts';
import './editor.ts';
import { type Occurrence, occurrences } from './events.ts';
import { styles } from './styles.ts';
import { momentOfWall } from './zones.ts';

export const EVENTS = 'calendar.event';
const VIEWS = ['month', 'week', 'day', 'agenda'] as const;
const AGENDA_DAYS = 60;
const HOUR = 48;
type View = (typeof VIEWS)[number];

export class CalendarApp extends LitElement {
  static override styles = styles;
  @property({ attribute: false }) phone!: Phone;
  @state() private view: View = 'month';
  @state() private day = '';
  @state() private records: PhoneRecord[] | undefined;
  @state() private form: { one: Occurrence | undefined; day: string } | undefined;
  @state() private said = '';
  @query('input[type=file]') private picker!: HTMLInputElement;
  private readonly zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  private readonly sunday = firstIsSunday(localeTag());

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    this.day = this.today();
    void this.load();
    this.phone.records.subscribe(EVENTS, () => void this.load());
    this.phone.onBack(() => {
      if (!this.form) return false;
      this.form = undefined;
      return true;
    });
  }

  override render() {
    if (!this.day) return nothing;
    return html`<main>
      <div class="top"><h1>${this.heading()}</h1>
        <button class="icon" aria-label=${t('calendar.import')} @click=${() => this.picker.click()}><pl-icon name="upload"></pl-icon></button>
        <button class="icon" aria-label=${t('calendar.before')} @click=${() => this.step(-1)}><pl-icon name="chevron-left"></pl-icon></button>
        <button class="today" @click=${() => (this.day = this.today())}>${t('calendar.today')}</button>
        <button class="icon" aria-label=${t('calendar.after')} @click=${() => this.step(1)}><pl-icon name="chevron-right"></pl-icon></button></div>
      <pl-segments .label=${t('calendar.view')} .value=${this.view} .options=${VIEWS.map((value) => ({ value, label: t(`calendar.${value}`) }))}
        @change=${(event: CustomEvent<View>) => (this.view = event.detail)}></pl-segments>
      ${this.said ? html`<p class="said" role="status">${this.said}</p>` : nothing}
      ${this.records ? this.shown() : nothing}
      <button class="new" aria-label=${t('calendar.new')} @click=${() => (this.form = { one: undefined, day: this.day })}><pl-icon name="plus"></pl-icon></button>
      <input type="file" hidden accept=".ics,text/calendar" @change=${this.pick}>
    </main>
    ${
      this.form
        ? html`<event-editor .phone=${this.phone} .zone=${this.zone} .day=${this.form.day} .one=${this.form.one}
          .record=${this.records?.find((record) => record.id === this.form?.one?.id)} @done=${() => (this.form = undefined)}></event-editor>`
        : nothing
    }`;
  }

  private shown() {
    if (this.view === 'month') return this.month();
    if (this.view === 'agenda') return this.agenda();
    return this.view === 'week' ? this.hours(weekStart(this.day, this.sunday), 7) : this.hours(this.day, 1);
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
          <span class="bars" aria-hidden="true">${here.slice(0, 3).map((one) => html`<i><b>${one.summary}</b></i>`)}</span></button>`;
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
            ) => html`<button class="row" @click=${() => this.open(one)}><span class="when">${one.allDay ? t('calendar.all-day') : html`${this.clock(one.start)}<small>${this.clock(one.end)}</small>`}</span>
            <span class="what"><span class="name">${one.summary || t('calendar.untitled')}</span>${one.location ? html`<span class="place">${one.location}</span>` : nothing}</span>
            ${one.recurrence ? html`<pl-icon name="refresh" role="img" aria-label=${t('calendar.repeats')}></pl-icon>` : nothing}</button>`,
          )}</div>`
    }</section>`;
  }

  private hours(first: string, count: number) {
    const days = Array.from({ length: count }, (_, index) => addDays(first, index));
    const found = this.between(first, count);
    const name = new Intl.DateTimeFormat(localeTag(), { weekday: 'short', day: 'numeric', timeZone: 'UTC' });
    return html`<div class="hours" tabindex="0" role="region" aria-label=${this.heading()}><div class="head"><span></span>${days.map(
      (day) =>
        html`<div class=${day === this.today() ? 'now' : ''}><span>${name.format(utc(day))}</span>${this.on(
          found,
          day,
        )
          .filter((one) => one.allDay)
          .map(
            (one) =>
              html`<button class="whole" @click=${() => this.open(one)}>${one.summary || t('calendar.untitled')}</button>`,
          )}</div>`,
    )}</div>
      <div class="day" .style=${`height: ${24 * HOUR}px`}><div class="scale" aria-hidden="true">${Array.from({ length: 23 }, (_, hour) => html`<span .style=${`top: ${(hour + 1) * HOUR}px`}>${hour + 1}:00</span>`)}</div>
      ${days.map((day) => {
        const begin = momentOfWall(`${day}T00:00:00`, this.zone);
        const end = momentOfWall(`${addDays(day, 1)}T00:00:00`, this.zone);
        const timed = this.on(found, day).filter((one) => !one.allDay);
        return html`<div class="column">${columns(timed).map(({ item, column, of }) => {
          const top = ((Math.max(item.start, begin) - begin) / 3_600_000) * HOUR;
          const height = Math.max(
            ((Math.min(item.end, end) - Math.max(item.start, begin)) / 3_600_000) * HOUR,
            24,
          );
          const place = `top: ${top}px; height: ${height - 2}px; left: ${(100 * column) / of}%; width: calc(${100 / of}% - 2px)`;
          return html`<button class="block" .style=${place} @click=${() => this.open(item)}><b>${item.summary || t('calendar.untitled')}</b><span>${this.clock(item.start)}</span></button>`;
        })}</div>`;
      })}</div></div>`;
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
    return occurrences(this.records ?? [], from, to, this.zone);
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

  private open(one: Occurrence): void {
    this.form = { one, day: this.day };
  }

  private async load(): Promise<void> {
    this.records = await this.phone.records.query(EVENTS);
  }

  private pick = async (): Promise<void> => {
    const file = this.picker.files?.[0];
    this.picker.value = '';
    if (!file) return;
    try {
      const report = await this.phone.calendar.import(file, () => undefined);
      const skipped = report.skipped_count ? t('calendar.skipped', { count: report.skipped_count }) : '';
      this.said = `${t('calendar.imported', { count: report.imported + report.updated })} ${skipped}`.trim();
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      this.said = problemWords(error.code, error.message);
    }
  };
}
customElements.define('calendar-app', CalendarApp);

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
