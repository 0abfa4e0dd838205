/** The socket to the daemon's gateway: comes back by itself, and holds no more than a bounded number of questions.
    What it says: docs/design/handset.md. */

import { Problem } from '../session/problem.ts';
import type { Address } from './address.ts';

/** What of a WebSocket is used. */
export interface Line {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Listener {
  /** States of capabilities that are new, by their names. */
  states(changed: Readonly<Record<string, unknown>>): void;
  event(of: string, name: string, data: unknown): void;
  /** The daemon is not there any more. */
  lost(): void;
}

export interface Timers {
  set(task: () => void, ms: number): unknown;
  clear(timer: never): void;
}

/** Milliseconds before the next try, the last for as long as it takes. */
export const AGAIN = [300, 1000, 2000, 5000, 15_000, 30_000] as const;
/** Questions that are open at once, as the gateway has it. */
export const MOST = 32;
const MOST_TEXT = 1 << 20;
/** A call that nobody answers ends before; a question that was lost does, too. */
export const PATIENCE_MS = 200_000;

export const TIMERS: Timers = {
  set: (task, ms) => setTimeout(task, ms),
  clear: (timer) => clearTimeout(timer),
};

interface Question {
  done(result: unknown): void;
  fail(error: Problem): void;
  timer: unknown;
}

export class Gateway {
  private line: Line | undefined;
  /** It has told its states: it knows the token. */
  private open = false;
  private tries = 0;
  private stopped = true;
  private timer: unknown;
  private number = 0;
  private readonly questions = new Map<number, Question>();

  constructor(
    private readonly address: Address,
    private readonly listener: Listener,
    private readonly connect: (url: string) => Line = (url) => new WebSocket(url) as Line,
    private readonly timers: Timers = TIMERS,
  ) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.dial();
  }

  stop(): void {
    this.stopped = true;
    this.timers.clear(this.timer as never);
    this.line?.close();
    this.ended();
  }

  /** Rejects with a `Problem`: of the daemon, or `handset-gone`. */
  ask<T>(of: string, method: string, params: object = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!this.open || !this.line) return reject(gone());
      if (this.questions.size >= MOST) return reject(new Problem('too-many-requests', ''));
      const id = ++this.number;
      const end = () => {
        this.questions.delete(id);
        this.timers.clear(timer as never);
      };
      const fail = (error: Problem) => {
        end();
        reject(error);
      };
      const timer = this.timers.set(() => fail(gone()), PATIENCE_MS);
      const done = (result: unknown) => {
        end();
        resolve(result as T);
      };
      this.questions.set(id, { done, fail, timer });
      this.line.send(JSON.stringify({ id, of, method, params }));
    });
  }

  private dial(): void {
    // On loopback, where nobody else listens in: no certificate is made for it.
    const line = this.connect(`ws://127.0.0.1:${this.address.port}`);
    this.line = line;
    line.onopen = () => line.send(JSON.stringify({ token: this.address.token }));
    line.onmessage = ({ data }) => {
      if (this.line === line) this.hear(data);
    };
    line.onclose = () => {
      if (this.line === line) this.ended();
    };
  }

  private ended(): void {
    const was = this.open;
    this.line = undefined;
    this.open = false;
    for (const question of [...this.questions.values()]) question.fail(gone());
    // One that breaks off mostly comes back at once; what was shown stays until the next try.
    if (!was || this.stopped) this.listener.lost();
    if (this.stopped) return;
    const wait = AGAIN[Math.min(this.tries, AGAIN.length - 1)]!;
    this.tries += 1;
    this.timer = this.timers.set(() => this.dial(), wait);
  }

  private hear(data: unknown): void {
    const message = typeof data === 'string' && data.length <= MOST_TEXT ? parsed(data) : undefined;
    if (!message) return this.line?.close();
    if (isObject(message.state)) {
      this.open = true;
      this.tries = 0;
      this.listener.states(message.state);
    } else if (isObject(message.event)) {
      const { of, name, data: news } = message.event;
      if (typeof of === 'string' && typeof name === 'string') this.listener.event(of, name, news);
    } else this.answer(message);
  }

  private answer({ id, result, error }: Record<string, unknown>): void {
    const question = this.questions.get(Number(id));
    if (!question) return;
    if (!isObject(error)) return question.done(result);
    question.fail(new Problem(String(error.code ?? ''), String(error.detail ?? '')));
  }
}

function gone(): Problem {
  return new Problem('handset-gone', '');
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return isObject(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
