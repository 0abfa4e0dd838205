import { css, html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlField } from '../../../kit/src/elements/field.ts';
import { bytes, t } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/field.ts';
import '../../../kit/src/elements/icon.ts';
import type { Device } from './devices.ts';
import { moment } from './devices.ts';
import { SettingsPage } from './page.ts';
import { GB, sizeOf } from './people.ts';

/** A member of the family, as this account sees it. */
export interface Relative {
  id: string;
  name: string;
  kind: 'parent' | 'child';
  /** Of a child, told to its parents. */
  quota_bytes: number | null;
  used_bytes: number | null;
}
interface Invitation {
  id: string;
  name: string;
  by: string;
}
interface Family {
  kind: 'parent' | 'child' | null;
  members: readonly Relative[];
  invited: readonly Invitation[];
  invitations: readonly Invitation[];
}

/** The account's family: who is in it, a child more, another parent, and the way out. */
export class PlFamily extends SettingsPage {
  @state() private family?: Family;
  @state() private form?: 'child' | 'parent' | 'leave';
  @state() private typed: Readonly<Record<'name' | 'password' | 'room' | 'present', string>> = EMPTY;
  @state() private tried = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.work(this.read);
  }

  override render() {
    const { family } = this;
    if (!family)
      return this.problem
        ? this.problemLine()
        : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    return html`${this.problemLine()}
      ${family.invitations.map((one) => this.invitation(one))}
      ${family.members.length ? html`<div class="card rows">${family.members.map((one) => this.member(one))}${family.invited.map((one) => this.invited(one))}</div>` : nothing}
      <p class="note">${t(family.kind === 'child' ? 'family.child-lead' : 'family.lead')}</p>
      ${family.kind === 'child' ? nothing : this.more(family)}`;
  }

  private member(one: Relative) {
    const room =
      one.quota_bytes === null || one.used_bytes === null
        ? ''
        : t('home.space', { used: bytes(one.used_bytes), limit: bytes(one.quota_bytes) });
    const words = [t(one.kind === 'parent' ? 'family.parent' : 'family.child'), room].filter(Boolean);
    const told = html`<span class="lead soft"><pl-icon name="user"></pl-icon></span>
      <span><b>${one.name}</b><small>${words.join(' · ')}</small></span>`;
    if (!room) return html`<div class="row">${told}</div>`;
    return html`<button class="row child" @click=${() => this.go({ page: 'child', child: one })}>${told}<pl-icon name="chevron-right"></pl-icon></button>`;
  }

  private invited(one: Invitation) {
    return html`<div class="row"><span class="lead soft"><pl-icon name="mail"></pl-icon></span>
      <span><b>${one.name}</b><small>${t('family.asked')}</small></span>
      <button class="text" @click=${() => this.answer(one, false)}>${t('people.take-back')}</button></div>`;
  }

  private invitation(one: Invitation) {
    return html`<div class="card fields invitation"><b>${t('family.asks', { by: one.by })}</b><small>${t('family.asks-lead')}</small>
      <pl-button id="accept" kind="primary" ?busy=${this.busy} @click=${() => this.answer(one, true)}>${t('family.join')}</pl-button>
      <pl-button id="decline" ?disabled=${this.busy} @click=${() => this.answer(one, false)}>${t('family.decline')}</pl-button></div>`;
  }

  private more(family: Family) {
    if (this.form === 'child')
      return html`<h2>${t('family.add-child')}</h2><div class="card fields">
        ${this.line('name', t('family.child-name'))}
        ${this.line('password', t('family.child-password'), 'password', t('family.child-password-hint'))}
        ${this.line('room', t('people.room'), 'text', t('family.room-hint'), sizeOf(this.typed.room) === undefined ? t('people.room-strange') : '')}
        <pl-button id="make-child" kind="primary" ?busy=${this.busy} @click=${this.makeChild}>${t('family.add-child')}</pl-button>
        ${this.cancel()}</div>`;
    if (this.form)
      return html`<h2>${t(this.form === 'parent' ? 'family.add-parent' : 'family.leave')}</h2><div class="card fields">
        <small>${t(this.form === 'parent' ? 'family.parent-lead' : 'family.leave-lead')}</small>
        ${this.form === 'parent' ? this.line('name', t('family.parent-name')) : nothing}
        ${this.line('present', t('recovery.password'), 'password')}
        <pl-button id="do" kind=${this.form === 'parent' ? 'primary' : 'danger'} ?busy=${this.busy} @click=${this.form === 'parent' ? this.invite : this.leave}>
          ${t(this.form === 'parent' ? 'family.ask' : 'family.leave')}</pl-button>
        ${this.cancel()}</div>`;
    return html`<div class="card rows">${(['child', 'parent'] as const).map(
      (form) => html`<button class="row" id="add-${form}" @click=${() => this.open(form)}>
        <span class="lead soft"><pl-icon name="plus"></pl-icon></span><span>${t(form === 'child' ? 'family.add-child' : 'family.add-parent')}</span>
        <pl-icon name="chevron-right"></pl-icon></button>`,
    )}</div>
    ${family.kind ? html`<button class="text alone" id="leave" @click=${() => this.open('leave')}>${t('family.leave')}</button>` : nothing}`;
  }

  private cancel() {
    return html`<pl-button ?disabled=${this.busy} @click=${() => this.open(undefined)}>${t('family.cancel')}</pl-button>`;
  }

  private line(
    key: keyof typeof this.typed,
    label: string,
    type: 'text' | 'password' = 'text',
    hint = '',
    strange = t('family.missing'),
  ) {
    return html`<pl-field id=${key} type=${type} label=${label} hint=${hint} .value=${this.typed[key]}
      autocomplete=${key === 'present' ? 'current-password' : 'off'}
      .error=${this.tried && (!this.typed[key].trim() || key === 'room') && strange ? strange : undefined}
      @input=${(event: Event) => (this.typed = { ...this.typed, [key]: (event.currentTarget as PlField).value })}></pl-field>`;
  }

  private open(form: typeof this.form): void {
    this.form = form;
    this.problem = '';
    this.typed = EMPTY;
    this.tried = false;
  }

  private read = async (): Promise<void> => {
    this.family = await this.phone.api.get<Family>('/family');
  };

  private async done(work: () => Promise<unknown>): Promise<void> {
    await this.work(async () => {
      await work();
      this.open(undefined);
      await this.read();
    });
  }

  private makeChild = async (): Promise<void> => {
    this.tried = true;
    const { name, password, room } = this.typed;
    const size = sizeOf(room);
    if (!name.trim() || !password || size === undefined) return;
    const wish = { name: name.trim(), password, quota_bytes: size };
    await this.done(() => this.phone.api.post('/family/children', wish));
  };

  private invite = async (): Promise<void> => {
    this.tried = true;
    const { name, present } = this.typed;
    if (!name.trim() || !present) return;
    await this.done(() => this.phone.api.post('/family/invitations', { name: name.trim(), present }));
  };

  private leave = async (): Promise<void> => {
    this.tried = true;
    const { present } = this.typed;
    if (!present) return;
    const path = `/family/members/${this.phone.session.account}/part`;
    await this.done(() => this.phone.api.post(path, { present }));
  };

  private answer = async ({ id }: Invitation, yes: boolean): Promise<void> => {
    const path = `/family/invitations/${id}`;
    await this.done(() => (yes ? this.phone.api.post(`${path}/accept`) : this.phone.api.delete(path)));
  };
}
const EMPTY = { name: '', password: '', room: '', present: '' } as const;
customElements.define('pl-family', PlFamily);

