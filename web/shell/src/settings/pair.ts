import { css, html } from 'lit';
import { state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { t, time } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../../../kit/src/elements/qr.ts';
import { pause } from '../session/pairing.ts';
import { Problem } from '../session/problem.ts';
import { SettingsPage } from './page.ts';

interface Pairing {
  id: string;
  state: 'open' | 'asked' | 'allowed' | 'denied' | 'done';
  device_name: string;
  address: string;
  /** Milliseconds since 1970. */
  expires_at: number;
}
interface Made {
  code: string;
  path: string;
  pairing: Pairing;
}
const EVERY_MS = 1500;

/** Lets a new device in: shows a code, then who came with it, and asks for the number that it shows. */
export class PlPair extends SettingsPage {
  static override styles = [
    ...SettingsPage.styles,
    css`
      pl-qr { width: min(100%, 280px); justify-self: center; }
      .code { padding: 12px; border-radius: 12px; background: var(--pl-sunken); text-align: center; user-select: all;
        font: 600 26px/1.3 ui-monospace, 'DejaVu Sans Mono', monospace; letter-spacing: 0.06em; }
      .middle { text-align: center; text-wrap: balance; }
      .two { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
    `,
  ];
  @state() private present = '';
  @state() private made?: Made;
  @state() private number = '';
  @state() private tried = false;
  private readonly away = new AbortController();

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.away.abort();
    // Whoever looks away has not said yes: the code ends with its page.
    if (this.made) void this.phone.api.delete(`/pairings/${this.made.pairing.id}`).catch(() => undefined);
  }

  override render() {
    if (!this.made) return this.asking();
    return this.made.pairing.state === 'open' ? this.shown(this.made) : this.came(this.made.pairing);
  }

  private asking() {
    return html`${this.problemLine()}<p class="note">${t('pair.lead')}</p>
      <div class="card fields">
        <pl-field id="present" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
          .error=${this.tried && !this.present ? t('welcome.password-missing') : undefined}
          @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)} @enter=${this.make}></pl-field>
        <pl-button id="make" kind="primary" ?busy=${this.busy} @click=${this.make}>${t('pair.show')}</pl-button>
      </div>`;
  }

  private shown({ code, path, pairing }: Made) {
    return html`${this.problemLine()}
      <div class="card fields"><small class="middle">${t('pair.scan')}</small>
        <pl-qr text=${location.origin + path} label=${t('pair.qr')}></pl-qr>
        <small class="middle">${t('pair.or-type', { address: location.origin })}</small>
        <div class="code">${code}</div>
        <small class="middle">${t('pair.until', { when: time(pairing.expires_at) })}</small></div>`;
  }

  private came({ device_name, address }: Pairing) {
    return html`${this.problemLine()}
      <div class="card fields" role="status"><b>${t('pair.wants', { name: device_name })}</b>
        <small>${address}</small><small>${t('pair.only-yours')}</small>
        <pl-field id="number" keys="numeric" label=${t('pair.number')} .value=${this.number}
          .error=${this.tried && !this.number.trim() ? t('pair.number-missing') : undefined}
          @input=${(event: Event) => (this.number = (event.currentTarget as PlField).value)} @enter=${this.allow}></pl-field>
        <div class="two"><pl-button id="deny" ?disabled=${this.busy} @click=${this.deny}>${t('pair.deny')}</pl-button>
          <pl-button id="allow" kind="primary" ?busy=${this.busy} @click=${this.allow}>${t('pair.allow')}</pl-button></div></div>`;
  }

  private make = async (): Promise<void> => {
    this.tried = true;
    if (!this.present) return;
    const done = await this.work(async () => {
      this.made = await this.phone.api.post<Made>('/pairings', { present: this.present });
    });
    if (!done || !this.made) return;
    this.present = this.number = '';
    this.tried = false;
    void this.watch(this.made.pairing.id);
  };

  /** Looks who comes, until the device is in or the code has ended. */
  private async watch(id: string): Promise<void> {
    while (this.made?.pairing.id === id && !this.away.signal.aborted) {
      try {
        const pairing = await this.phone.api.get<Pairing>(`/pairings/${id}`);
        if (this.made?.pairing.id !== id) return;
        if (pairing.state === 'done') return this.done(pairing.device_name);
        if (pairing.state === 'denied') return this.over(t('problem.pairing-number'));
        this.made = { ...this.made, pairing };
      } catch (error) {
        if (error instanceof Problem && error.code === 'no-pairing') return this.over(error.words());
      }
      await pause(EVERY_MS, this.away.signal).catch(() => undefined);
    }
  }

  private allow = async (): Promise<void> => {
    this.tried = true;
    if (!this.number.trim()) return;
    await this.answer({ allow: true, number: this.number });
  };

  private deny = async (): Promise<void> => {
    const name = this.made?.pairing.device_name ?? '';
    if (await this.answer({ allow: false })) this.over('', t('pair.denied', { name }));
  };

  private answer(wish: { allow: boolean; number?: string }): Promise<boolean> {
    return this.work(() => this.phone.api.send('POST', `/pairings/${this.made?.pairing.id}/answer`, wish));
  }

  private over(problem: string, said = ''): void {
    this.made = undefined;
    this.tried = false;
    this.number = '';
    this.problem = problem;
    if (said) this.go({ page: 'devices', said });
  }

  private done(name: string): void {
    this.made = undefined;
    this.go({ page: 'devices', said: t('pair.done', { name }) });
  }
}
customElements.define('pl-pair', PlPair);
