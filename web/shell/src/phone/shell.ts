import { html, LitElement, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import { setLocale } from '../../../kit/src/i18n/index.ts';
import { createSync, openIndexedDb, tabsOf } from '../../../kit/src/sync/index.ts';
import { applyTheme, onSystemTheme, resolveTheme, systemIsDark } from '../../../kit/src/theme/theme.ts';
import '../calls/layer.ts';
import { eraseAll, isWiped } from '../finding/erase.ts';
import { isOfGateway, learnAddress } from '../handset/address.ts';
import { Handset } from '../handset/handset.ts';
import { forgetPin } from '../lock/pin.ts';
import { forgetPush } from '../push/subscription.ts';
import { HttpApi } from '../session/api.ts';
import { readSession, type Session, writeSession } from '../session/session.ts';
import '../session/welcome.ts';
import { PreferenceStore } from '../settings/preferences.ts';
import { Store } from '../store.ts';
import { forgetVault } from '../vault/device.ts';
import './frame.ts';
import { Phone } from './model.ts';
import './phone.ts';

/** The token of a device that was signed out, until the cloud has said whether it is to be erased. */
const PARTED = 'pileus.parted';
const BASE = `${location.origin}/api/v1`;

function onHandset(): Handset {
  const signedIn = readSession(localStorage) !== undefined;
  const address = learnAddress(location, history, localStorage, signedIn);
  return new Handset(address, location.origin, undefined, undefined, isOfGateway(location, address));
}

/** The whole page: the welcome until someone is signed in, the phone after that, also without a network. */
export class PileusShell extends LitElement {
  @state() private phone?: Phone;
  @state() private ready = false;
  @state() private dark = false;
  @state() private said = '';
  private readonly preferences = new PreferenceStore(localStorage);
  private readonly form = new Store<'phone' | 'tablet'>('phone');
  private readonly handset = onHandset();

  override connectedCallback(): void {
    super.connectedCallback();
    this.apply();
    this.preferences.watch(() => this.apply());
    onSystemTheme(() => this.apply());
    this.form.watch((form) => this.phone?.form.set(form));
    const parted = localStorage.getItem(PARTED);
    if (parted) void this.eraseWhereAsked(parted);
    const session = readSession(localStorage);
    this.handset.start();
    this.handset.signedIn(session);
    if (session) void this.begin(session);
    else this.ready = true;
  }

  override render() {
    return html`<pl-frame .preferences=${this.preferences} .form=${this.form} ?dark=${this.dark}>${this.inside()}
      ${this.ready || this.phone ? html`<pl-handset-layer .handset=${this.handset} .phone=${this.phone}></pl-handset-layer>` : nothing}</pl-frame>`;
  }

  private inside() {
    if (this.phone) return html`<pl-phone .phone=${this.phone}></pl-phone>`;
    if (!this.ready) return nothing;
    return html`<pl-welcome baseUrl=${BASE} .handset=${this.handset} .said=${this.said} @entered=${this.entered}></pl-welcome>`;
  }

  private entered = (event: CustomEvent<Session>): void => {
    writeSession(localStorage, event.detail);
    this.handset.signedIn(event.detail);
    this.said = '';
    void navigator.storage?.persist?.();
    void this.begin(event.detail, true);
  };

  private async begin(session: Session, fresh = false): Promise<void> {
    const name = `pileus-${session.account}`;
    const sync = createSync({
      baseUrl: BASE,
      token: session.token,
      storage: await openIndexedDb(name),
      tabs: tabsOf(name),
    });
    const leave = (said?: string) => this.signOut(session, said);
    const api = new HttpApi(BASE, session.token, leave);
    const phone = new Phone(session, api, sync, this.preferences, leave, this.handset);
    phone.form.set(this.form.value);
    phone.theme.set(this.dark ? 'dark' : 'light');
    await phone.start(fresh);
    // Signed out meanwhile, by another device or in another tab.
    if (readSession(localStorage)?.token !== session.token) return phone.stop();
    if (fresh) phone.act({ type: 'unlock' });
    if (fresh && session.kept) phone.tellKept();
    this.phone = phone;
  }

  private signOut(session: Session, said = ''): void {
    // Whether it is to be erased is asked again at each load until the cloud has answered: the line may break here.
    localStorage.setItem(PARTED, session.token);
    void this.eraseWhereAsked(session.token);
    // The cloud's doorbell may have told already that this device is signed out: then only why is new.
    if (said) this.said = said;
    if (readSession(localStorage)?.token !== session.token) return;
    writeSession(localStorage, undefined);
    this.handset.signedIn(undefined);
    forgetPin(localStorage);
    void forgetVault(session.account).catch(() => undefined); // what it wrapped is told to nobody any more
    void forgetPush().catch(() => undefined); // the cloud has ended its part with the device
    const phone = this.phone;
    this.phone = undefined;
    this.ready = true;
    void phone?.stop();
  }

  /** The owner may have wiped this device from another one; then nothing of the account is left here. */
  private async eraseWhereAsked(token: string): Promise<void> {
    const wiped = await isWiped(BASE, token);
    if (wiped === false && localStorage.getItem(PARTED) === token) localStorage.removeItem(PARTED);
    if (!wiped) return;
    await eraseAll();
    location.reload();
  }

  private apply(): void {
    const { theme, language } = this.preferences.value;
    const resolved = resolveTheme(theme, systemIsDark());
    applyTheme(resolved);
    this.dark = resolved === 'dark';
    this.phone?.theme.set(resolved);
    setLocale(language);
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
customElements.define('pileus-shell', PileusShell);
