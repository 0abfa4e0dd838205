import { css, html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { bytes, t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../../../kit/src/elements/icon.ts';
import '../../../kit/src/elements/segments.ts';
import '../../../kit/src/elements/switch.ts';
import { moment } from './devices.ts';
import { SettingsPage } from './page.ts';

/** An account of this cloud, as its owners see it. */
export interface Member {
  id: string;
  name: string;
  role: 'owner' | 'member';
  keeper: boolean;
  disabled: boolean;
  quota_bytes: number;
  used_bytes: number;
}
interface Invitation {
  id: string;
  name: string;
  /** Milliseconds since 1970. */
  expires_at: number;
  by: string;
}
export const GB = 1000 ** 3;
const LASTS = ['1', '7', '30'] as const;

/** Bytes of what somebody typed as GB; undefined where that is no room for anything. */
export function sizeOf(gigabytes: string): number | undefined {
  const typed = gigabytes.trim().replace(',', '.');
  const size = Math.round(Number(typed) * GB);
  return typed && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}

/** The accounts of this cloud, and invitations to make one. */
export class PlPeople extends SettingsPage {
  static override styles = [
    ...SettingsPage.styles,
    css`
      .link { padding: 12px; border-radius: 10px; background: var(--pl-sunken); user-select: all;
        font: 500 15px/1.5 ui-monospace, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
    `,
  ];
  @state() private members?: readonly Member[];
  @state() private invitations: readonly Invitation[] = [];
  @state() private name = '';
  @state() private room = '';
  @state() private lasts = '7';
  @state() private tried = false;
  @state() private link = '';
  @state() private copied = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.work(this.read);
  }

  override render() {
    if (this.link) return this.told();
    if (!this.members)
      return this.problem
        ? this.problemLine()
        : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    return html`${this.problemLine()}
      <div class="card rows">${this.members.map((one) => this.member(one))}</div>
      <h2>${t('people.invite')}</h2>
      ${this.invitations.length ? html`<div class="card rows">${this.invitations.map((one) => this.invited(one))}</div>` : nothing}
      <p class="note">${t('people.invite-lead')}</p>
      <div class="card fields">
        <pl-field id="invitation-name" label=${t('people.for-whom')} .value=${this.name}
          .error=${this.tried && !this.name.trim() ? t('welcome.name-missing') : undefined}
          @input=${(event: Event) => (this.name = (event.currentTarget as PlField).value)}></pl-field>
        <pl-field id="invitation-room" label=${t('people.room')} hint=${t('people.room-hint')} .value=${this.room}
          .error=${this.room.trim() && sizeOf(this.room) === undefined ? t('people.room-strange') : undefined}
          @input=${(event: Event) => (this.room = (event.currentTarget as PlField).value)}></pl-field>
        <pl-segments label=${t('people.lasts')} .value=${this.lasts} .options=${LASTS.map((days) => ({
          value: days,
          label: t('people.days', { count: Number(days) }),
        }))} @change=${(event: CustomEvent<string>) => (this.lasts = event.detail)}></pl-segments>
        <pl-button id="invite" kind="primary" ?busy=${this.busy} @click=${this.invite}>${t('people.make-link')}</pl-button>
      </div>`;
  }

  private member(member: Member) {
    const { name, used_bytes, quota_bytes } = member;
    const room = t('home.space', { used: bytes(used_bytes), limit: bytes(quota_bytes) });
    const words = [room, member.role === 'owner' && t('people.owner'), member.disabled && t('people.shut')];
    return html`<button class="row member" @click=${() => this.go({ page: 'person', member })}>
      <span class="lead soft"><pl-icon name=${member.disabled ? 'lock' : 'user'}></pl-icon></span>
      <span><b>${name}</b><small>${words.filter(Boolean).join(' · ')}</small></span><pl-icon name="chevron-right"></pl-icon></button>`;
  }

  private invited(invitation: Invitation) {
    const until = t('app-password.until', { when: moment(invitation.expires_at) });
    return html`<div class="row"><span class="lead soft"><pl-icon name="mail"></pl-icon></span>
      <span><b>${invitation.name}</b><small>${[until, invitation.by].filter(Boolean).join(' · ')}</small></span>
      <button class="text" @click=${() => this.takeBack(invitation)}>${t('people.take-back')}</button></div>`;
  }

  private told() {
    return html`${this.problemLine()}<p class="note" role="status">${t('people.only-now')}</p>
      <div class="card fields"><div class="link">${this.link}</div>
        <pl-button @click=${this.copy}>${this.copied ? t('recovery.copied') : t('recovery.copy')}</pl-button>
        <pl-button id="done" kind="primary" @click=${this.done}>${t('people.done')}</pl-button></div>`;
  }

  private read = async (): Promise<void> => {
    const { api } = this.phone;
    this.invitations = await api.get<Invitation[]>('/invitations');
    this.members = await api.get<Member[]>('/accounts');
  };

  private invite = async (): Promise<void> => {
    this.tried = true;
    const name = this.name.trim();
    const quota = this.room.trim() ? sizeOf(this.room) : null;
    if (!name || quota === undefined) return;
    await this.work(async () => {
      const wish = { name, quota_bytes: quota, days: Number(this.lasts) };
      const { path } = await this.phone.api.post<{ path: string }>('/invitations', wish);
      this.link = location.origin + path;
      this.name = this.room = '';
      this.tried = this.copied = false;
      await this.read();
    });
  };

  private takeBack = async ({ id }: Invitation): Promise<void> => {
    await this.work(async () => {
      await this.phone.api.delete(`/invitations/${id}`);
      await this.read();
    });
  };

  private copy = async (): Promise<void> => {
    this.copied = await this.work(() => navigator.clipboard.writeText(this.link));
  };

  private done = (): void => {
    this.link = '';
  };
}
customElements.define('pl-people', PlPeople);

/** One account of this cloud: its room, its role, and whether anybody may sign in to it. */
export class PlPerson extends SettingsPage {
  @property({ attribute: false }) member!: Member;
  @state() private room?: string;
  @state() private present = '';
  @state() private tried = false;

  override render() {
    const { name, used_bytes, quota_bytes } = this.member;
    const room = this.room ?? String(quota_bytes / GB);
    const size = sizeOf(room);
    return html`${this.problemLine()}
      <div class="card fields"><b>${t('home.space', { used: bytes(used_bytes), limit: bytes(quota_bytes) })}</b>
        <pl-field id="room" label=${t('people.room')} .value=${room}
          .error=${size === undefined ? t('people.room-strange') : undefined}
          @input=${(event: Event) => (this.room = (event.currentTarget as PlField).value)} @enter=${this.give}></pl-field>
        <pl-button id="give" kind="primary" ?busy=${this.busy} ?disabled=${size === undefined || size === quota_bytes} @click=${this.give}>${t('action.save')}</pl-button>
      </div>
      ${this.fixed() ? html`<p class="note">${t(this.member.keeper ? 'people.keeper' : 'people.yourself')}</p>` : this.rights(name)}`;
  }

  /** Whether its role is not for this owner to change. */
  private fixed(): boolean {
    return this.member.keeper || this.member.id === this.phone.session.account;
  }

  private rights(name: string) {
    const { role, disabled } = this.member;
    return html`<div class="card fields">
        <pl-switch id="shut" label=${t('people.shut-it')} hint=${t('people.shut-hint')} .on=${live(disabled)}
          @change=${(event: CustomEvent<boolean>) => this.change({ disabled: event.detail })}></pl-switch></div>
      ${
        role === 'owner'
          ? html`<pl-button id="demote" ?busy=${this.busy} @click=${() => this.change({ role: 'member' })}>${t('people.make-member')}</pl-button>`
          : html`<div class="card fields"><small>${t('people.owner-lead', { name })}</small>
            <pl-field id="present" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
              .error=${this.tried && !this.present ? t('welcome.password-missing') : undefined}
              @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)} @enter=${this.promote}></pl-field>
            <pl-button id="promote" ?busy=${this.busy} @click=${this.promote}>${t('people.make-owner')}</pl-button></div>`
      }`;
  }

  private give = async (): Promise<void> => {
    const size = sizeOf(this.room ?? '');
    if (size !== undefined) await this.change({ quota_bytes: size });
  };

  private promote = async (): Promise<void> => {
    this.tried = true;
    if (this.present) await this.change({ role: 'owner', present: this.present });
  };

  private async change(wish: Partial<Member> & { present?: string }): Promise<void> {
    await this.work(async () => {
      const answer = await this.phone.api.send('PATCH', `/accounts/${this.member.id}`, wish);
      this.member = (await answer.json()) as Member;
      this.room = undefined;
      this.present = '';
      this.tried = false;
    });
  }
}
customElements.define('pl-person', PlPerson);
