/** The form of a contact. It says `done` with true where something was kept. */

import { problemWords, selectStyles, t, Words } from '@pileus/kit';
import { BridgeError, type Phone } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { type Card, changes } from './card.ts';
import { parseDay, writeDay } from './dates.ts';
import { editorStyles } from './editor.css.ts';
import { cardOfForm, emptyRow, type Form, formOf, MANY, type Row, shownName } from './form.ts';
import { squarePicture } from './picture.ts';
import { kindWords } from './words.ts';

const OWN = ' own';
const NAMES = ['family', 'given', 'middle', 'prefix', 'suffix'] as const;
const GIVEN_FIRST = [3, 1, 2, 0, 4];
const FAMILY_FIRST = [3, 0, 2, 1, 4];
const ADDRESS = ['box', 'extended', 'street', 'city', 'region', 'code', 'country'] as const;
const TYPES: { readonly [name: string]: 'tel' | 'email' | 'url' | 'date' } = {
  tel: 'tel',
  email: 'email',
  url: 'url',
  'x-abdate': 'date',
};
/** A leap year: every day without a year has a place in it. */
const NO_YEAR = 2000;

export class ContactEditor extends LitElement {
  static override styles = [editorStyles, selectStyles];
  @property({ attribute: false }) phone!: Phone;
  @property() record = '';
  @property({ attribute: false }) card: Card | undefined;
  @property({ attribute: false }) labels: string[] = [];
  @state() private form!: Form;
  @state() private wide = false;
  @state() private asking = false;
  @state() private failed = '';
  @query('input[type=file]') private picker!: HTMLInputElement;
  private was: Card = {};
  private begun = '';

  constructor() {
    super();
    new Words(this);
  }

  override willUpdate(): void {
    if (this.form) return;
    this.was = this.card ?? {};
    this.form = formOf(this.was);
    for (const name of ['tel', 'email']) this.form.rows[name] ||= [];
    if (!this.card) {
      this.form.rows.tel = [emptyRow('tel')];
      this.form.rows.email = [emptyRow('email')];
    }
    this.begun = this.look();
    this.wide = this.form.name.some((part, index) => index > 1 && part) || this.form.phonetic.last !== '';
  }

  override firstUpdated(): void {
    this.dispatchEvent(new CustomEvent('ask', { detail: () => this.mayLeave() }));
  }

  override render() {
    const fresh = !this.card;
    return html`<header>
        <button class="icon" aria-label=${t('contacts.cancel')} @click=${() => this.mayLeave()}><pl-icon name="x"></pl-icon></button>
        <h1>${t(fresh ? 'contacts.new' : 'contacts.edit')}</h1>
        <pl-button kind="primary" ?disabled=${!shownName(this.form, this.was)} @click=${this.keep}>${t('contacts.save')}</pl-button>
      </header>
      ${
        this.asking
          ? html`<div class="ask" role="alertdialog" aria-label=${t('contacts.discard-question')}><p>${t('contacts.discard-question')}</p>
          <pl-button @click=${() => (this.asking = false)}>${t('contacts.go-on')}</pl-button><pl-button kind="danger" @click=${() => this.end(false)}>${t('contacts.discard')}</pl-button></div>`
          : nothing
      }
      ${this.failed ? html`<p class="bad" role="alert">${this.failed}</p>` : nothing}
      <div class="scroll">
        <div class="photo"><pl-avatar .person=${this.record} .name=${shownName(this.form, this.was)} .photo=${this.form.photo}></pl-avatar>
          <div><pl-button @click=${() => this.picker.click()}>${t(this.form.photo ? 'contacts.other-photo' : 'contacts.add-photo')}</pl-button>
          ${this.form.photo ? html`<pl-button kind="danger" @click=${() => this.set({ photo: '' })}>${t('contacts.remove-photo')}</pl-button>` : nothing}</div>
          <input type="file" hidden accept="image/*" @change=${this.pickPhoto}></div>
        <section class="card">${this.names()}
          ${this.text('nickname')}${this.text('org')}${this.text('department')}${this.text('title')}</section>
        ${Object.keys(MANY).map((name) => this.many(name))}
        <section class="card"><h2>${t('contacts.birthday')}</h2>${this.day(this.form.birthday, t('contacts.birthday'), (birthday) => this.set({ birthday }))}</section>
        ${this.labelsForm()}
        <section class="card"><label class="field"><span>${t('contacts.note')}</span><textarea rows="3" .value=${this.form.note}
          @input=${(event: Event) => this.set({ note: enteredIn(event) })}></textarea></label></section>
      </div>`;
  }

