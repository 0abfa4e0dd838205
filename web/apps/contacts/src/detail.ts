/** One contact: who it is, and every way to reach them. */

import { localeTag, problemWords, t, telNumber, Words } from '@pileus/kit';
import { blockedWords } from '@pileus/kit/calls/block-list.ts';
import { BlockList, mayBlock, setBlocked, watchBlocks } from '@pileus/kit/calls/blocks.ts';
import { accountOf } from '@pileus/kit/people/contact.ts';
import { BridgeError, type Phone, type Telephony } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { first, kindOf, type Property, partsOf, textOf } from './card.ts';
import { dayText } from './dates.ts';
import { detailStyles } from './detail.css.ts';
import type { Person } from './people.ts';
import { kindWords } from './words.ts';

const SAID_MS = 2000;
/** What went wrong takes longer to read. */
const WRONG_MS = 6000;

export class ContactDetail extends LitElement {
  static override styles = detailStyles;
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) person!: Person;
  @state() private said = '';
  @state() private blocks = new BlockList();
  @state() private telephony: Telephony | undefined;
  private offs: (() => void)[] = [];
  private timer = 0;

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    this.offs = [
      watchBlocks(this.phone.records, (blocks) => (this.blocks = blocks)),
      this.phone.telephony.onState((telephony) => (this.telephony = telephony)),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const off of this.offs) off();
  }

  override render() {
    const { card, name, photo, starred, labels } = this.person;
    const phonetic = ['last', 'first'].map((part) => first(card, `x-phonetic-${part}-name`)).filter(Boolean);
    return html`<header>
        <button class="icon back" aria-label=${t('contacts.back')} @click=${() => this.tell('leave')}><pl-icon name="arrow-left"></pl-icon></button>
        <span class="gap"></span>
        <button class="icon ${starred ? 'starred' : ''}" aria-label=${t('contacts.favourite')} aria-pressed=${starred} @click=${this.star}><pl-icon name="star"></pl-icon></button>
        <button class="icon" aria-label=${t('contacts.share')} @click=${() => this.tell('export')}><pl-icon name="download"></pl-icon></button>
        <button class="icon" aria-label=${t('contacts.delete')} @click=${() => this.tell('bin')}><pl-icon name="trash"></pl-icon></button>
        <button class="icon" aria-label=${t('contacts.edit')} @click=${() => this.tell('edit')}><pl-icon name="pencil"></pl-icon></button>
      </header>
      <div class="scroll">
      <div class="hero"><pl-avatar .person=${this.person.id} .name=${name} .photo=${photo}></pl-avatar>
        <h1>${name}</h1>
        ${phonetic.length > 0 ? html`<p>${phonetic.join(' ')}</p>` : nothing}
        ${first(card, 'nickname') ? html`<p>${first(card, 'nickname')}</p>` : nothing}
        ${this.person.under ? html`<p>${this.person.under}</p>` : nothing}
        ${labels.length > 0 ? html`<div class="chips">${labels.map((label) => html`<button class="chip" @click=${() => this.tell('label', `#${label}`)}>${label}</button>`)}</div>` : nothing}
      </div>
      ${this.group('tel', 'smartphone')}${this.group('email', 'mail')}${this.group('impp', 'message-circle')}
      ${this.group('adr', 'map-pin')}${this.dates()}${this.group('url', 'globe')}${this.group('x-abrelatednames', 'users')}
      ${
        first(card, 'note')
          ? html`<section><h2>${t('contacts.note')}</h2><div class="card"><p class="note">${first(card, 'note')}</p></div></section>`
          : nothing
      }${this.blocking()}</div>
      ${this.said ? html`<div class="said" role="status">${this.said}</div>` : nothing}`;
  }

  private group(name: string, glyph: string) {
    const props = this.person.card[name] ?? [];
    if (props.length === 0) return nothing;
    const line = (prop: Property) =>
      this.line(glyph, this.labelOf(prop), name === 'adr' ? addressText(prop) : textOf(prop));
    return html`<section><h2>${t(`contacts.${name}`)}</h2><div class="card">${props.map((prop) =>
      reachable(name, prop)
        ? html`<div class="way">${line(prop)}${this.ways(reachable(name, prop))}</div>`
        : line(prop),
    )}</div></section>`;
  }

  private dates() {
    const { card } = this.person;
    const days = [
      ...(card.bday ?? []).map((prop) => [t('contacts.birthday'), prop] as const),
      ...(card.anniversary ?? []).map((prop) => [kindWords('anniversary'), prop] as const),
      ...(card['x-abdate'] ?? []).map((prop) => [this.labelOf(prop), prop] as const),
    ];
    if (days.length === 0) return nothing;
    return html`<section><h2>${t('contacts.dates')}</h2><div class="card">${days.map(([label, prop]) => this.line('calendar', label, dayText(textOf(prop), localeTag())))}</div></section>`;
  }

  private line(glyph: string, label: string, text: string) {
    return html`<button class="line" title=${t('contacts.copy')} @click=${() => this.copy(text)}>
      <pl-icon name=${glyph}></pl-icon><span class="value">${text}</span><span class="kind">${label}</span></button>`;
  }

  /** To call it, where this device calls; with which card, where it has several. An account is called without any. */
  private ways(number: string) {
    const none: Pick<Telephony, 'present' | 'cards'> = { present: number.startsWith('@'), cards: [] };
    const { present, cards } = number.startsWith('@') ? none : (this.telephony ?? none);
    const call = (label: string, card: string, shown = '') =>
      html`<button class="reach" aria-label=${label} title=${label} @click=${() => void this.reach(() => this.phone.telephony.dial(number, card))}><pl-icon name="phone"></pl-icon>${shown}</button>`;
    const several = cards.length > 1;
    return html`${present && !several ? call(t('contacts.call', { number }), '') : nothing}
      ${present && several ? cards.map(({ card, label }, at) => call(t('contacts.call-with', { number, card: label || `SIM ${at + 1}` }), card, String(at + 1))) : nothing}
      <button class="reach" aria-label=${t('contacts.write', { number })} title=${t('contacts.write', { number })} @click=${() => void this.reach(() => this.phone.writeTo(number, this.person.name))}><pl-icon name="message-circle"></pl-icon></button>`;
  }

  private async reach(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const why =
        error instanceof BridgeError ? problemWords(error.code, error.message) : t('problem.unknown');
      this.say(why, WRONG_MS);
    }
  }

  /** All numbers and accounts at once: who is not to be heard of is a person. */
  private blocking() {
    const { tel = [], impp = [] } = this.person.card;
    const numbers = [...tel.map(numberOf), ...impp.map(accountOf)].filter(mayBlock);
    if (numbers.length === 0) return nothing;
    const all = numbers.every((one) => this.blocks.has(one));
    return html`<section class="last"><button class="block" @click=${() => void this.block(numbers, !all)}><pl-icon name="ban"></pl-icon>${t(all ? 'blocks.unblock' : 'blocks.block')}</button></section>`;
  }

  private async block(numbers: readonly string[], on: boolean): Promise<void> {
    await this.reach(async () => {
      await setBlocked(this.phone.records, this.blocks, numbers, on);
      this.say(blockedWords(on, this.person.name));
    });
  }

  private labelOf(prop: Property): string {
    const label = kindOf(prop, this.person.card);
    return 'own' in label ? label.own : kindWords(label.kind);
  }

  private star = async (): Promise<void> => {
    const value = this.person.starred ? null : [{ value: '1' }];
    await this.phone.records.put('contacts.contact', this.person.id, { 'x-pileus-starred': value });
  };

  private async copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    this.say(t('contacts.copied'));
  }

  private say(words: string, ms = SAID_MS): void {
    this.said = words;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => (this.said = ''), ms);
  }

  private tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
customElements.define('contact-detail', ContactDetail);

/** The number or account that is dialled and written to; "" for what is neither. */
function reachable(name: string, prop: Property): string {
  if (name === 'tel') return numberOf(prop);
  return name === 'impp' ? accountOf(prop) : '';
}

/** As it is dialled. */
function numberOf(prop: Property): string {
  const text = textOf(prop);
  return (telNumber(text) ?? text).trim();
}

/** As an envelope has it: lines of street, place and country; Chinese from the country down to the street. */
function addressText(prop: Property): string {
  const [box, extended, street, city, region, code, country] = partsOf(prop, 7) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (/\p{Script=Han}/u.test(street + city + region))
    return [country, region, city, street, extended, box].filter(Boolean).join('') + (code ? ` ${code}` : '');
  const place = [code, city].filter(Boolean).join(' ');
  return [box, extended, street, place, region, country].filter(Boolean).join('\n');
}
