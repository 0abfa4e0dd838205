/** A field of a moment or a day. */

import { localeTag } from '@pileus/kit';
import { html, nothing } from 'lit';

/**
 * The browser's field speaks the browser's language: it lies unseen over the words in the interface's. `value` is a
 * wall clock (`2026-03-20T09:00`) or a day; `least` the first that may be chosen.
 */
export function moment(label: string, value: string, set: (value: string) => void, least?: string) {
  return html`<label class="field"><span>${label}</span><span class="moment"><b aria-hidden="true">${momentText(value)}</b>
      <input type=${value.length > 10 ? 'datetime-local' : 'date'} .value=${value} min=${least ?? nothing}
        @change=${(event: Event) => set((event.target as HTMLInputElement).value)} @keydown=${typed} @blur=${typed}></span></label>`;
}

/** Marks a field that is typed into, until it is left. */
function typed(event: Event): void {
  const types = event instanceof KeyboardEvent && event.key !== 'Tab';
  (event.target as HTMLElement).toggleAttribute('data-typed', types);
}

/** In words of the language. */
export function momentText(wall: string): string {
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