  private names() {
    const order = document.documentElement.lang.startsWith('zh') ? FAMILY_FIRST : GIVEN_FIRST;
    const shown = order.filter((index) => this.wide || index < 2);
    return html`${shown.map((index) =>
      this.field(t(`contacts.name-${NAMES[index]}`), this.form.name[index]!, (value) => {
        this.set({ name: this.form.name.with(index, value) });
      }),
    )}
    ${
      this.wide
        ? html`${this.field(t('contacts.phonetic-last'), this.form.phonetic.last, (last) => this.set({ phonetic: { ...this.form.phonetic, last } }))}
          ${this.field(t('contacts.phonetic-first'), this.form.phonetic.first, (first) => this.set({ phonetic: { ...this.form.phonetic, first } }))}`
        : html`<button class="more" @click=${() => (this.wide = true)}>${t('contacts.more-names')}</button>`
    }`;
  }

  private text(name: 'nickname' | 'org' | 'department' | 'title') {
    if (name === 'department' && !this.form.org && !this.form.department) return nothing;
    return this.field(
      t(name === 'title' ? 'contacts.title-field' : `contacts.${name}`),
      this.form[name],
      (value) => this.set({ [name]: value }),
    );
  }

  private field(label: string, value: string, change: (value: string) => void, type = 'text') {
    return html`<label class="field"><span>${label}</span><input type=${type} autocomplete="off" .value=${value}
      @input=${(event: Event) => change(enteredIn(event))}></label>`;
  }

  private many(name: string) {
    const rows = this.form.rows[name] ?? [];
    return html`<section class="card"><h2>${t(`contacts.${name}`)}</h2>
      ${repeat(
        rows,
        (row) => row.key,
        (row) => this.row(name, row),
      )}
      <button class="add" @click=${() => this.setRows(name, [...rows, emptyRow(name)])}><pl-icon name="plus"></pl-icon>${t(`contacts.add-${name}`)}</button></section>`;
  }

  private row(name: string, row: Row) {
    const set = (change: Partial<Row>) =>
      this.setRows(
        name,
        this.form.rows[name]!.map((one) => (one.key === row.key ? { ...one, ...change } : one)),
      );
    const what = t(`contacts.${name}`);
    const value =
      name === 'adr'
        ? html`<div class="address">${ADDRESS.map((part, index) =>
            index < 2 && !row.parts[index]
              ? nothing
              : this.field(t(`contacts.address-${part}`), row.parts[index]!, (text) =>
                  set({ parts: row.parts.with(index, text) }),
                ),
          )}</div>`
        : TYPES[name] === 'date'
          ? this.day(row.value, what, (text) => set({ value: text }))
          : html`<input class="value" type=${TYPES[name] ?? 'text'} aria-label=${what} placeholder=${name === 'impp' ? t('contacts.impp-hint') : nothing} autocomplete="off" .value=${row.value} @input=${(event: Event) => set({ value: enteredIn(event) })}>`;
    return html`<div class="row">
      <div class="kinds">${this.kinds(name, row, set)}</div>
      ${value}
      <button class="icon" aria-label=${t('contacts.remove', { what: `${what} ${row.value}`.trim() })} @click=${() =>
        this.setRows(
          name,
          this.form.rows[name]!.filter((one) => one.key !== row.key),
        )}><pl-icon name="x"></pl-icon></button></div>`;
  }

