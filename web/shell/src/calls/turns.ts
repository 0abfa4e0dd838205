/** One microphone for calls by a card and calls with accounts: whichever is taken up holds those of the other kind. */

import type { Handset } from '../handset/handset.ts';
import type { HandsetCall } from '../handset/states.ts';
import type { AccountCalls } from './accounts/calls.ts';
import { isAccountCall, shown } from './accounts/states.ts';

/** How far a call has the microphone; one that is held or rings here has it not. */
const HAS: ReadonlyMap<string, number> = new Map([
  ['dialing', 1],
  ['ringing-out', 1],
  ['active', 2],
]);

export class Turns {
  /** How far each call had it. */
  private had: ReadonlyMap<string, number> = new Map();
  /** Held for one that may come to nothing. */
  private held: { call: HandsetCall; by: string } | undefined;

  constructor(
    private readonly handset: Pick<Handset, 'telephony' | 'swap'>,
    private readonly accounts: Pick<AccountCalls, 'value' | 'watch' | 'swap'>,
  ) {}

  start(): () => void {
    const offs = [this.handset.telephony, this.accounts].map((store) => store.watch(() => this.look()));
    return () => {
      for (const off of offs) off();
    };
  }

  private calls(): readonly HandsetCall[] {
    const { value } = this.accounts;
    return [...(this.handset.telephony.value?.calls ?? []), ...(value && !value.over ? [shown(value)] : [])];
  }

  private look(): void {
    const calls = this.calls();
    const { had } = this;
    this.had = new Map(calls.map(({ id, state }) => [id, HAS.get(state) ?? 0]));
    const risen = calls.find(({ id }) => this.had.get(id)! > (had.get(id) ?? 0));
    if (risen) return this.giveWay(risen, calls);
    const { held } = this;
    if (!held) return;
    const by = calls.find(({ id }) => id === held.by);
    if (by && by.state !== 'active') return;
    this.held = undefined;
    if (!by && calls.some(({ id, state }) => id === held.call.id && state === 'held')) this.swap(held.call);
  }

  private giveWay(to: HandsetCall, calls: readonly HandsetCall[]): void {
    if (this.held && (to.id === this.held.by || to.id === this.held.call.id)) this.held = undefined;
    const other = calls.find((call) => call.state === 'active' && isAccountCall(call) !== isAccountCall(to));
    if (!other) return;
    if (to.state !== 'active') this.held = { call: other, by: to.id };
    this.swap(other);
  }

  /** A network that holds nothing keeps its call, and the account's is held. */
  private swap(call: HandsetCall): void {
    if (isAccountCall(call)) return void this.accounts.swap(call.id);
    void this.handset.swap(call.id).catch(() => {
      const { value } = this.accounts;
      if (value?.state === 'active' && !value.over) void this.accounts.swap(value.key);
    });
  }
}
