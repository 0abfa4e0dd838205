/** Which of the account's devices asks to be let into the vault, on those that can let it in. */

import { t } from '../../../kit/src/i18n/index.ts';
import type { Sync, SyncRecord } from '../../../kit/src/sync/types.ts';
import type { Notice, Notices } from '../deps.ts';

const ASKS = 'files.vault-ask';
/** For so long the cloud lets a device wait. */
const WAIT_MS = 10 * 60_000;

export class VaultAsks {
  private timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly sync: Pick<Sync, 'get' | 'query' | 'subscribe'>,
    private readonly notices: Notices,
    /** This one's id. */
    private readonly device: string,
    /** Whether this device holds the key: no other lets anybody in. */
    private readonly holds: () => Promise<boolean>,
    private readonly now: () => number = Date.now,
  ) {}

  start(): () => void {
    const off = this.sync.subscribe(ASKS, (ids) => void this.look(ids));
    void this.sync.query(ASKS).then((records) => this.look(records.map(({ id }) => id)));
    return () => {
      off();
      for (const timer of this.timers.values()) clearTimeout(timer);
    };
  }

  private async look(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      if (id === this.device) continue;
      const notice = askNotice(id, await this.sync.get(ASKS, id), this.now());
      const told = notice !== undefined && (await this.holds().catch(() => false));
      clearTimeout(this.timers.get(id));
      if (!told) {
        this.clear(id);
        continue;
      }
      this.notices.post(notice);
      const left = notice.when + WAIT_MS - this.now();
      this.timers.set(
        id,
        setTimeout(() => this.clear(id), left),
      );
    }
  }

  private clear(id: string): void {
    this.timers.delete(id);
    this.notices.clear('files', keyOf(id));
  }
}

/** Undefined for who waits no more. */
export function askNotice(device: string, record: SyncRecord | undefined, now: number): Notice | undefined {
  const when = Number(record?.fields.asked_ms);
  if (!Number.isFinite(when) || now - when >= WAIT_MS) return undefined;
  return { ...askWords(String(record?.fields.name ?? '')), key: keyOf(device), app: 'files', when };
}

export function askWords(name: string): Pick<Notice, 'title' | 'text'> {
  return { title: t('notices.vault-ask', { name }), text: t('notices.vault-ask-how') };
}

function keyOf(device: string): string {
  return `vault-ask-${device}`;
}
