/** When a cloud that did not answer is asked again. */

/** So soon after a first question without an answer, then after three times as long each time. */
const RETRY_MS = 3_000;
const RETRY_MOST_MS = 30_000;

export class Retry {
  /** Questions without an answer since the last one that had one. */
  private silent = 0;
  private timer = 0;
  private stopped = false;

  constructor(private readonly ask: () => void) {}

  later(after = Math.min(RETRY_MS * 3 ** this.silent++, RETRY_MOST_MS)): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(this.ask, after) as unknown as number;
  }

  answered(): void {
    this.silent = 0;
  }

  /** For good. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
