import { html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import { localeTag, t, time } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/button.ts';
import '../../../kit/src/elements/icon.ts';
import type { GlyphName } from '../../../kit/src/icons/glyphs.ts';
import { SettingsPage } from './page.ts';

export interface Entry {
  number: number;
  at_ms: number;
  event: string;
  device: string;
  address: string;
  about: string;
  times: number;
}
interface LogPage {
  entries: Entry[];
  next: number | null;
}

const EVENTS: Readonly<Record<string, { words: string; glyph: GlyphName; alarm?: boolean }>> = {
  'account-made': { words: 'activity.account-made', glyph: 'user' },
  'signed-in': { words: 'activity.signed-in', glyph: 'log-in' },
  'sign-in-refused': { words: 'activity.sign-in-refused', glyph: 'circle-alert', alarm: true },
  'signed-out': { words: 'activity.signed-out', glyph: 'log-out' },
  'device-signed-out': { words: 'activity.device-signed-out', glyph: 'log-out' },
  'device-renamed': { words: 'activity.device-renamed', glyph: 'pencil' },
  'password-changed': { words: 'activity.password-changed', glyph: 'key' },
  'password-refused': { words: 'activity.password-refused', glyph: 'circle-alert', alarm: true },
  'password-set': { words: 'activity.password-set', glyph: 'key' },
  'recovery-codes-made': { words: 'activity.recovery-codes-made', glyph: 'life-buoy' },
  recovered: { words: 'activity.recovered', glyph: 'life-buoy' },
  exported: { words: 'activity.exported', glyph: 'download' },
  'share-made': { words: 'activity.share-made', glyph: 'share' },
  'share-ended': { words: 'activity.share-ended', glyph: 'share' },
  'trash-emptied': { words: 'activity.trash-emptied', glyph: 'trash' },
  'version-deleted': { words: 'activity.version-deleted', glyph: 'trash' },
  'backups-forgotten': { words: 'activity.backups-forgotten', glyph: 'trash' },
  'phone-restored': { words: 'activity.phone-restored', glyph: 'undo' },
  'app-installed': { words: 'activity.app-installed', glyph: 'download' },
  'app-removed': { words: 'activity.app-removed', glyph: 'trash' },
  'passkey-added': { words: 'activity.passkey-added', glyph: 'fingerprint' },
  'passkey-renamed': { words: 'activity.passkey-renamed', glyph: 'pencil' },
  'passkey-removed': { words: 'activity.passkey-removed', glyph: 'fingerprint' },
  'passkey-signed-in': { words: 'activity.passkey-signed-in', glyph: 'log-in' },
  'passkey-refused': { words: 'activity.passkey-refused', glyph: 'circle-alert', alarm: true },
  'app-password-made': { words: 'activity.app-password-made', glyph: 'key' },
  'app-password-removed': { words: 'activity.app-password-removed', glyph: 'key' },
  'app-password-refused': { words: 'activity.app-password-refused', glyph: 'circle-alert', alarm: true },
  'device-rung': { words: 'activity.device-rung', glyph: 'bell' },
  'device-locate-asked': { words: 'activity.device-locate-asked', glyph: 'smartphone' },
  'device-locked': { words: 'activity.device-locked', glyph: 'lock' },
  'device-unlocked': { words: 'activity.device-unlocked', glyph: 'lock' },
  'device-wipe-asked': { words: 'activity.device-wipe-asked', glyph: 'trash' },
  'device-wipe-told': { words: 'activity.device-wipe-told', glyph: 'trash' },
  'place-key-set': { words: 'activity.place-key-set', glyph: 'key' },
  'vault-made': { words: 'activity.vault-made', glyph: 'lock' },
  'vault-opened': { words: 'activity.vault-opened', glyph: 'lock' },
  'vault-code-made': { words: 'activity.vault-code-made', glyph: 'life-buoy' },
  'vault-begun-anew': { words: 'activity.vault-begun-anew', glyph: 'trash' },
  'pairing-made': { words: 'activity.pairing-made', glyph: 'smartphone' },
  'pairing-allowed': { words: 'activity.pairing-allowed', glyph: 'smartphone' },
  'pairing-denied': { words: 'activity.pairing-denied', glyph: 'circle-alert', alarm: true },
  'device-paired': { words: 'activity.device-paired', glyph: 'log-in' },
  'family-invited': { words: 'activity.family-invited', glyph: 'mail' },
  'family-joined': { words: 'activity.family-joined', glyph: 'heart' },
  'family-left': { words: 'activity.family-left', glyph: 'heart' },
  'family-child-made': { words: 'activity.family-child-made', glyph: 'user' },
  'family-room-set': { words: 'activity.family-room-set', glyph: 'cloud' },
  'family-code-made': { words: 'activity.family-code-made', glyph: 'life-buoy' },
  'invitation-made': { words: 'activity.invitation-made', glyph: 'mail' },
  'invitation-removed': { words: 'activity.invitation-removed', glyph: 'mail' },
  'invitation-used': { words: 'activity.invitation-used', glyph: 'user' },
  'made-owner': { words: 'activity.made-owner', glyph: 'shield' },
  'made-member': { words: 'activity.made-member', glyph: 'user' },
  'quota-set': { words: 'activity.quota-set', glyph: 'cloud' },
  disabled: { words: 'activity.disabled', glyph: 'lock' },
  enabled: { words: 'activity.enabled', glyph: 'log-in' },
  'deletion-asked': { words: 'activity.deletion-asked', glyph: 'trash' },
  'deletion-undone': { words: 'activity.deletion-undone', glyph: 'undo' },
  'recovery-refused': { words: 'activity.recovery-refused', glyph: 'circle-alert', alarm: true },
};

/** What happened to the account, by day, the newest first. */
export class PlActivity extends SettingsPage {
  @state() private entries?: readonly Entry[];
  @state() private next: number | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.more();
  }

  override render() {
    if (!this.entries)
      return this.problem
        ? this.problemLine()
        : html`<p class="note" aria-busy="true">${t('settings.loading')}</p>`;
    const day = new Intl.DateTimeFormat(localeTag(), { dateStyle: 'full' });
    return html`${this.problemLine()}${byDay(this.entries).map(
      (entries) => html`<h2>${day.format(entries[0]!.at_ms)}</h2>
        <div class="card rows">${entries.map((entry) => this.row(entry))}</div>`,
    )}
      ${this.next === null ? nothing : html`<pl-button ?busy=${this.busy} @click=${this.more}>${t('activity.earlier')}</pl-button>`}
      <p class="note">${t('activity.note')}</p>`;
  }

  private row(entry: Entry) {
    const known = EVENTS[entry.event];
    const from = [time(entry.at_ms), entry.device, entry.address].filter(Boolean).join(' · ');
    return html`<div class="row still ${known?.alarm ? 'alarm' : ''}">
      <span class="lead soft"><pl-icon name=${known?.glyph ?? 'info'}></pl-icon></span>
      <span><b>${sentence(entry)}</b><small>${from}</small></span></div>`;
  }

  private more = (): Promise<boolean> =>
    this.work(async () => {
      const before = this.next === null ? '' : `?before=${this.next}`;
      const page = await this.phone.api.get<LogPage>(`/account/log${before}`);
      this.entries = [...(this.entries ?? []), ...page.entries];
      this.next = page.next;
    });
}
customElements.define('pl-activity', PlActivity);

/** An entry in words; an event of a newer cloud by its code. */
export function sentence(entry: Entry): string {
  const known = EVENTS[entry.event];
  const what = known ? t(known.words, { about: entry.about }) : entry.event;
  return entry.times > 1 ? t('activity.times', { what, count: entry.times }) : what;
}

/** The entries of each day by the device's clock, in the order in which they are. */
export function byDay(entries: readonly Entry[]): Entry[][] {
  const days: Entry[][] = [];
  let last = '';
  for (const entry of entries) {
    const day = new Date(entry.at_ms).toDateString();
    if (day !== last) days.push([]);
    days.at(-1)!.push(entry);
    last = day;
  }
  return days;
}
