/** To whom a new message goes: a number, an account, a name of the contacts, or several of them. */

import { type AddressBook, problemWords, type Speak, t, Words } from '@pileus/kit';
import { rows } from '@pileus/kit/people/rows.ts';
import { BridgeError, type Phone, type Thread } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import {
  accountOf,
  listed,
  listedWith,
  mixed,
  type Suggestion,
  sameGroup,
  suggested,
  typedPerson,
} from './person.ts';

const SUGGESTED = 6;
/** Between the last letter and the question whether an account has this name, and how long Write waits for it. */
const LOOK_MS = 500;
const LOOKED_MS = 2000;

/** Who was chosen: a number or `@account`, and a name as far as one is known. */
export interface One {
  address: string;
  name: string;
}
/** Two or more, with what was typed of each. */
export interface Several {
  people: string[];
  names: readonly string[];
}

/** Fires `one` or `several` with who was chosen, or `cancel`. */
export class NewConversation extends LitElement {
  static override styles = [
    rows,
    css`
    :host { flex: none; }
    form { margin: 0 var(--pl-side) 12px; padding: 14px 16px; border-radius: var(--pl-radius-card); background: var(--pl-card); display: grid; grid-template-columns: 1fr auto; gap: 8px; }
    b { align-self: center; font: 600 16px/1.3 var(--pl-font); }
    .icon { all: unset; width: 44px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); color: var(--pl-ink-soft); cursor: pointer; justify-self: end; margin: -6px -8px -4px 0; }
    .icon:active { background: var(--pl-pressed); }
    .icon:focus-visible, .row:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
    input { all: unset; min-width: 0; height: 48px; padding: 0 16px; border-radius: var(--pl-radius); background: var(--pl-sunken); color: var(--pl-ink); font: 400 16px var(--pl-font); }
    input:focus-visible { outline: 2px solid var(--pl-accent); }
    input::placeholder { color: var(--pl-ink-soft); opacity: 1; }
    .found { grid-column: 1 / -1; margin: 0 -16px -14px; }
    .found .row { min-height: 60px; }
    .found .row:first-child { box-shadow: inset 0 1px var(--pl-hairline); }
    .last { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); grid-area: 2 / 2 / auto / -1; }
    p { grid-column: 1 / -1; margin: 0 4px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    .bad { color: var(--pl-red); }
  `,
  ];
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) threads: readonly Thread[] = [];
  @property({ attribute: false }) book!: AddressBook;
  @property({ attribute: false }) speak: Speak | undefined;
  @state() private typed = '';
  @state() private strange = false;
  /** A name that several have, or one with several numbers: it is asked which. */
  @state() private unclear = '';
  /** Whom the names in a list of several are of. */
  private readonly picked = new Map<string, string>();
  /** What the cloud said of an account's name that is typed. */
  @state() private looked: { account: string; known: boolean } | undefined;
  private lookTimer = 0;

  constructor() {
    super();
    new Words(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.lookTimer);
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector('input')?.focus();
  }

  override render() {
    const found = this.suggestions(this.unclear || listed(this.typed).last, SUGGESTED);
    const hint = this.hint();
    return html`<form @submit=${this.start}>
      <b>${t('messages.new')}</b><button type="button" class="icon" aria-label=${t('messages.cancel')} title=${t('messages.cancel')} @click=${() => this.tell('cancel')}><pl-icon name="x"></pl-icon></button>
      <input type="text" name="person" autocomplete="off" autocapitalize="off" placeholder=${t('messages.to')} aria-label=${t('messages.to')} aria-invalid=${hint.bad && (found.length === 0 || hint.told)}
        aria-describedby="new-hint" .value=${this.typed} @input=${this.type}>
      <pl-button kind="primary" @click=${() => this.renderRoot.querySelector<HTMLFormElement>('form')!.requestSubmit()}>${t('messages.start')}</pl-button>
      ${found.length === 0 || hint.told ? html`<p id="new-hint" role="status" class=${hint.bad ? 'bad' : ''}>${hint.words}</p>` : nothing}
      ${
        found.length > 0
          ? html`<div class="found" role="group" aria-label=${t('messages.suggestions')}>${found.map(
              (one) =>
                html`<button type="button" class="row" @click=${() => this.take(one)}>
                  <pl-avatar .person=${one.id} .name=${one.name} .photo=${one.photo}></pl-avatar><span class="name">${one.name}</span><span class="last">${one.address}</span></button>`,
            )}</div>`
          : nothing
      }</form>`;
  }

  /** What stands under the line; `told`: above suggestions too, which may be what is being typed. */
  private hint(): { words: string; bad: boolean; told: boolean } {
    if (this.unclear) return { words: t('messages.to-which', { name: this.unclear }), bad: true, told: true };
    const { people, last, several } = listed(this.typed);
    const addresses = people.flatMap((one) => {
      const found = this.addressesOf(one);
      return found.length === 1 ? found : [];
    });
    if (several && mixed(addresses))
      return { words: problemWords('message-people', ''), bad: true, told: true };
    const { account: name = '', known = false } = this.looked ?? {};
    if (name && (name === accountOf(last) || (!known && people.some((one) => accountOf(one) === name)))) {
      return {
        words: t(known ? 'messages.to-known' : 'messages.to-unknown', { name }),
        bad: !known,
        told: !known && this.strange,
      };
    }
    if (this.strange) return { words: t('messages.to-strange'), bad: true, told: true };
    return { words: t('messages.to-hint'), bad: false, told: false };
  }

  private suggestions(typed: string, most: number): Suggestion[] {
    return suggested(this.book.contacts, this.threads, typed, most, this.speak);
  }

  /** One alone is written to at once; in a list of several it takes the place of what is typed of it. */
  private take({ name, address }: Suggestion): void {
    const { people, last, several } = listed(this.typed);
    if (!several) return this.tell('one', { address, name });
    const instead = this.unclear || last;
    const others = people.filter((one) => one === name).length - Number(instead === name);
    const free = (others === 0 || this.picked.get(name) === address) && !/[,;、，；]/.test(name);
    if (free) this.picked.set(name, address);
    this.typed = listedWith(this.typed, free ? name : address, this.unclear);
    this.unclear = '';
    this.renderRoot.querySelector<HTMLInputElement>('input')?.focus();
  }

  /** Of one in the list: what was chosen for a name, a number or account, or of two at most who are called so. */
  private addressesOf(one: string): string[] {
    const person = this.picked.get(one) ?? typedPerson(one);
    return person ? [person] : this.suggestions(one, 2).map(({ address }) => address);
  }

  private type = (event: Event): void => {
    this.typed = (event.target as HTMLInputElement).value;
    this.strange = false;
    this.unclear = '';
    clearTimeout(this.lookTimer);
    const name = accountOf(listed(this.typed).last);
    if (name && !this.isKnown(name)) this.lookTimer = window.setTimeout(() => void this.look(name), LOOK_MS);
  };

  /** Whether an account has the name, as far as the cloud tells now. */
  private async look(account: string): Promise<boolean> {
    clearTimeout(this.lookTimer);
    if (this.isKnown(account)) return true;
    const late = new Promise<undefined>((done) => setTimeout(() => done(undefined), LOOKED_MS));
    const asked = this.phone.messages.account(account).then(
      () => true,
      (error: unknown) => (error instanceof BridgeError && error.code === 'no-account' ? false : undefined),
    );
    const known = await Promise.race([asked, late]);
    if (known !== undefined) this.looked = { account, known };
    else if (this.looked?.account === account) this.looked = undefined;
    return known ?? true;
  }

  /** An account that is not there may be made meanwhile: it is asked for again. */
  private isKnown(account: string): boolean {
    return this.looked?.account === account && this.looked.known;
  }

  private start = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { typed } = this;
    const { people } = listed(typed);
    if (people.length > 1) return this.startGroup(typed, people);
    const [one = ''] = people;
    const person = this.picked.get(one) ?? typedPerson(one);
    const found = person ? [] : this.suggestions(one, 2);
    this.strange = !person && found.length === 0;
    this.unclear = found.length > 1 ? one : '';
    if (!(await this.known(one))) {
      this.strange = this.typed === typed;
      return;
    }
    if (!this.isConnected || this.typed !== typed) return; // something else meanwhile
    if (person) this.tell('one', { address: person, name: person.startsWith('@') ? person.slice(1) : '' });
    else if (found.length === 1) this.tell('one', { address: found[0]!.address, name: found[0]!.name });
  };

  /** False where it is an account that is not there. */
  private async known(person: string): Promise<boolean> {
    const account = accountOf(person);
    return !account || this.threads.some(({ id }) => id === `@${account}`) || this.look(account);
  }

  private async startGroup(typed: string, names: readonly string[]): Promise<void> {
    const people: string[] = [];
    for (const name of names) {
      const [address, another] = this.addressesOf(name);
      this.unclear = another === undefined ? '' : name;
      if (this.unclear) return;
      const strange = address === undefined || !(await this.known(name));
      if (this.typed !== typed) return; // something else meanwhile
      this.strange = strange;
      if (strange) return;
      if (!people.some((one) => sameGroup([one], [address!]))) people.push(address!);
    }
    if (!this.isConnected || this.typed !== typed || mixed(people)) return;
    if (people.length > 1) this.tell('several', { people, names });
    else this.tell('one', { address: people[0]!, name: names[0]!.replace(/^[@＠]/, '') });
  }

  private tell(what: 'cancel' | 'one' | 'several', detail?: One | Several): void {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}
customElements.define('new-conversation', NewConversation);
