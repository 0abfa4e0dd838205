/** Contacts: the list with its index, and beside or over it a contact, its form, or what may be one. */

import '@pileus/kit';
import { localeTag, type MenuItem, type PlMenu, rereads, t, Words } from '@pileus/kit';
import type { Phone, PhoneRecord } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { Exchange } from './exchange.ts';
import './detail.ts';
import './duplicates.ts';
import './editor.ts';
import { allLabels, byLetter, findPeople, hasHan, type Person, peopleOf, type Speak } from './people.ts';
import { styles } from './styles.ts';

export const COLLECTION = 'contacts.contact';
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ#'];
const UNDO_MS = 6000;

type View =
  | { kind: 'person'; id: string }
  | { kind: 'form'; id: string; fresh: boolean }
  | { kind: 'duplicates' };

export class ContactsApp extends LitElement {
  static override styles = styles;
  @property({ attribute: false }) phone!: Phone;
  @state() private people: Person[] | undefined;
  @state() private view: View | undefined;
  @state() private words = '';
  @state() private label = '';
  @state() private removed: Person | undefined;
  @query('input[type=file]') private picker!: HTMLInputElement;
  @query('pl-menu') private menu!: PlMenu;
  private readonly exchange = new Exchange(this);
  private records: PhoneRecord[] = [];
  private speak: Speak = () => [];
  private timer = 0;
  private leaving?: () => boolean;

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    void this.load();
    this.phone.records.subscribe(COLLECTION, () => void this.load());
    this.phone.onLeave(() => this.finishRemoval());
    this.phone.onBack(() => this.back());
  }

  override render() {
    const person = this.shown();
    return html`<div class="panes ${this.view ? 'open' : ''}">
      <main>
        <div class="top"><h1>${t('contacts.title')}</h1>
          <pl-menu .label=${t('contacts.more')} .items=${this.more()}></pl-menu></div>
        <label class="search"><pl-icon name="search"></pl-icon><input type="search" placeholder=${t('contacts.search')}
          aria-label=${t('contacts.search')} .value=${this.words} @input=${this.seek}></label>
        ${this.chips()}
        ${this.exchange.render()}
        <div class="body"><div class="list" @scroll=${this.follow}>${this.list()}</div>${this.index()}</div>
        ${this.people?.length ? html`<button class="new" aria-label=${t('contacts.new')} @click=${this.create}><pl-icon name="plus"></pl-icon></button>` : nothing}
        <input type="file" hidden accept=".vcf,text/vcard,text/x-vcard" @change=${this.pick}>
      </main>
      <aside>${
        this.view?.kind === 'form'
          ? keyed(
              this.view.id,
              html`<contact-editor .phone=${this.phone} .record=${this.view.id} .card=${person?.card} .labels=${this.labels()}
              @done=${this.formDone} @ask=${(event: CustomEvent<() => boolean>) => (this.leaving = event.detail)}></contact-editor>`,
            )
          : this.view?.kind === 'duplicates'
            ? html`<contact-duplicates .phone=${this.phone} .people=${this.people ?? []} @leave=${this.leave} @show=${this.showEvent}></contact-duplicates>`
            : person
              ? keyed(
                  person.id,
                  html`<contact-detail .phone=${this.phone} .person=${person} @leave=${this.leave} @edit=${this.edit} @bin=${this.bin}
              @export=${() => this.exchange.give(this.phone, '4.0', person.id)} @label=${(event: CustomEvent<string>) => this.pickLabel(event.detail)}></contact-detail>`,
                )
              : html`<pl-empty glyph="user" text=${t('contacts.choose')}></pl-empty>`
      }</aside>
    </div>
    ${
      this.removed
        ? html`<div class="undo" role="status"><span>${t('contacts.deleted', { name: this.removed.name })}</span>
        <button @click=${this.undo}>${t('contacts.undo')}</button></div>`
        : nothing
    }`;
  }

  private more(): MenuItem[] {
    return [
      { label: t('contacts.find-duplicates'), act: () => (this.view = { kind: 'duplicates' }) },
      { label: t('contacts.import'), act: () => this.picker.click() },
      { label: t('contacts.export'), act: () => void this.exchange.give(this.phone, '4.0') },
      { label: t('contacts.export-old'), act: () => void this.exchange.give(this.phone, '3.0') },
    ];
  }

  private chips() {
    const labels = this.labels();
    const starred = this.people?.some((one) => one.starred);
    if (labels.length === 0 && !starred) return nothing;
    const chip = (value: string, text: string) =>
      html`<button class="chip" aria-pressed=${this.label === value} @click=${() => this.pickLabel(value)}>${text}</button>`;
    return html`<div class="chips" role="group" aria-label=${t('contacts.labels')}>${chip('', t('contacts.all'))}
      ${starred ? chip('*', t('contacts.favourites')) : nothing}${labels.map((label) => chip(`#${label}`, label))}</div>`;
  }

  private list() {
    if (!this.people) return nothing;
    const kept = this.filtered();
    if (this.people.length === 0)
      return html`<pl-empty glyph="user" text=${t('contacts.empty')}>
        <pl-button kind="primary" @click=${this.create}>${t('contacts.new')}</pl-button>
        <pl-button @click=${() => this.picker.click()}>${t('contacts.import')}</pl-button></pl-empty>`;
    if (kept.length === 0)
      return html`<pl-empty glyph="search" text=${t('contacts.none-found', { query: this.words })}></pl-empty>`;
    return byLetter(kept).map(
      (
        group,
      ) => html`<section aria-label=${group.letter === '#' ? t('contacts.others') : group.letter} data-letter=${group.letter}>
        <h2>${group.letter}</h2><div class="card">${group.people.map((person) => this.row(person))}</div></section>`,
    );
  }

  private row(person: Person) {
    const shown = this.view?.kind !== 'duplicates' && this.shown()?.id === person.id;
    return html`<button class="row" aria-current=${shown ? 'true' : 'false'} @click=${() => this.show(person.id)}>
      <pl-avatar .person=${person.id} .name=${person.name} .photo=${person.photo}></pl-avatar>
      <span class="who"><span class="name">${person.name}</span>${person.under ? html`<span class="under">${person.under}</span>` : nothing}</span>
      ${person.starred ? html`<pl-icon name="star" class="mark star" role="img" aria-label=${t('contacts.favourite')}></pl-icon>` : nothing}
      ${person.pending ? html`<pl-icon name="cloud-upload" class="mark" role="img" aria-label=${t('contacts.pending')}></pl-icon>` : nothing}
    </button>`;
  }

  /** The alphabet at the edge: a finger on it goes through the list. For others the sections are enough. */
  private index() {
    const letters = new Set(this.filtered().map((one) => one.letter));
    if (letters.size < 4) return nothing;
    return html`<div class="index" aria-hidden="true" @pointerdown=${this.slide} @pointermove=${this.slide}>${LETTERS.map(
      (letter) => html`<span class=${letters.has(letter) ? '' : 'none'}>${letter}</span>`,
    )}</div>`;
  }

  private slide = (event: PointerEvent): void => {
    if (event.type === 'pointermove' && event.buttons === 0) return;
    event.preventDefault();
    const rail = event.currentTarget as HTMLElement;
    const { top, height } = rail.getBoundingClientRect();
    const at = Math.floor(((event.clientY - top) / height) * LETTERS.length);
    const wanted = LETTERS[Math.max(0, Math.min(LETTERS.length - 1, at))]!;
    const sections = [...this.renderRoot.querySelectorAll<HTMLElement>('section')];
    const place = (letter: string) => LETTERS.indexOf(letter);
    const target =
      sections.find((section) => place(section.dataset.letter!) >= place(wanted)) ?? sections.at(-1);
    target?.scrollIntoView({ block: 'start' });
  };

  /** Marks the letter that stands at the top. */
  private follow = (event: Event): void => {
    const list = event.currentTarget as HTMLElement;
    const top = list.getBoundingClientRect().top + 8;
    const sections = [...this.renderRoot.querySelectorAll<HTMLElement>('section')];
    const now = sections.filter((section) => section.getBoundingClientRect().top <= top).at(-1)
      ?.dataset.letter;
    for (const span of this.renderRoot.querySelectorAll<HTMLElement>('.index span'))
      span.classList.toggle('now', span.textContent === now);
  };

  private filtered(): Person[] {
    const kept = (this.people ?? []).filter(
      (one) =>
        one.id !== this.removed?.id &&
        (this.label === '' || (this.label === '*' ? one.starred : one.labels.includes(this.label.slice(1)))),
    );
    return this.words.trim() ? findPeople(kept, this.words) : kept;
  }

  private labels(): string[] {
    return allLabels(this.people ?? [], localeTag());
  }

  private shown(): Person | undefined {
    const view = this.view;
    return view && 'id' in view ? this.people?.find((one) => one.id === view.id) : undefined;
  }

  private readonly load = rereads(async () => {
    this.records = await this.phone.records.query(COLLECTION);
    if (hasHan(this.records)) this.speak = (await import('@pileus/kit/people/pinyin.ts')).speak;
    this.people = peopleOf(this.records, this.speak);
    if (this.view?.kind === 'person' && !this.shown()) this.view = undefined;
  });

  private back(): boolean {
    if (this.menu.shut()) return true;
    if (this.view?.kind === 'form') this.leaving?.();
    else if (this.view) this.leave();
    else if (this.words) this.words = '';
    else if (this.label) this.label = '';
    else return false;
    return true;
  }

  private show(id: string): void {
    if (this.view?.kind === 'form' && this.leaving?.() === false) return;
    this.view = { kind: 'person', id };
  }

  private showEvent = (event: CustomEvent<string>): void => this.show(event.detail);

  private create = (): void => {
    if (this.view?.kind === 'form' && this.leaving?.() === false) return;
    this.view = { kind: 'form', id: crypto.randomUUID(), fresh: true };
  };

  private edit = (): void => {
    const person = this.shown();
    if (person) this.view = { kind: 'form', id: person.id, fresh: false };
  };

  private formDone = async (event: CustomEvent<boolean>): Promise<void> => {
    const form = this.view;
    this.leaving = undefined;
    if (form?.kind !== 'form') return;
    if (event.detail) await this.load();
    this.view = form.fresh && !event.detail ? undefined : { kind: 'person', id: form.id };
  };

  private leave = (): void => {
    this.view = undefined;
  };

  /** It is deleted when the offer to undo has passed: until then nothing is lost. */
  private bin = async (): Promise<void> => {
    await this.finishRemoval();
    this.removed = this.shown();
    this.leave();
    this.timer = window.setTimeout(() => void this.finishRemoval(), UNDO_MS);
  };

  private undo = (): void => {
    clearTimeout(this.timer);
    this.removed = undefined;
  };

  private async finishRemoval(): Promise<void> {
    clearTimeout(this.timer);
    const person = this.removed;
    if (!person) return;
    this.people = this.people?.filter((one) => one.id !== person.id) ?? [];
    this.removed = undefined;
    await this.phone.records.delete(COLLECTION, person.id);
  }

  private pickLabel(label: string): void {
    this.label = label;
    if (label && !this.shown()) this.leave();
  }

  private seek = (event: Event): void => {
    this.words = (event.target as HTMLInputElement).value;
  };

  private pick = async (): Promise<void> => {
    const file = this.picker.files?.[0];
    this.picker.value = '';
    if (file) await this.exchange.take(this.phone, file);
  };
}
customElements.define('contacts-app', ContactsApp);