/** A child: its room, its devices, the way back in, and letting it go. Nothing that is in its account. */
export class PlChild extends SettingsPage {
  static override styles = [
    ...SettingsPage.styles,
    css`
      .code { padding: 12px; border-radius: 10px; background: var(--pl-sunken); user-select: all; text-align: center;
        font: 500 18px/1.4 ui-monospace, 'DejaVu Sans Mono', monospace; }
      .text.ring { color: var(--pl-link); }
    `,
  ];
  @property({ attribute: false }) child!: Relative;
  @state() private devices: readonly Device[] = [];
  @state() private room?: string;
  @state() private present = '';
  @state() private tried = false;
  @state() private code = '';
  @state() private said = '';

  override connectedCallback(): void {
    super.connectedCallback();
    void this.work(async () => {
      this.devices = await this.phone.api.get<Device[]>(`${this.path}/devices`);
    });
  }

  override render() {
    const { name, used_bytes, quota_bytes } = this.child;
    const room = this.room ?? String((quota_bytes ?? 0) / GB);
    const size = sizeOf(room);
    return html`${this.problemLine()}${this.said ? html`<p class="said" role="status">${this.said}</p>` : nothing}
      <div class="card fields"><b>${t('home.space', { used: bytes(used_bytes ?? 0), limit: bytes(quota_bytes ?? 0) })}</b>
        <pl-field id="room" label=${t('people.room')} hint=${t('family.room-hint')} .value=${room} .error=${size === undefined ? t('people.room-strange') : undefined}
          @input=${(event: Event) => (this.room = (event.currentTarget as PlField).value)} @enter=${this.give}></pl-field>
        <pl-button id="give" kind="primary" ?busy=${this.busy} ?disabled=${size === undefined || size === quota_bytes} @click=${this.give}>${t('action.save')}</pl-button></div>
      <h2>${t('settings.devices')}</h2>
      ${
        this.devices.length
          ? html`<div class="card rows">${this.devices.map((one) => this.device(one))}</div>`
          : html`<p class="note">${t('family.no-device')}</p>`
      }
      <h2>${t('family.care')}</h2>
      ${this.code ? html`<div class="card fields" role="status"><small>${t('family.code-only-now', { name })}</small><div class="code">${this.code}</div></div>` : nothing}
      <div class="card fields"><small>${t('family.code-lead', { name })}</small>
        <pl-field id="present" type="password" label=${t('recovery.password')} autocomplete="current-password" .value=${this.present}
          .error=${this.tried && !this.present ? t('welcome.password-missing') : undefined}
          @input=${(event: Event) => (this.present = (event.currentTarget as PlField).value)}></pl-field>
        <pl-button id="make-code" ?busy=${this.busy} @click=${this.makeCode}>${t('family.make-code')}</pl-button>
        <pl-button id="let-go" kind="danger" ?disabled=${this.busy} @click=${this.letGo}>${t('family.let-go')}</pl-button>
        <small>${t('family.let-go-lead', { name })}</small></div>`;
  }