  private kinds(name: string, row: Row, set: (change: Partial<Row>) => void) {
    const offered = MANY[name]!;
    const all = row.kind && !offered.includes(row.kind) ? [row.kind, ...offered] : offered;
    const own = row.kind === '';
    return html`<select aria-label=${t('contacts.kind')} @change=${(event: Event) => {
      const value = enteredIn(event);
      set(value === OWN ? { kind: '' } : { kind: value, own: '' });
    }}>${all.map((kind) => html`<option value=${kind} ?selected=${kind === row.kind}>${kindWords(kind)}</option>`)}
      <option value=${OWN} ?selected=${own}>${t('contacts.own-label')}</option></select>
      ${own ? html`<input aria-label=${t('contacts.own-label')} placeholder=${t('contacts.own-label')} .value=${row.own} @input=${(event: Event) => set({ own: enteredIn(event) })}>` : nothing}`;
  }

  private day(text: string, label: string, change: (text: string) => void) {
    const day = parseDay(text);
    if (text && !day) return this.field(label, text, change);
    const shown = day ? writeDay({ ...day, year: day.year ?? NO_YEAR }) : '';
    const without = day !== undefined && day.year === undefined;
    const say = (value: string, noYear: boolean) => {
      const at = parseDay(value);
      change(at ? writeDay(noYear ? { month: at.month, day: at.day } : at) : '');
    };
    return html`<div class="day"><input type="date" aria-label=${label} .value=${shown} @change=${(event: Event) => say(enteredIn(event), without)}>
      <label class="check"><input type="checkbox" .checked=${without} ?disabled=${!day} @change=${(event: Event) => say(shown, (event.target as HTMLInputElement).checked)}>${t('contacts.no-year')}</label></div>`;
  }

  private labelsForm() {
    const all = [...new Set([...this.labels, ...this.form.labels])];
    return html`<section class="card"><h2>${t('contacts.labels')}</h2>
      <div class="chips">${all.map((label) => {
        const on = this.form.labels.includes(label);
        return html`<button class="chip" aria-pressed=${on} @click=${() => this.set({ labels: on ? this.form.labels.filter((one) => one !== label) : [...this.form.labels, label] })}>${label}</button>`;
      })}<input class="newlabel" aria-label=${t('contacts.new-label')} placeholder=${t('contacts.new-label')} @change=${(
        event: Event,
      ) => {
        const label = enteredIn(event).trim();
        (event.target as HTMLInputElement).value = '';
        if (label && !this.form.labels.includes(label)) this.set({ labels: [...this.form.labels, label] });
      }}></div></section>`;
  }

  private set(change: Partial<Form>): void {
    this.form = { ...this.form, ...change };
  }

  private setRows(name: string, rows: Row[]): void {
    this.set({ rows: { ...this.form.rows, [name]: rows } });
  }

  private look(): string {
    return JSON.stringify(cardOfForm(this.form, this.was) ?? null);
  }

  /** Asks first where something would be lost; false: it stays. */
  private mayLeave(): boolean {
    if (this.asking || this.look() === this.begun) {
      this.end(false);
      return true;
    }
    this.asking = true;
    return false;
  }

  private pickPhoto = async (): Promise<void> => {
    const file = this.picker.files?.[0];
    this.picker.value = '';
    if (!file) return;
    try {
      this.set({ photo: await squarePicture(file) });
      this.failed = '';
    } catch {
      this.failed = t('contacts.no-picture');
    }
  };

  private keep = async (): Promise<void> => {
    const card = cardOfForm(this.form, this.was);
    if (!card) return;
    const fields = changes(this.was, card);
    try {
      if (Object.keys(fields).length > 0)
        await this.phone.records.put('contacts.contact', this.record, fields);
      this.end(true);
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      this.failed = problemWords(error.code, error.message);
    }
  };

  private end(kept: boolean): void {
    this.dispatchEvent(new CustomEvent('done', { detail: kept }));
  }
}
customElements.define('contact-editor', ContactEditor);

function enteredIn(event: Event): string {
  return (event.target as HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement).value;
}
