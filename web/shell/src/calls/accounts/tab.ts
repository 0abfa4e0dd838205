/** Which page of this browser is in a call: the cloud takes all of them for one device, and a call that another one
 * began would end this one's. A Web Lock (https://w3c.github.io/web-locks) says it, which goes with its page. */

const NAME = 'pileus-account-call';

export type Locks = Pick<LockManager, 'request'>;

export class Tab {
  private release: (() => void) | undefined;
  /** Until the lock that this page had is another one's to take. */
  private before: Promise<unknown> = Promise.resolve();
  /** Counts what was asked for and given up: a lock that comes late is not kept. */
  private turn = 0;

  /** Without locks each page is alone: a browser has none where it gives no microphone, either. */
  constructor(private readonly locks: Locks | undefined = globalThis.navigator?.locks) {}

  /** False where another page has it. */
  async take(): Promise<boolean> {
    const { locks } = this;
    if (!locks || this.release) return true;
    this.turn += 1;
    const { turn } = this;
    await this.before;
    return new Promise((taken) => {
      const held = locks.request(NAME, { ifAvailable: true }, (lock) => {
        taken(lock !== null);
        if (lock === null || turn !== this.turn) return undefined;
        return new Promise<void>((release) => {
          this.release = release;
        });
      });
      this.before = held.catch(() => taken(true));
    });
  }

  free(): void {
    this.turn += 1;
    this.release?.();
    this.release = undefined;
  }
}
