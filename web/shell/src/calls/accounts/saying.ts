/** What this side of a call tells the other one, in order and in few requests. */

import type { Api } from '../../deps.ts';
import { type Asks, isRefused } from './asks.ts';
import type { AccountCall, Said } from './states.ts';

const MOST_AT_ONCE = 30;

export class Saying {
  private unsaid: Said[] = [];
  private busy = false;

  constructor(
    private readonly api: Pick<Api, 'post'>,
    private readonly asks: Asks,
    private readonly call: () => AccountCall | undefined,
  ) {}

  tell(said: Said): void {
    this.unsaid.push(said);
    void this.say();
  }

  forget(): void {
    this.unsaid = [];
  }

  /** As far as the cloud takes it: a callee says nothing before the answer. Said twice it does no harm. */
  async say(): Promise<void> {
    const call = this.call();
    if (this.busy || !call?.id || call.over || call.state === 'ringing-in' || this.unsaid.length === 0)
      return;
    this.busy = true;
    const signals = this.unsaid.splice(0, MOST_AT_ONCE);
    try {
      await this.api.post(`/calls/${call.id}/signals`, { signals });
    } catch (error) {
      if (this.call()?.key === call.key && !isRefused(error)) {
        this.unsaid.unshift(...signals);
        await this.asks.pause();
      }
    } finally {
      this.busy = false;
    }
    void this.say();
  }
}
