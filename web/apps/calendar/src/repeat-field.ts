/** The part of the form that says how often. */

import { localeTag, selectStyles, t, Words } from '@pileus/kit';
import { html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { editorStyles } from './editor.css.ts';
import type { Draft } from './events.ts';
import { moment } from './moment.ts';
import {
  COUNT_MOST,
  FREQUENCIES,
  INTERVAL_MOST,
  isLast,
  newRepeat,
  nthOf,
  type Repeat,
  WEEKDAYS,
  type Weekday,
  weekdayOf,
} from './repeat.ts';
import { repeatStyles } from './repeat-field.css.ts';
import { laterDay } from './series.ts';

const SUGGESTED_TIMES = 10;
const SUGGESTED_DAYS = 90;

/** Fires `repeat` with the new value; `begins` with a day where the begin's weekday was taken out of the week's. */
export class RepeatField extends LitElement {
  static override styles = [editorStyles, selectStyles, repeatStyles];
  @property({ attribute: false }) repeat: Draft['repeat'];
  /** The day of the begin. */
  @property() day = '';
  /** A last day was chosen that lies before the first. */
  @state() private early = false;

  constructor() {
    super();
    new Words(this);
  }

  override render() {
    const { repeat } = this;
    const freq = repeat === 'kept' ? 'kept' : (repeat?.freq ?? '');
    const choices = [...(freq === 'kept' ? ['kept'] : []), '', ...FREQUENCIES];
    return html`${this.choice('calendar.repeat', freq, choices, (value) => t(`calendar.repeat-${value.toLowerCase() || 'never'}`), this.onFrequency)}
      ${repeat && repeat !== 'kept' ? this.details(repeat) : nothing}`;
  }

  private details(repeat: Repeat) {
    const { freq, interval } = repeat;
    return html`<label class="line"><span>${t('calendar.every')}</span>
        <input type="number" inputmode="numeric" min="1" max=${INTERVAL_MOST} .value=${String(interval)} aria-label=${t('calendar.every-how-many')}
          @change=${(event: Event) => this.number(event, INTERVAL_MOST, (value) => ({ interval: value }))}>
        <span>${t(`calendar.unit-${freq.toLowerCase()}`, { count: interval })}</span></label>
      ${freq === 'WEEKLY' ? this.week(repeat) : nothing}
      ${freq === 'MONTHLY' ? this.month(repeat) : nothing}
      ${this.end(repeat)}`;
  }

  private week({ days }: Repeat) {
    return html`<div class="week" role="group" aria-label=${t('calendar.on-days')}>${WEEKDAYS.map(
      (one) =>
        html`<button aria-pressed=${days.includes(one)} aria-label=${dayWords(one, 'long')} @click=${() => this.toggle(one)}>${dayWords(one, 'narrow')}</button>`,
    )}</div>`;
  }

  private month({ monthly }: Repeat) {
    const { day } = this;
    const weekday = dayWords(weekdayOf(day), 'long');
    const words: Readonly<Record<Repeat['monthly'], string>> = {
      date: t('calendar.monthly-date', { day: Number(day.slice(8, 10)) }),
      nth: t(`calendar.monthly-nth-${nthOf(day)}`, { weekday }),
      last: t('calendar.monthly-last', { weekday }),
    };
    const offered = (['date', 'nth', 'last'] as const).filter(
      (one) => one === 'date' || (one === 'nth' ? nthOf(day) < 5 : isLast(day)),
    );
    return this.choice(
      'calendar.on-days',
      monthly,
      offered,
      (one) => words[one],
      (one) => this.change({ monthly: one }),
    );
  }

  private end({ ends }: Repeat) {
    const kind = !ends ? 'never' : 'count' in ends ? 'count' : 'until';
    return html`${this.choice('calendar.stops', kind, ['never', 'until', 'count'], (one) => t(`calendar.stops-${one}`), this.onEnd)}
      ${
        ends && 'until' in ends
          ? html`${moment(t('calendar.last-day'), ends.until, (until) => this.until(until), this.day)}
            ${this.early ? html`<p class="early" role="status">${t('calendar.last-day-early')}</p>` : nothing}`
          : nothing
      }
      ${
        ends && 'count' in ends
          ? html`<label class="line"><input type="number" inputmode="numeric" min="1" max=${COUNT_MOST} .value=${String(ends.count)} aria-label=${t('calendar.how-often')}
              @change=${(event: Event) => this.number(event, COUNT_MOST, (count) => ({ ends: { count } }))}>
              <span>${t('calendar.times', { count: ends.count })}</span></label>`
          : nothing
      }`;
  }

  private choice<T extends string>(
    label: string,
    now: T,
    all: readonly T[],
    words: (one: T) => string,
    set: (one: T) => void,
  ) {
    return html`<label class="field"><span>${t(label)}</span><select @change=${(event: Event) => set((event.target as HTMLSelectElement).value as T)}>
      ${all.map((one) => html`<option value=${one} ?selected=${one === now}>${words(one)}</option>`)}</select></label>`;
  }

  private onFrequency = (freq: string): void => {
    if (freq === 'kept') return;
    this.tell(freq ? newRepeat(freq as Repeat['freq'], this.day) : undefined);
  };

  private onEnd = (kind: string): void => {
    this.early = false;
    const until = laterDay(this.day, SUGGESTED_DAYS);
    this.change({
      ends: kind === 'never' ? undefined : kind === 'until' ? { until } : { count: SUGGESTED_TIMES },
    });
  };

  private until(until: string): void {
    const least = this.day;
    this.early = until < least;
    this.change({ ends: { until: this.early ? least : until } });
  }

  private number(event: Event, most: number, change: (value: number) => Partial<Repeat>): void {
    const field = event.target as HTMLInputElement;
    const value = Math.min(most, Math.max(1, Math.round(Number(field.value) || 1)));
    field.value = String(value);
    this.change(change(value));
  }

  /** The begin's own weekday goes out by beginning on the next one that is left; the last one stays. */
  private toggle(one: Weekday): void {
    const { days } = this.repeat as Repeat;
    const left = WEEKDAYS.filter((other) => (other === one) !== days.includes(other));
    if (left.length === 0) return;
    this.change({ days: left });
    if (left.includes(weekdayOf(this.day))) return;
    const next = [1, 2, 3, 4, 5, 6].map((count) => laterDay(this.day, count));
    const day = next.find((later) => left.includes(weekdayOf(later)));
    this.dispatchEvent(new CustomEvent('begins', { detail: day }));
  }

  private change(part: Partial<Repeat>): void {
    this.tell({ ...(this.repeat as Repeat), ...part });
  }

  private tell(repeat: Repeat | undefined): void {
    this.dispatchEvent(new CustomEvent('repeat', { detail: repeat }));
  }
}
customElements.define('repeat-field', RepeatField);

/** 2024 began on a Monday. */
function dayWords(day: Weekday, length: 'long' | 'narrow'): string {
  const date = new Date(Date.UTC(2024, 0, 1 + WEEKDAYS.indexOf(day)));
  return date.toLocaleDateString(localeTag(), { weekday: length, timeZone: 'UTC' });
}
