/** The devices that ask to be let into the vault, as the cloud tells of them: it knows when an ask is over. */

import type { VaultState } from '@pileus/sdk';

type Asks = VaultState['asks'];

export class Asking {
  private reads = 0;
  private some = false;

  constructor(
    private readonly tell: () => Promise<Asks>,
    private readonly show: (asks: Asks) => void,
  ) {}

  /** Shows none where the cloud cannot be asked: nobody could be let in. */
  async read(): Promise<void> {
    const read = ++this.reads;
    const asks = await this.tell().catch(() => undefined);
    if (read !== this.reads) return;
    if (asks) this.some = asks.length > 0;
    this.show(asks ?? []);
  }

  /** Reads once more where one may still wait. */
  async again(): Promise<void> {
    if (this.some) await this.read();
  }
}
