/**
 * Hands letters that wait to this handset's daemon while the cloud is away, one at a time, of all tabs the one that
 * holds a lock. What it may have the cloud is never asked for: the two are told apart by the letter's state, in one
 * transaction. A daemon that refuses the only question it was ever asked gives the letter back; once an answer was
 * lost it is asked again, and takes whatever comes.
 */

import type { Decision, OwnCard, Standing } from './card.ts';
import type { KeptLetters, Letter } from './kept.ts';
import * as rules from './rules.ts';

export interface Around {
  /** The cloud is not known to be reached. */
  away(): boolean;
  changed(): void;
  /** The account has it. */
  passed(letter: Letter): Promise<void>;
  /** It failed, or may have left. */
  failed(letter: Letter, standing: Standing): void;
}

export class Handing {
  private off: () => void = () => undefined;
  private stopped = true;
  private again = false;
  private looking = false;
  private readonly warned = new Set<string>();
  private shown = '';

  constructor(
    private readonly card: OwnCard,
    private readonly kept: KeptLetters,
    private readonly alone: <T>(work: () => Promise<T>) => Promise<T>,
    private readonly around: Around,
  ) {}

  start(): void {
    this.stopped = false;
    this.off = this.card.watch(() => void this.look());
    void this.look();
  }

  stop(): void {
    this.stopped = true;
    this.off();
  }

  /** Whether it goes this way rather than to a cloud that nobody knows to be there. */
  wants(letter: Letter): boolean {
    return letter.state === 'waiting' && this.around.away() && this.card.takes(letter);
  }

  of(id: string): Standing | undefined {
    return this.card.standing()?.get(id);
  }

  async decide(id: string, decision: Decision): Promise<void> {
    this.warned.delete(id);
    await this.card.decide(id, decision);
  }

  /** Looks at all letters, and once more where something changed meanwhile. */
  async look(): Promise<void> {
    this.again = true;
    if (this.looking) return;
    this.looking = true;
    try {
      while (this.again && !this.stopped) {
        this.again = false;
        await this.alone(() => this.turn()).catch(() => undefined);
      }
    } finally {
      this.looking = false;
    }
  }

  private async turn(): Promise<void> {
    const letters = await this.kept.all();
    for (const letter of letters.sort((one, other) => one.made_ms - other.made_ms)) {
      if (this.stopped) return;
      if (letter.state === 'handed') await this.follow(letter);
      else if (this.wants(letter)) await this.hand(letter);
    }
    this.tell();
  }

  private async hand({ id }: Letter): Promise<void> {
    const { before, after } = await this.kept.change(id, rules.handed);
    if (!after || before === after) return;
    try {
      await this.card.send(after, false);
    } catch (error) {
      if (rules.declined(error)) await this.kept.change(id, rules.handedBack);
    }
    this.around.changed();
  }

  /** One that the daemon does not name is with the account by now, or was never heard of. */
  private async follow(letter: Letter): Promise<void> {
    const all = this.card.standing();
    if (!all) return;
    const known = all.get(letter.id);
    if (!known) {
      const state = await this.card.send(letter, true).catch(() => '');
      if (state === 'kept') await this.around.passed(letter);
    } else if (known.state === 'failed' || known.state === 'unknown') {
      if (!this.warned.has(letter.id)) this.around.failed(letter, known);
      this.warned.add(letter.id);
    }
  }

  /** The app hears of what is another state now. */
  private tell(): void {
    const shown = JSON.stringify([...(this.card.standing() ?? [])]);
    if (shown === this.shown) return;
    this.shown = shown;
    this.around.changed();
  }
}
