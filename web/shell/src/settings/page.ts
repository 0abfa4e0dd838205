import { html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { PlSwitch } from '../../../kit/src/elements/switch.ts';
import { Words } from '../../../kit/src/i18n/index.ts';
import type { Phone } from '../phone/model.ts';
import type { Passkey } from '../session/passkey.ts';
import { words } from '../session/problem.ts';
import { Minutes } from '../status/minutes.ts';
import type { AppPassword } from './app-passwords.ts';
import type { Folders, Snapshot } from './backup-rules.ts';
import type { Device } from './devices.ts';
import type { Relative } from './family.ts';
import type { Member } from './people.ts';
import { pageStyles, settingsStyles } from './settings.css.ts';

export type PageName =
  | 'look'
  | 'account'
  | 'notifications'
  | 'wifi'
  | 'bluetooth'
  | 'mobile'
  | 'devices'
  | 'device'
  | 'pair'
  | 'places'
  | 'security'
  | 'password'
  | 'recovery'
  | 'passkeys'
  | 'passkey'
  | 'app-passwords'
  | 'app-password'
  | 'pin'
  | 'vault'
  | 'delete'
  | 'activity'
  | 'backup'
  | 'backup-one'
  | 'backup-folder'
  | 'family'
  | 'child'
  | 'people'
  | 'person'
  | 'about';

/** Where a page leads, and what is said there. */
export interface Going {
  page: PageName;
  said?: string;
  device?: Device;
  passkey?: Passkey;
  appPassword?: AppPassword;
  snapshot?: Snapshot;
  folders?: Folders;
  member?: Member;
  child?: Relative;
}

/** A page of the settings that is an element of its own; fires `go` with a `Going`. */
export class SettingsPage extends LitElement {
  static override styles = [settingsStyles, pageStyles];
  @property({ attribute: false }) phone!: Phone;
  @state() protected problem = '';
  @state() protected busy = false;

  constructor() {
    super();
    new Words(this);
    new Minutes(this); // "5 minutes ago" grows older
  }

  protected go(going: Going): void {
    this.dispatchEvent(new CustomEvent('go', { detail: going }));
  }

  /** Does what needs the cloud; false where it failed, which the page then says. */
  protected async work(task: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = '';
    try {
      await task();
      return true;
    } catch (error) {
      this.problem = words(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Does what a switch was turned for. It shows then what there is (`now`; undefined: as it stands), since where it
   * failed it has moved without a change of what it stands for. */
  protected async turned(
    one: PlSwitch,
    task: () => Promise<unknown>,
    now: () => boolean | undefined,
  ): Promise<void> {
    await this.work(task);
    one.on = now() ?? one.on;
  }

  protected problemLine() {
    return this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing;
  }
}
