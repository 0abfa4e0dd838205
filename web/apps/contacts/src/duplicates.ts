/** Contacts that may be one: shown side by side, merged by a tap, taken back by another. */

import { localeTag, problemWords, t, Words } from '@pileus/kit';
import { BridgeError, type DuplicateGroup, type Phone } from '@pileus/sdk';
import { html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { textOf } from './card.ts';
import { detailStyles } from './detail.css.ts';
import type { Person } from './people.ts';

export class ContactDuplicates extends LitElement {
  static override styles = detailStyles;
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) people: Person[] = [];
  @state() private groups: DuplicateGroup[] | undefined;
  @state() private busy = '';
  @state() private failed = '';
  @state() private merged: { merge: string; name: string } | undefined;

  constructor() {
    super();
    new Words(this);
  }

  override firstUpdated(): void {
    void this.load();
  }

  override render() {
    return html`<header>
        <button class="icon back" aria-label=${t('contacts.back')} @click=${() => this.dispatchEvent(new CustomEvent('leave'))}><pl-icon name="arrow-left"></pl-icon></button>
        <h1>${t('contacts.duplicates')}</h1></header>
      <div class="scroll">${this.failed ? html`<p class="bad" role="alert">${this.failed}</p>` : nothing}${this.list()}</div>
      ${
        this.merged
          ? html`<div class="said act" role="status"><span>${t('contacts.merged', { name: this.merged.name })}</span>
        <button @click=${this.undo}>${t('contacts.undo')}</button></div>`
          : nothing
      }`;
  }

  private list() {
    if (!this.groups) return nothing;
    if (this.groups.length === 0)
      return html`<pl-empty glyph="check" text=${t('contacts.no-duplicates')}></pl-empty>`;
    return this.groups.map((group) => {
      const people = group.contacts.flatMap((id) => this.people.find((one) => one.id === id) ?? []);
      if (people.length < 2) return nothing;
      const key = group.contacts.join();
      return html`<section><h2>${group.reasons.map((reason) => t(`contacts.same-${reason}`)).join(' · ')}</h2><div class="card">
        ${people.map(
          (
            one,
          ) => html`<button class="line person" @click=${() => this.dispatchEvent(new CustomEvent('show', { detail: one.id }))}>
          <pl-avatar .person=${one.id} .name=${one.name} .photo=${one.photo}></pl-avatar><span class="value">${one.name}</span>
          <span class="kind">${[...(one.card.tel ?? []), ...(one.card.email ?? [])].map(textOf).slice(0, 2).join(' · ')}</span></button>`,
        )}
        <div class="acts"><pl-button ?disabled=${this.busy !== ''} @click=${() => this.keepApart(group)}>${t('contacts.different')}</pl-button>
          <pl-button kind="primary" ?busy=${this.busy === key} ?disabled=${this.busy !== '' && this.busy !== key} @click=${() => this.merge(group, people[0]!.name)}>${t('contacts.merge')}</pl-button></div></div></section>`;
    });
  }

  private async load(): Promise<void> {
    await this.tried(async () => {
      const region = new Intl.Locale(localeTag()).maximize().region;
      this.groups = await this.phone.contacts.duplicates(
        region && /^[A-Z]{2}$/.test(region) ? region : undefined,
      );
    });
  }

  private async merge(group: DuplicateGroup, name: string): Promise<void> {
    this.busy = group.contacts.join();
    await this.tried(async () => {
      const { merge } = await this.phone.contacts.merge(group.contacts);
      this.merged = { merge, name };
      this.groups = this.groups?.filter((one) => one !== group);
    });
    this.busy = '';
  }

  private undo = async (): Promise<void> => {
    const { merged } = this;
    this.merged = undefined;
    if (!merged) return;
    await this.tried(() => this.phone.contacts.unmerge(merged.merge));
    await this.load();
  };

  /** Works without a network too: it is a record. */
  private async keepApart(group: DuplicateGroup): Promise<void> {
    await this.phone.records.put('contacts.distinct', crypto.randomUUID(), { contacts: group.contacts });
    this.groups = this.groups?.filter((one) => one !== group);
  }

  private async tried(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.failed = '';
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      this.failed =
        error.code === 'offline' ? t('contacts.duplicates-offline') : problemWords(error.code, error.message);
    }
  }
}
customElements.define('contact-duplicates', ContactDuplicates);
