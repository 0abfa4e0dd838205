/** Who takes part in an event: the organizer's list, or the question to a guest. */

import { t, Words } from '@pileus/kit';
import { BridgeError, type Fields, type Phone } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import {
  ANSWERS,
  type Answer,
  type Guest,
  guestsOf,
  hostOf,
  isMail,
  newGuest,
  ownAnswer,
  sameAddress,
  typedName,
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

/** For so long it is waited whether the cloud knows an account: without a connection, it says so later. */
const ASK_MS = 4000;
const SLOW_MS = 400;

/** Fires `guests` with the new list, `answer` with what a guest says. */
export class EventPeople extends LitElement {
  static override styles = peopleStyles;
  @property({ attribute: false }) phone!: Phone;
  /** The event as it is; none where it is new. */
  @property({ attribute: false }) fields: Fields = {};
  @property({ attribute: false }) guests: readonly Guest[] = [];
  /** Which of a series is open, as its RECURRENCE-ID; "" for an event that happens once. */
  @property() recurrence = '';
  @property({ type: Boolean }) cancelled = false;
  /** Why what was typed was not added. */
  @state() private refused = '';
  @state() private slow = false;
  private asking: Promise<boolean> | undefined;
  @query('input') private typed!: HTMLInputElement | null;

  constructor() {
    super();
    new Words(this);
  }

  override render() {
    const host = hostOf(this.fields);
    const known = guestsOf(this.fields, this.recurrence);
    return html`${host ? this.question(host) : nothing}
      ${host || this.guests.length > 0 ? nothing : html`<p class="lead">${t('calendar.guests-lead')}</p>`}
      <ul>${this.guests.map((guest) => this.guest(guest, known, !host))}</ul>
      ${
        host
          ? nothing
          : html`<div class="add"><input autocomplete="off" autocapitalize="off" aria-label=${t('calendar.guest-name')} placeholder=${t('calendar.guest-name')}
              aria-invalid=${this.refused !== ''} aria-describedby="refused" @input=${() => (this.refused = '')} @keydown=${this.onKey}><pl-button ?busy=${this.slow} @click=${() => void this.take()}>${t('calendar.add-guest')}</pl-button></div>
            <p class="refused" id="refused" role="alert" ?hidden=${!this.refused}>${this.refused}</p>`
      }`;
  }

  /** Adds what stands in the field, where something does: false where that is nobody, which is said. */
  async take(): Promise<boolean> {
    await this.asking;
    const typed = this.typed?.value ?? '';
    const guest = newGuest(typed);
    if (!guest) return true;
    const slow = setTimeout(() => (this.slow = true), SLOW_MS);
    this.asking = this.ask(typed, guest).finally(() => {
      clearTimeout(slow);
      this.slow = false;
      this.asking = undefined;
    });
    return this.asking;
  }

  private async ask(typed: string, guest: Guest): Promise<boolean> {
    const found = isMail(typed) ? t('calendar.guest-mail') : await this.known(guest);
    if (typeof found === 'string') {
      this.refused = found;
      await this.updateComplete;
      this.renderRoot.querySelector('#refused')?.scrollIntoView({ block: 'nearest' });
      this.typed?.focus({ preventScroll: true });
      return false;
    }
    if (this.typed?.value === typed) this.typed.value = '';
    if (!this.guests.some((one) => sameAddress(one.address, found.address)))
      this.tell([...this.guests, found]);
    return true;
  }

  /** The guest as their account is written, or why they are none. Who cannot be asked for now is taken as typed. */
  private async known(guest: Guest): Promise<Guest | string> {
    const late = new Promise<undefined>((done) => setTimeout(() => done(undefined), ASK_MS));
    try {
      const found = await Promise.race([this.phone.calendar.guest(typedName(guest.name)), late]);
      return (found && newGuest(found.name)) ?? guest;
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      return error.code === 'no-account' ? t('calendar.guest-unknown') : guest;
    }
  }

  private question(host: string) {
    const said = ownAnswer(this.fields, this.recurrence);
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
    void this.take();
  };

  private tell(guests: readonly Guest[]): void {
    this.dispatchEvent(new CustomEvent('guests', { detail: guests }));
  }
}
customElements.define('event-people', EventPeople);
