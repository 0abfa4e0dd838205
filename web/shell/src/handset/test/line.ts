/** A gateway's socket and its clock, held by the test. */

import type { Line, Timers } from '../gateway.ts';

export class FakeLine implements Line {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: Record<string, unknown>[] = [];
  constructor(readonly url: string) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.onclose?.();
  }

  say(message: unknown): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }

  /** What was asked, without the token. */
  get asked(): Record<string, unknown>[] {
    return this.sent.filter((one) => 'of' in one);
  }
}

export class World {
  readonly lines: FakeLine[] = [];
  waits: { task: () => void; ms: number }[] = [];
  readonly connect = (url: string): Line => {
    const line = new FakeLine(url);
    this.lines.push(line);
    return line;
  };
  readonly timers: Timers = {
    set: (task, ms) => {
      const wait = { task, ms };
      this.waits.push(wait);
      return wait;
    },
    clear: (timer) => {
      this.waits = this.waits.filter((one) => one !== timer);
    },
  };

  get line(): FakeLine {
    return this.lines.at(-1)!;
  }

  /** The line comes up, and says how things are. */
  up(state: object = {}): FakeLine {
    this.line.onopen?.();
    this.line.say({ state });
    return this.line;
  }

  /** The longest wait is over. */
  pass(): number {
    const wait = this.waits.sort((one, other) => one.ms - other.ms).shift()!;
    wait.task();
    return wait.ms;
  }
}
