import { css, html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import { saveAs } from '../../../kit/src/save.ts';
import { moment } from './devices.ts';
import { SettingsPage } from './page.ts';

export interface Codes {
  left: number;
  made_at: number | null;
}

/** How many are left, and from when. */
export function codesWords({ left, made_at }: Codes): string {
  return left > 0 && made_at !== null
    ? t('recovery.left', { count: left, when: moment(made_at) })
    : t('recovery.none');
}

/** Codes that set a forgotten password: made, and shown once. */
export class PlRecovery extends SettingsPage {
  static override styles = [
    ...SettingsPage.styles,
    css`
      ol { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(208px, 1fr)); gap: 6px; }
      li { padding: 5px 12px; border-radius: 10px; background: var(--pl-sunken); text-align: center; user-select: all;
        font: 500 16px/1.4 ui-monospace, 'DejaVu Sans Mono', monospace; letter-spacing: 0.02em; }
      .two { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
    `,
  ];
  @state() private known?: Codes;
  @state() private codes?: readonly string[];
  @state() private present = '';
  @state() private tried = false;
  @state() private copied = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.work(async () => {
      this.known = await this.phone.api.get<Codes>('/account/recovery-codes');
    });
  }

  override render() {
    return this.codes ? this.made(this.codes) : this.asking();
  }

  private asking() {
    return html`${this.problemLine()}<p class="note">${t('recovery.lead')}</p>
      <div class="card fields">
        ${this.known ? html`<b>${codesWords(this.known)}</b>` : nothing}
        <pl-field id="present" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
          .error=${this.tried && !this.present ? t('welcome.password-missing') : undefined}
          @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)} @enter=${this.make}></pl-field>
        <pl-button id="make" kind="primary" ?busy=${this.busy} @click=${this.make}>${t('recovery.make')}</pl-button>
      </div>`;
  }

  private made(codes: readonly string[]) {
    return html`${this.problemLine()}<p class="note" role="status">${t('recovery.only-now')}</p>
      <div class="card fields"><ol>${codes.map((code) => html`<li>${code}</li>`)}</ol>
        <div class="two"><pl-button @click=${this.copy}>${this.copied ? t('recovery.copied') : t('recovery.copy')}</pl-button>
          <pl-button @click=${this.save}>${t('recovery.save')}</pl-button></div>
        <pl-button id="done" kind="primary" @click=${() => this.go({ page: 'security' })}>${t('recovery.done')}</pl-button></div>`;
  }

  private make = async (): Promise<void> => {
    this.tried = true;
    if (!this.present) return;
    await this.work(async () => {
      const wish = { present: this.present };
      this.codes = (await this.phone.api.post<{ codes: string[] }>('/account/recovery-codes', wish)).codes;
      this.present = '';
    });
  };

  private copy = async (): Promise<void> => {
    this.copied = await this.work(() => navigator.clipboard.writeText(this.text()));
  };

  private save = (): void => {
    const words = new Blob([`${this.text()}\n`], { type: 'text/plain' });
    saveAs(words, `pileus-${this.phone.session.name}.txt`);
  };

  private text(): string {
    return (this.codes ?? []).join('\n');
  }
}
customElements.define('pl-recovery', PlRecovery);
