/** Which of the account's devices asks to be let into the vault, on those that can let it in. */

import { t } from '../../../kit/src/i18n/index.ts';
import type { Sync, SyncRecord } from '../../../kit/src/sync/types.ts';
import type { Notice, Notices } from '../deps.ts';

const ASKS = 'files.vault-ask';
const KEY = 'vault-ask-';
/** For so long the cloud lets a device wait. */
const WAIT_MS = 10 * 60_000;
/** After so long the cloud is asked again that could not be, or whose clock is another one. */
const AGAIN_MS = 15_000;

export class VaultAsks {
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Of each device its latest look: what an earlier one was told is old. */
  private readonly turns = new Map<string, number>();
  /** What was told of each: once swept away it is not told again. */
  private readonly told = new Map<string, number>();
  private looks = 0;
  private stopped = false;

  constructor(
    private readonly sync: Pick<Sync, 'get' | 'query' | 'subscribe'>,
    private readonly notices: Notices,
    /** This one's id. */
    private readonly device: string,
    /** Devices that still wait, by the cloud's word; none where this one cannot let anybody in. */
    private readonly waiting: () => Promise<readonly string[]>,
    /** Takes away what the browser shows of a notice of this key. */
    private readonly unshow: (key: string) => void = () => undefined,
    private readonly now: () => number = Date.now,
  ) {}

  start(): () => void {
    const off = this.sync.subscribe(ASKS, (ids) => this.lookAt(ids));
    void this.sync.query(ASKS).then((records) => this.lookAt(records.map(({ id }) => id)));
    return () => {
      this.stopped = true;
      off();
      for (const timer of this.timers.values()) clearTimeout(timer);
    };
  }

  private lookAt(ids: readonly string[]): void {
    for (const id of ids) if (id !== this.device && !this.stopped) void this.look(id);
  }

  private async look(id: string): Promise<void> {
    const turn = ++this.looks;
    this.turns.set(id, turn);
    clearTimeout(this.timers.get(id));
    const notice = askNotice(id, await this.sync.get(ASKS, id));
    const waiting = notice && (await this.waiting().catch(() => undefined));
    if (this.stopped || this.turns.get(id) !== turn) return;
    const left = notice ? Math.min(notice.when + WAIT_MS - this.now(), WAIT_MS) : 0;
    if (notice && waiting?.includes(id)) this.tell(id, notice);
    else if (!notice || waiting || left <= 0) return this.clear(id);
    const next = waiting ? Math.max(left, AGAIN_MS) : AGAIN_MS;
    this.timers.set(
      id,
      setTimeout(() => void this.look(id), next),
    );
  }

  private tell(id: string, notice: Notice): void {
    if (this.told.get(id) === notice.when) return;
    this.told.set(id, notice.when);
    this.notices.post(notice);
  }

  private clear(id: string): void {
    for (const kept of [this.timers, this.turns, this.told]) kept.delete(id);
    this.notices.clear('files', KEY + id);
    this.unshow(KEY + id);
  }
}

/** Undefined for who waits no more. */
export function askNotice(device: string, record: SyncRecord | undefined): Notice | undefined {
  const when = Number(record?.fields.asked_ms);
  if (!Number.isFinite(when)) return undefined;
  return { ...askWords(String(record?.fields.name ?? '')), key: KEY + device, app: 'files', when };
}

/** Whether a notice is of an ask: its record says when that is over, so none is kept without one. */
export function isAsk({ app, key }: Pick<Notice, 'app' | 'key'>): boolean {
  return app === 'files' && key.startsWith(KEY);
}

export function askWords(name: string): Pick<Notice, 'title' | 'text'> {
  return { title: t('notices.vault-ask', { name }), text: t('notices.vault-ask-how') };
}
