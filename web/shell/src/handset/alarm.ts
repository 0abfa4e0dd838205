/** When a handset that sleeps is to wake by itself. */

export class Alarm {
  /** Milliseconds since 1970; null: not at all. */
  private at: number | null = null;
  /** What the daemon was told of it. */
  private told: number | null = null;
  private can = false;

  constructor(private readonly ask: (at: number | null) => Promise<unknown> | undefined) {}

  set(at: number | null): void {
    this.at = at;
    this.tell();
  }

  /** Whether the device can be woken, as the daemon says; one that is away will have to be told again. */
  see(can: boolean, away = false): void {
    this.can = can;
    if (away) this.told = null;
    this.tell();
  }

  private tell(): void {
    if (!this.can || this.at === this.told) return;
    this.told = this.at;
    void this.ask(this.at)?.catch(() => undefined); // for a moment that is over nobody has to wake
  }
}
