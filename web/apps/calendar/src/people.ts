/** Who takes part in an event: the organizer's list, or the question to a guest. */

import { t, Words } from '@pileus/kit';
import type { Fields } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query } from 'lit/decorators.js';
import {
  ANSWERS,
  type Answer,
  type Guest,
  guestsOf,
  hostOf,
  newGuest,
  ownAnswer,
  sameAddress,
} from './guests.ts';
import { peopleStyles } from './people.css.ts';

const SAID: Readonly<Record<Answer, string>> = {
  ACCEPTED: 'calendar.accepted',
  TENTATIVE: 'calendar.maybe',
  DECLINED: 'calendar.declined',
  'NEEDS-ACTION': 'calendar.no-answer',
};
const ASKED: Readonly<Record<Answer, string>> = {
  ...SAID,
  ACCEPTED: 'calendar.accept',
  TENTATIVE: 'calendar.maybe',
  DECLINED: 'calendar.decline',
};

/** Fires `guests` with the new list, `answer` with what a guest says. */
export class EventPeople extends LitElement {
  static override styles = peopleStyles;
  /** The event as it is; none where it is new. */
  @property({ attribute: false }) fields: Fields = {};
  @property({ attribute: false }) guests: readonly Guest[] = [];
  @property({ type: Boolean }) cancelled = false;
  @query('input') private typed!: HTMLInputElement;

  constructor() {
    super();
    new Words(this);
  }

  override render() {
    const host = hostOf(this.fields);
    const known = guestsOf(this.fields);
    return html`${host ? this.question(host) : nothing}
      ${host || this.guests.length > 0 ? nothing : html`<p class="lead">${t('calendar.guests-lead')}</p>`}
      <ul>${this.guests.map((guest) => this.guest(guest, known, !host))}</ul>
      ${
        host
          ? nothing
          : html`<div class="add"><input autocomplete="off" autocapitalize="off" aria-label=${t('calendar.guest-name')} placeholder=${t('calendar.guest-name')}
              @keydown=${this.onKey}><pl-button @click=${this.add}>${t('calendar.add-guest')}</pl-button></div>`
      }`;
  }

  /** Whether a name stands in the field that is not in the list yet: it is meant to be. */
  take(): void {
    if (this.typed?.value.trim()) this.add();
  }

  private question(host: string) {
    const said = ownAnswer(this.fields);
    return html`<p class="host">${t('calendar.invited-by', { name: host })}</p>
      <div class="answers" role="group" ?hidden=${this.cancelled} aria-label=${t('calendar.your-answer')}>${ANSWERS.map(
        (answer) =>
          html`<button aria-pressed=${said === answer} @click=${() => this.dispatchEvent(new CustomEvent('answer', { detail: answer }))}>${t(ASKED[answer])}</button>`,
      )}</div>`;
  }

  /** As it is `known` by now: answers come while the form is open. */
  private guest(guest: Guest, known: readonly Guest[], own: boolean) {
    const { failed, answer } = known.find((one) => sameAddress(one.address, guest.address)) ?? guest;
    const state = failed
      ? t(failed === 'unknown' ? 'calendar.guest-unknown' : 'calendar.guest-undelivered')
      : t(SAID[answer]);
    return html`<li><span><b>${guest.name}</b><small class=${failed ? 'bad' : ''}>${state}</small></span>
      ${own ? html`<button class="icon" aria-label=${t('calendar.remove-guest', { name: guest.name })} @click=${() => this.tell(this.guests.filter((one) => one !== guest))}><pl-icon name="x"></pl-icon></button>` : nothing}</li>`;
  }

  private onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    this.add();
  };

  private add = (): void => {
    const guest = newGuest(this.typed.value);
    this.typed.value = '';
    if (guest && !this.guests.some((one) => sameAddress(one.address, guest.address)))
      this.tell([...this.guests, guest]);
  };

  private tell(guests: readonly Guest[]): void {
    this.dispatchEvent(new CustomEvent('guests', { detail: guests }));
  }
}
customElements.define('event-people', EventPeople);