  private device(one: Device) {
    return html`<div class="row"><span class="lead soft"><pl-icon name="smartphone"></pl-icon></span>
      <span><b>${one.name}</b><small>${t('settings.seen', { when: moment(one.last_seen_at) })}</small></span>
      <span><button class="text ring" @click=${() => this.ask(one, 'ring')}>${t('lost.ring')}</button>
        <button class="text" @click=${() => this.ask(one, 'lock')}>${t('lost.lock')}</button></span></div>`;
  }

  private get path(): string {
    return `/family/children/${this.child.id}`;
  }

  private give = async (): Promise<void> => {
    const size = sizeOf(this.room ?? '');
    if (size === undefined) return;
    await this.work(async () => {
      const answer = await this.phone.api.send('PATCH', this.path, { quota_bytes: size });
      this.child = (await answer.json()) as Relative;
      this.room = undefined;
    });
  };

  private async ask(device: Device, what: 'ring' | 'lock'): Promise<void> {
    const done = await this.work(() => this.phone.api.post(`${this.path}/devices/${device.id}/${what}`));
    if (done) this.said = t(what === 'ring' ? 'family.rung' : 'family.locked', { name: device.name });
  }

  private makeCode = async (): Promise<void> => {
    this.tried = true;
    if (!this.present) return;
    await this.work(async () => {
      const wish = { present: this.present };
      this.code = (await this.phone.api.post<{ code: string }>(`${this.path}/recovery-code`, wish)).code;
      this.present = '';
      this.tried = false;
    });
  };

  private letGo = async (): Promise<void> => {
    this.tried = true;
    if (!this.present) return;
    const path = `/family/members/${this.child.id}/part`;
    const done = await this.work(() => this.phone.api.post(path, { present: this.present }));
    if (done) this.go({ page: 'family', said: t('family.gone', { name: this.child.name }) });
  };
}
customElements.define('pl-child', PlChild);
