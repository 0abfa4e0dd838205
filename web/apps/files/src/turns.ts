/** Work that waits for its turn: so many at once, what was wished last first, and what is no longer wished not at all. */

export class Turns<Key> {
  private readonly waiting = new Map<Key, () => Promise<void>>();
  private running = 0;

  constructor(private readonly most: number) {}

  /** Starts it when there is room; one wish for a key at a time. */
  wish(key: Key, work: () => Promise<void>): void {
    this.waiting.delete(key);
    this.waiting.set(key, work);
    this.next();
  }

  /** Takes a wish back; what has begun goes on. */
  drop(key: Key): void {
    this.waiting.delete(key);
  }

  private next(): void {
    while (this.running < this.most) {
      const last = [...this.waiting].at(-1);
      if (!last) return;
      this.waiting.delete(last[0]);
      this.running += 1;
      void last[1]().finally(() => {
        this.running -= 1;
        this.next();
      });
    }
  }
}
